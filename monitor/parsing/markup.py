"""HTML as it comes: bytes to a tree, and a tree or a title to plain text."""

import codecs
import html
import re
from collections.abc import Iterator

from lxml import etree
from lxml.html import HtmlElement, HTMLParser, document_fromstring
from w3lib.encoding import html_to_unicode, read_bom

from monitor.text import clean, clean_line

_TAG = re.compile(r"</?[A-Za-z][^<>]*>")
_SCRIPT = re.compile(r"<(script|style)\b.*?</\1\s*>", re.IGNORECASE | re.DOTALL)
_LONGEST_TITLE = 20_000
_BLANKS = re.compile(r"\s+")
DROPPED = frozenset("head iframe noscript object script style svg template title".split())  # noqa: SIM905
INLINE = frozenset(
    """
    a abbr acronym b bdi bdo big cite code data del dfn em font i img ins kbd label mark q rp rt ruby s samp small span
    strike strong sub sup time tt u var wbr
    """.split()  # noqa: SIM905
)
CELLS = ("td", "th")
_DEEPER = etree.XPath("boolean(descendant::*[count(ancestor::*) > $levels])")


def decode(body: bytes, content_type: str = "") -> str:
    """The text of an HTML page.

    A byte order mark counts most. What decodes as UTF-8 is UTF-8, whatever is declared: text in another encoding
    practically never does, while wrong declarations are common. Then the HTTP header, then what the page declares, with
    gb2312 and gbk read as their superset gb18030, then gb18030 if it fits, at last Windows-1252. Bytes that do not
    decode become U+FFFD.
    """
    if read_bom(body)[0] is None and is_utf8(body):
        return body.decode("utf-8", "ignore")
    try:
        return html_to_unicode(content_type or None, body, "cp1252", _guess)[1]
    except (LookupError, UnicodeError, ValueError):  # Python has codecs that are no charsets: hex, idna, punycode
        return body.decode(_guess(body) or "cp1252", "replace")


def is_utf8(body: bytes) -> bool:
    """True if `body` decodes as UTF-8, its last character possibly cut."""
    return _decodes(body, "utf-8")


def is_mostly_utf8(body: bytes) -> bool:
    """True if `body` decodes as UTF-8 but for some broken characters, a twentieth of those beyond ASCII at most."""
    text = codecs.getincrementaldecoder("utf-8")("replace").decode(body)  # not final, as below
    broken = text.count("\ufffd")
    return not broken or 20 * broken <= sum(not character.isascii() for character in text) - broken


def fits_gb18030(body: bytes) -> bool:
    """True if `body` decodes as GB 18030, its last character possibly cut."""
    return _decodes(body, "gb18030")


def _guess(body: bytes) -> str | None:
    return "gb18030" if fits_gb18030(body) else None


def _decodes(body: bytes, encoding: str) -> bool:
    try:
        codecs.getincrementaldecoder(encoding)().decode(body)  # not final: it may be cut inside a character
    except UnicodeDecodeError:
        return False
    return True


def parse_html(text: str) -> HtmlElement | None:
    """The tree of a page or fragment, None if there is nothing in it.

    What is nested deeper than libxml2 goes (2,048 levels) is left out.
    """
    data = text.replace("\0", "").encode("utf-8", "replace")
    if not data.strip():
        return None
    parser = HTMLParser(encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True)
    try:
        return document_fromstring(data, parser=parser)
    except etree.LxmlError:
        return None


def html_to_text(markup: str) -> str:
    """Plain text of HTML, such as a feed's full text: paragraphs, headings, list items and table rows as lines.

    Links keep their text; images, scripts and styles go.
    """
    tree = parse_html(markup)
    return "" if tree is None else clean("".join(_pieces(tree)))


def element_text(found: HtmlElement | str) -> str:
    """The same of one element, or a text as it is."""
    return found if isinstance(found, str) else clean("".join(_pieces(found)))


def plain_title(markup: str) -> str:
    """One line of plain text from a title in which tags or HTML entities may be left, inert whatever it held."""
    if "<" in markup or "&" in markup:
        markup = html.unescape(_TAG.sub("", _SCRIPT.sub("", markup[:_LONGEST_TITLE])))
    return clean_line(markup)


def _pieces(tree: HtmlElement) -> Iterator[str]:
    walk = etree.iterwalk(tree, events=("start", "end"))
    for event, element in walk:
        tag = element.tag
        if event == "end":
            yield "" if tag in INLINE else " " if tag in CELLS else "\n"
            yield _BLANKS.sub(" ", element.tail or "")
        elif tag in DROPPED:
            walk.skip_subtree()
        else:
            yield "" if tag in INLINE or tag in CELLS else "\n"
            text = element.text or ""
            yield text if tag == "pre" else _BLANKS.sub(" ", text)


def is_deeper(tree: HtmlElement, levels: int) -> bool:
    """True if elements stand inside each other at more than so many levels."""
    return bool(_DEEPER(tree, levels=levels))
