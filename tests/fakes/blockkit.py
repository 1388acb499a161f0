"""What Slack checks in blocks. Limits are Slack's own; each check cites the page.

Lengths count UTF-16 units: Slack says "characters", this is the strictest reading. Types of block and of element that
no message of this product has or may soon have (input, video, table, date pickers, …) are refused like unknown ones.
What a reader sees of blocks is in `mrkdwn`, and can be had from here too.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any

from tests.fakes.mrkdwn import reach, shown, tokens

__all__ = ["MAX_BLOCKS", "MAX_TOTAL", "Problems", "length", "problems", "reach", "shown", "tokens", "total"]

MAX_BLOCKS = 50  # https://docs.slack.dev/reference/block-kit/blocks
MAX_TOTAL = 13_000  # not documented; seen as msg_blocks_too_long in https://github.com/slackapi/bolt-js/issues/2509

MAX_RICH = 1000  # entries of a list in rich text: Slack names no limit, this only stops what is surely a mistake

Problems = Iterator[str]
Check = Callable[[dict[str, Any], str], Problems]


def length(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def problems(blocks: object) -> list[str]:
    """Everything that is wrong with a message's blocks, in the manner of Slack's `response_metadata.messages`."""
    if not isinstance(blocks, list):
        return ["[ERROR] expected an array [json-pointer:/blocks]"]
    found = [] if len(blocks) <= MAX_BLOCKS else [f"[ERROR] no more than {MAX_BLOCKS} items allowed [/blocks]"]
    for i, block in enumerate(blocks):
        found += [f"[ERROR] {p}" for p in _block(block, f"/blocks/{i}")]
    return found + [f"[ERROR] {p}" for p in _unique(blocks, "block_id", "/blocks")]


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


def _address(value: dict[str, Any], key: str, at: str, schemes: str, *, required: bool = False) -> Problems:
    yield from _string(value, key, at, 3000, required=required)
    if isinstance(value.get(key), str) and not re.match(rf"(?:{schemes}):.", value[key]):
        yield f"must be an address [{at}/{key}]"


def _choice(value: dict[str, Any], key: str, at: str, *allowed: Any) -> Problems:
    """One of `allowed`, if it is there at all; true is not 1."""
    if key in value and not any(type(value[key]) is type(a) and value[key] == a for a in allowed):
        yield f"must be {' or '.join(map(str, allowed))} [{at}/{key}]"


def _unique(items: list[Any], key: str, at: str) -> Problems:
    names = [str(item[key]) for item in items if isinstance(item, dict) and item.get(key) is not None]
    if len(set(names)) < len(names):
        yield f"{key} must be unique [{at}]"


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
    switch = "emoji" if kind == "plain_text" else "verbatim"
    yield from _keys(value, at, "text", switch)
    yield from _string(value, "text", at, min(limit, 3000))
    yield from _choice(value, switch, at, True, False)


def _plain_text(value: Any, at: str, limit: int) -> Problems:
    yield from _text(value, at, limit, ("plain_text",))


def _confirm(value: Any, at: str) -> Problems:
    """https://docs.slack.dev/reference/block-kit/composition-objects/confirmation-dialog-object

    Its table allows plain_text alone for `text`, its example has mrkdwn there; both are taken.
    """
    yield from _keys(value, at, "title text confirm deny", "style")
    if isinstance(value, dict):
        yield from _plain_text(value.get("title"), f"{at}/title", 100)
        yield from _text(value.get("text"), f"{at}/text", 300)
        yield from _plain_text(value.get("confirm"), f"{at}/confirm", 30)
        yield from _plain_text(value.get("deny"), f"{at}/deny", 30)
        yield from _choice(value, "style", at, "primary", "danger")


def _option(value: Any, at: str, *, linked: bool) -> Problems:
    """https://docs.slack.dev/reference/block-kit/composition-objects/option-object: `url` in overflow menus only."""
    yield from _keys(value, at, "text value", "description url" if linked else "description")
    if isinstance(value, dict):
        yield from _plain_text(value.get("text"), f"{at}/text", 75)
        yield from _string(value, "value", at, 150)
        if "description" in value:
            yield from _plain_text(value["description"], f"{at}/description", 75)
        yield from _address(value, "url", at, _ANY)


def _options(value: dict[str, Any], at: str, limit: int, *, linked: bool = False) -> Problems:
    for option, where in _items(value, "options", at, limit):
        yield from _option(option, where, linked=linked)
    if isinstance(value.get("options"), list):
        yield from _unique(value["options"], "value", f"{at}/options")


def _option_group(value: Any, at: str) -> Problems:
    """https://docs.slack.dev/reference/block-kit/composition-objects/option-group-object"""
    yield from _keys(value, at, "label options")
    if isinstance(value, dict):
        yield from _plain_text(value.get("label"), f"{at}/label", 75)
        yield from _options(value, at, 100)


