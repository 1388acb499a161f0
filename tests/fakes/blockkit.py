"""What Slack checks in blocks, and what a reader sees of them. Limits are Slack's own; each check cites the page.

Lengths count UTF-16 units: Slack says "characters", this is the strictest reading. Types of block that no message of
this product has (input, video, table, …) are refused like unknown ones.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any

MAX_BLOCKS = 50  # https://docs.slack.dev/reference/block-kit/blocks
MAX_TOTAL = 13_000  # not documented; seen as msg_blocks_too_long in https://github.com/slackapi/bolt-js/issues/2509

Problems = Iterator[str]


def length(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def problems(blocks: object) -> list[str]:
    """Everything that is wrong with a message's blocks, in the manner of Slack's `response_metadata.messages`."""
    if not isinstance(blocks, list):
        return ["[ERROR] expected an array [json-pointer:/blocks]"]
    found = [] if len(blocks) <= MAX_BLOCKS else [f"[ERROR] no more than {MAX_BLOCKS} items allowed [/blocks]"]
    for i, block in enumerate(blocks):
        found += [f"[ERROR] {p}" for p in _block(block, f"/blocks/{i}")]
    ids = [b["block_id"] for b in blocks if isinstance(b, dict) and "block_id" in b]
    if len(set(ids)) < len(ids):
        found.append("[ERROR] block_id must be unique [/blocks]")
    return found


def total(blocks: list[Any]) -> int:
    """Characters of all texts and addresses of a message."""
    return sum(length(s) for s in _strings(blocks))


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, inner in value.items():
            if key != "type":
                yield from _strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _strings(inner)


def _block(block: Any, at: str) -> Problems:
    kind = block.get("type") if isinstance(block, dict) else None
    check = _BLOCKS.get(kind) if isinstance(kind, str) else None
    if check is None:
        yield f"unsupported type: {kind} [{at}/type]"
        return
    yield from _string(block, "block_id", at, 255, required=False)
    yield from check(block, at)


def _keys(value: Any, at: str, required: str, optional: str = "") -> Problems:
    if not isinstance(value, dict):
        yield f"expected an object [{at}]"
        return
    known = {"type", *required.split(), *optional.split()}
    yield from (f"missing required field: {key} [{at}]" for key in required.split() if key not in value)
    yield from (f"invalid additional property: {key} [{at}]" for key in value if key not in known)


def _string(value: dict[str, Any], key: str, at: str, limit: int, *, required: bool = True) -> Problems:
    text = value.get(key)
    if text is None and not required:
        return
    if not isinstance(text, str) or not text:
        yield f"must be a text of at least 1 character [{at}/{key}]"
    elif length(text) > limit:
        yield f"must be less than {limit + 1} characters [{at}/{key}]"


def _items(value: dict[str, Any], key: str, at: str, limit: int) -> Iterator[tuple[Any, str]]:
    """The entries of a list; a wrong list gives one entry that no check passes."""
    items = value.get(key)
    if not isinstance(items, list) or not 1 <= len(items) <= limit:
        yield None, f"{at}/{key} (1 to {limit} items)"
        return
    for i, item in enumerate(items):
        yield item, f"{at}/{key}/{i}"


def _text(value: Any, at: str, limit: int, kinds: tuple[str, ...] = ("plain_text", "mrkdwn")) -> Problems:
    """https://docs.slack.dev/reference/block-kit/composition-objects/text-object"""
    kind = value.get("type") if isinstance(value, dict) else None
    if kind not in kinds:
        yield f"expected {' or '.join(kinds)}, got {kind} [{at}]"
        return
    yield from _keys(value, at, "text", "emoji" if kind == "plain_text" else "verbatim")
    yield from _string(value, "text", at, min(limit, 3000))


def _header(block: dict[str, Any], at: str) -> Problems:
    """https://docs.slack.dev/reference/block-kit/blocks/header-block"""
    yield from _keys(block, at, "text", "block_id")
    yield from _text(block.get("text"), f"{at}/text", 150, ("plain_text",))


def _section(block: dict[str, Any], at: str) -> Problems:
    """https://docs.slack.dev/reference/block-kit/blocks/section-block"""
    yield from _keys(block, at, "", "text fields accessory block_id expand")
    if "text" not in block and "fields" not in block:
        yield f"text or fields is required [{at}]"
    if "text" in block:
        yield from _text(block["text"], f"{at}/text", 3000)
    if "fields" in block:
        for field, where in _items(block, "fields", at, 10):
            yield from _text(field, where, 2000)
    if "accessory" in block:
        yield from _element(block["accessory"], f"{at}/accessory")


def _context(block: dict[str, Any], at: str) -> Problems:
    """https://docs.slack.dev/reference/block-kit/blocks/context-block"""
    yield from _keys(block, at, "elements", "block_id")
    for element, where in _items(block, "elements", at, 10):
        if isinstance(element, dict) and element.get("type") == "image":
            yield from _image(element, where)
        else:
            yield from _text(element, where, 3000)


