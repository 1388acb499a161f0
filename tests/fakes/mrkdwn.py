"""What a reader gets of texts and blocks: https://docs.slack.dev/messaging/formatting-message-text"""

import re
from collections.abc import Iterator
from typing import Any

_TOKEN = re.compile(r"<([^<>]*)>")
_AUTOMATIC = re.compile(r"@(?:here|channel|everyone)\b|https?://[^\s<>|]+")


def tokens(text: str, *, automatic: bool) -> Iterator[tuple[str, str]]:
    """What mrkdwn makes of `text` beside formatting: pairs of `ping` or `link`, and what it is.

    `automatic`: not `verbatim`, so that Slack also makes mentions and links out of plain words.
    """
    for inside in _TOKEN.findall(text):
        target = inside.partition("|")[0]
        if target.startswith("!date^"):
            yield from (("link", link) for link in target.split("^")[3:])
        else:
            yield ("ping" if target[:1] in ("!", "@", "#") else "link"), target
    if automatic:
        for word in _AUTOMATIC.findall(_TOKEN.sub("", text)):
            yield ("ping" if word.startswith("@") else "link"), word


def reach(value: Any) -> Iterator[tuple[str, str]]:
    """All pings and links of blocks, wherever they are."""
    if isinstance(value, list):
        for inner in value:
            yield from reach(inner)
    if not isinstance(value, dict):
        return
    kind = value.get("type")
    if kind == "mrkdwn":
        yield from tokens(value["text"], automatic=not value.get("verbatim", False))
    elif kind in ("user", "usergroup", "broadcast", "channel", "team"):
        yield "ping", str(next(v for k, v in value.items() if k not in ("type", "style")))
    elif "url" in value:
        yield "link", value["url"]
    for key, inner in value.items():
        if key != "type":
            yield from reach(inner)


def shown(block: dict[str, Any]) -> str:
    """A block roughly as it looks, bold between asterisks."""
    match block["type"]:
        case "header":
            look = f"# {block['text']['text']}"
        case "section":
            texts = [block["text"]] if "text" in block else []
            look = "\n".join(_plain(t).replace("\n", ": ") for t in texts + block.get("fields", []))
        case "context":
            look = " · ".join(_plain(e) for e in block["elements"] if e["type"] != "image")
        case "actions":
            look = " ".join(f"[{_caption(e)}]" for e in block["elements"])
        case "rich_text":
            look = "\n".join(_rich_shown(e) for e in block["elements"])
        case other:
            look = f"--- {other}"
    return look


def _caption(element: dict[str, Any]) -> str:
    """What stands on a button or a closed menu."""
    return str((element.get("text") or element.get("placeholder") or {"text": "…"})["text"])


def _plain(text: dict[str, Any]) -> str:
    """A text object's words, tokens replaced by their labels."""
    if text["type"] == "plain_text":
        return str(text["text"])
    words = _TOKEN.sub(lambda m: m[1].rpartition("|")[2], text["text"])
    return words.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _rich_shown(element: dict[str, Any]) -> str:
    if element["type"] == "rich_text_list":
        return "\n".join(f"- {_rich_shown(e)}" for e in element["elements"])
    words = []
    for part in element["elements"]:
        text = str(part.get("text") or part.get("url") or part.get("fallback") or f"@{part['type']}")
        words.append(f"*{text}*" if part.get("style", {}).get("bold") else text)
        if part["type"] == "link":
            words.append(f" <{part['url']}>")
    return ("> " if element["type"] == "rich_text_quote" else "") + "".join(words)