def _header(block: dict[str, Any], at: str) -> Problems:
    """https://docs.slack.dev/reference/block-kit/blocks/header-block"""
    yield from _keys(block, at, "text", "block_id")
    yield from _plain_text(block.get("text"), f"{at}/text", 150)


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
        yield from _element(block["accessory"], f"{at}/accessory", {**_INTERACTIVE, "image": _image_element})
    yield from _choice(block, "expand", at, True, False)


def _context(block: dict[str, Any], at: str) -> Problems:
    """https://docs.slack.dev/reference/block-kit/blocks/context-block"""
    yield from _keys(block, at, "elements", "block_id")
    for element, where in _items(block, "elements", at, 10):
        if isinstance(element, dict) and element.get("type") == "image":
            yield from _image_element(element, where)
        else:
            yield from _text(element, where, 3000)


def _divider(block: dict[str, Any], at: str) -> Problems:
    """https://docs.slack.dev/reference/block-kit/blocks/divider-block"""
    yield from _keys(block, at, "", "block_id")


def _image(block: dict[str, Any], at: str) -> Problems:
    """https://docs.slack.dev/reference/block-kit/blocks/image-block"""
    yield from _keys(block, at, "alt_text", "image_url slack_file title block_id")
    yield from _picture(block, at)
    if "title" in block:
        yield from _plain_text(block["title"], f"{at}/title", 2000)


def _image_element(element: dict[str, Any], at: str) -> Problems:
    """https://docs.slack.dev/reference/block-kit/block-elements/image-element: an image block less title and ID."""
    yield from _keys(element, at, "alt_text", "image_url slack_file")
    yield from _picture(element, at)


def _picture(value: dict[str, Any], at: str) -> Problems:
    """Either an address or https://docs.slack.dev/reference/block-kit/composition-objects/slack-file-object"""
    yield from _string(value, "alt_text", at, 2000)
    yield from _either(value, at, "image_url", "slack_file")
    yield from _address(value, "image_url", at, "https?")
    if "slack_file" in value:
        file, where = value["slack_file"], f"{at}/slack_file"
        yield from _keys(file, where, "", "id url")
        if isinstance(file, dict):
            yield from _either(file, where, "id", "url")
            yield from _string(file, "id", where, MAX_TOTAL, required=False)
            yield from _address(file, "url", where, "https?")


def _either(value: dict[str, Any], at: str, *keys: str) -> Problems:
    if sum(key in value for key in keys) != 1:
        yield f"exactly one of {' and '.join(keys)} is required [{at}]"


def _actions(block: dict[str, Any], at: str) -> Problems:
    """https://docs.slack.dev/reference/block-kit/blocks/actions-block; action_id: unique in the block, not beyond."""
    yield from _keys(block, at, "elements", "block_id")
    for element, where in _items(block, "elements", at, 25):
        yield from _element(element, where, _INTERACTIVE)
    if isinstance(block.get("elements"), list):
        yield from _unique(block["elements"], "action_id", f"{at}/elements")


def _element(element: Any, at: str, kinds: dict[str, Check]) -> Problems:
    kind = element.get("type") if isinstance(element, dict) else None
    check = kinds.get(kind) if isinstance(kind, str) else None
    if check is None:
        yield f"unsupported type: {kind} [{at}/type]"
        return
    yield from _string(element, "action_id", at, 255, required=False)
    if "confirm" in element:
        yield from _confirm(element["confirm"], f"{at}/confirm")
    yield from check(element, at)


def _button(element: dict[str, Any], at: str) -> Problems:
    """https://docs.slack.dev/reference/block-kit/block-elements/button-element"""
    yield from _keys(element, at, "text", "action_id url value style confirm accessibility_label")
    yield from _plain_text(element.get("text"), f"{at}/text", 75)
    yield from _address(element, "url", at, _ANY)
    yield from _string(element, "value", at, 2000, required=False)
    yield from _string(element, "accessibility_label", at, 75, required=False)
    yield from _choice(element, "style", at, "primary", "danger")


def _overflow(element: dict[str, Any], at: str) -> Problems:
    """https://docs.slack.dev/reference/block-kit/block-elements/overflow-menu-element: up to 5 (once 2 at least)."""
    yield from _keys(element, at, "options", "action_id confirm")
    yield from _options(element, at, 5, linked=True)