def _divider(block: dict[str, Any], at: str) -> Problems:
    """https://docs.slack.dev/reference/block-kit/blocks/divider-block"""
    yield from _keys(block, at, "", "block_id")


def _image(block: dict[str, Any], at: str) -> Problems:
    """https://docs.slack.dev/reference/block-kit/blocks/image-block"""
    yield from _keys(block, at, "image_url alt_text", "title block_id")
    yield from _string(block, "image_url", at, 3000)
    yield from _string(block, "alt_text", at, 2000)
    if "title" in block:
        yield from _text(block["title"], f"{at}/title", 2000, ("plain_text",))


def _actions(block: dict[str, Any], at: str) -> Problems:
    """https://docs.slack.dev/reference/block-kit/blocks/actions-block"""
    yield from _keys(block, at, "elements", "block_id")
    for element, where in _items(block, "elements", at, 25):
        yield from _element(element, where)
    elements = block["elements"] if isinstance(block.get("elements"), list) else []
    names = [element["action_id"] for element in elements if isinstance(element, dict) and "action_id" in element]
    if len(set(map(str, names))) < len(names):
        yield f"action_id must be unique [{at}/elements]"


def _element(element: Any, at: str) -> Problems:
    """https://docs.slack.dev/reference/block-kit/block-elements/button-element"""
    kind = element.get("type") if isinstance(element, dict) else None
    if kind == "image":
        yield from _image(element, at)
    elif kind != "button":
        yield f"unsupported type: {kind} [{at}/type]"
    else:
        yield from _keys(element, at, "text", "action_id url value style confirm accessibility_label")
        yield from _text(element.get("text"), f"{at}/text", 75, ("plain_text",))
        for key, limit in (("action_id", 255), ("url", 3000), ("value", 2000), ("accessibility_label", 75)):
            yield from _string(element, key, at, limit, required=False)
        if element.get("style", "primary") not in ("primary", "danger"):
            yield f"must be primary or danger [{at}/style]"


def _rich_text(block: dict[str, Any], at: str) -> Problems:
    """https://docs.slack.dev/reference/block-kit/blocks/rich-text-block"""
    yield from _keys(block, at, "elements", "block_id")
    for element, where in _items(block, "elements", at, 100):
        yield from _rich_object(element, where)


def _rich_object(element: Any, at: str) -> Problems:
    kind = element.get("type") if isinstance(element, dict) else None
    if kind == "rich_text_list":
        yield from _keys(element, at, "elements style", "indent offset border")
        for item, where in _items(element, "elements", at, 100):
            yield from _rich_object(item, where)
    elif kind in ("rich_text_section", "rich_text_quote", "rich_text_preformatted"):
        yield from _keys(element, at, "elements", "" if kind == "rich_text_section" else "border")
        for item, where in _items(element, "elements", at, 1000):
            yield from _rich_element(item, where)
    else:
        yield f"unsupported type: {kind} [{at}/type]"


_RICH = {  # required and optional keys of what may stand in a section
    "text": ("text", "style"),
    "link": ("url", "text style unsafe"),
    "emoji": ("name", "unicode skin_tone style"),
    "date": ("timestamp format", "url fallback style"),
    "user": ("user_id", "style"),
    "usergroup": ("usergroup_id", "style"),
    "channel": ("channel_id", "style"),
    "team": ("team_id", "style"),
    "broadcast": ("range", "style"),
    "color": ("value", "style"),
}


def _rich_element(element: Any, at: str) -> Problems:
    kind = element.get("type") if isinstance(element, dict) else None
    if kind not in _RICH:
        yield f"unsupported type: {kind} [{at}/type]"
        return
    yield from _keys(element, at, *_RICH[kind])
    yield from _string(element, "text", at, MAX_TOTAL, required=kind == "text")
    yield from _string(element, "url", at, 3000, required=kind == "link")
    if kind == "link" and not re.match(r"(https?|mailto|tel):", str(element.get("url"))):
        yield f"must be an address [{at}/url]"
    yield from _keys(element.get("style", {}), f"{at}/style", "", "bold italic strike code underline highlight unlink")


_BLOCKS: dict[str, Callable[[dict[str, Any], str], Problems]] = {
    "header": _header,
    "section": _section,
    "context": _context,
    "divider": _divider,
    "image": _image,
    "actions": _actions,
    "rich_text": _rich_text,
}

# --- what a reader gets: https://docs.slack.dev/messaging/formatting-message-text

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
            look = " ".join(f"[{e['text']['text']}]" for e in block["elements"])
        case "rich_text":
            look = "\n".join(_rich_shown(e) for e in block["elements"])
        case other:
            look = f"--- {other}"
    return look


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
