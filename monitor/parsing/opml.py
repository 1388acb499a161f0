"""Lists of feeds in OPML (http://opml.org/spec2.opml), as feed readers exchange them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime

from lxml import etree

from monitor.errors import ParseError
from monitor.settings import Source


@dataclass(frozen=True, slots=True)
class OpmlFeed:
    """One feed of a list; `folder` is the name of the outline it stands in."""

    title: str
    url: str
    folder: str = ""


def read_opml(body: bytes, place: str) -> tuple[OpmlFeed, ...]:
    """The feeds of a list in its order, each address once; `place` is named in errors. No entity is expanded.

    Raises:
        ParseError: when it is no OPML.
    """
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
    try:
        root = etree.fromstring(body, parser)
    except etree.XMLSyntaxError as error:
        raise ParseError(f"{place}:{error.lineno}: is no OPML: {error.msg}") from error
    if root.tag.lower() != "opml":
        raise ParseError(f"{place}: is no OPML: its first element is <{root.tag}>")
    found: dict[str, OpmlFeed] = {}
    for outline in root.iter("outline"):
        said = {str(name).lower(): str(value).strip() for name, value in outline.attrib.items()}
        if url := said.get("xmlurl", ""):
            parent = outline.getparent()
            folder = (parent.get("text") or parent.get("title") or "") if parent is not None else ""
            found.setdefault(url, OpmlFeed(said.get("title") or said.get("text", ""), url, folder))
    return tuple(found.values())


def write_opml(sources: Sequence[Source], title: str, at: datetime) -> bytes:
    """A list of the feeds among `sources`; other kinds mean nothing to feed readers and are left out."""
    root = etree.Element("opml", version="2.0")
    head = etree.SubElement(root, "head")
    etree.SubElement(head, "title").text = title
    etree.SubElement(head, "dateCreated").text = format_datetime(at)
    body = etree.SubElement(root, "body")
    for source in sources:
        if source.kind == "feed":
            name = source.title or source.name
            etree.SubElement(body, "outline", type="rss", text=name, title=name, xmlUrl=source.url)
    return bytes(etree.tostring(root, xml_declaration=True, encoding="utf-8", pretty_print=True))