def _static_select(element: dict[str, Any], at: str) -> Problems:
    """https://docs.slack.dev/reference/block-kit/block-elements/select-menu-element#static_select"""
    yield from _keys(
        element, at, "", "action_id options option_groups initial_option confirm focus_on_load placeholder"
    )
    yield from _either(element, at, "options", "option_groups")
    choices: list[Any] = []
    if "options" in element:
        yield from _options(element, at, 100)
        choices.append(element)
    if "option_groups" in element:
        for group, where in _items(element, "option_groups", at, 100):
            yield from _option_group(group, where)
            choices.append(group)
    listed = [c["options"] for c in choices if isinstance(c, dict) and isinstance(c.get("options"), list)]
    if "initial_option" in element and not any(element["initial_option"] in options for options in listed):
        yield f"must be one of the options [{at}/initial_option]"
    if "placeholder" in element:
        yield from _plain_text(element["placeholder"], f"{at}/placeholder", 150)
    yield from _choice(element, "focus_on_load", at, True, False)


_ANY = "[A-Za-z][A-Za-z0-9+.-]*"  # what opens in a reader's browser or in another program
_INTERACTIVE: dict[str, Check] = {"button": _button, "overflow": _overflow, "static_select": _static_select}


def _rich_text(block: dict[str, Any], at: str) -> Problems:
    """https://docs.slack.dev/reference/block-kit/blocks/rich-text-block"""
    yield from _keys(block, at, "elements", "block_id")
    for element, where in _items(block, "elements", at, MAX_RICH):
        yield from _rich_object(element, where)


def _rich_object(element: Any, at: str) -> Problems:
    """The pages rich-text-list-element, …-section-…, …-quote-… and …-preformatted-… beside the one below.

    https://docs.slack.dev/reference/block-kit/block-elements/rich-text-list-element; indent and border:
    https://docs.slack.dev/tools/node-slack-sdk/reference/types/interfaces/RichTextList
    """
    kind = element.get("type") if isinstance(element, dict) else None
    keys = _RICH_OBJECTS.get(kind) if isinstance(kind, str) else None
    if keys is None:
        yield f"unsupported type: {kind} [{at}/type]"
        return
    yield from _keys(element, at, *keys)
    yield from _choice(element, "border", at, 0, 1)
    yield from _choice(element, "style", at, "bullet", "ordered")
    yield from _choice(element, "indent", at, *range(9))
    for item, where in _items(element, "elements", at, MAX_RICH):
        inner = item.get("type") if isinstance(item, dict) else None
        if kind == "rich_text_list":
            yield from _rich_object(item, where) if inner == "rich_text_section" else [f"no list item [{where}]"]
        elif kind == "rich_text_preformatted" and inner not in ("text", "link"):
            yield f"unsupported type: {inner} [{where}/type]"
        else:
            yield from _rich_element(item, where)


_RICH_OBJECTS = {  # required and optional keys
    "rich_text_section": ("elements", ""),
    "rich_text_list": ("elements style", "indent offset border"),
    "rich_text_quote": ("elements", "border"),
    "rich_text_preformatted": ("elements", "border language"),
}


_RICH = {  # required and optional keys of what may stand in a section
    "text": ("text", "style"),
    "link": ("url", "text style unsafe from_llm is_slack_url truncated"),
    "emoji": ("name", "unicode skin_tone style"),
    "date": ("timestamp format", "timezone url fallback style"),
    "user": ("user_id", "style"),
    "usergroup": ("usergroup_id", "style"),
    "channel": ("channel_id", "style"),
    "team": ("team_id", "style"),
    "broadcast": ("range", "style"),
    "color": ("value", "style"),
}


_STYLES = "bold italic strike code underline highlight client_highlight unlink"


def _rich_element(element: Any, at: str) -> Problems:
    """https://docs.slack.dev/reference/block-kit/block-elements/link-element and the pages of the other kinds"""
    kind = element.get("type") if isinstance(element, dict) else None
    if not isinstance(kind, str) or kind not in _RICH:
        yield f"unsupported type: {kind} [{at}/type]"
        return
    required, optional = _RICH[kind]
    yield from _keys(element, at, required, optional)
    for key in {*required.split(), "text"} - {"timestamp", "url"}:
        yield from _string(element, key, at, MAX_TOTAL, required=key in required.split())
    yield from _address(element, "url", at, "https?|mailto|tel", required=kind == "link")
    if kind == "date" and type(element.get("timestamp")) is not int:
        yield f"must be a number of seconds [{at}/timestamp]"
    if kind == "broadcast":
        yield from _choice(element, "range", at, "here", "channel", "everyone")
    style = element.get("style", {})
    yield from _keys(style, f"{at}/style", "", _STYLES)
    if isinstance(style, dict):
        for key in style:
            yield from _choice(style, key, f"{at}/style", True, False)


_BLOCKS: dict[str, Check] = {
    "header": _header,
    "section": _section,
    "context": _context,
    "divider": _divider,
    "image": _image,
    "actions": _actions,
    "rich_text": _rich_text,
}
