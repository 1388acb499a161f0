"""The smallest blocks that Slack takes, to be made larger or broken by tests of the stand-in's checks."""

from typing import Any

Json = dict[str, Any]


def plain(length: int) -> Json:
    return {"type": "plain_text", "text": "x" * length}


def mrkdwn(length: int) -> Json:
    return {"type": "mrkdwn", "text": "x" * length}


def url(length: int) -> str:
    return "https://".ljust(length, "x")


def many(number: int, make: Any) -> list[Any]:
    return [make(i) for i in range(number)]


def header(**more: Any) -> Json:
    return {"type": "header", "text": plain(1), **more}


def section(**more: Any) -> Json:
    return {"type": "section", "text": mrkdwn(1), **more}


def image(**more: Any) -> Json:
    return {"type": "image", "image_url": "https://x", "alt_text": "x", **more}


def context(*elements: Any) -> Json:
    return {"type": "context", "elements": list(elements)}


def actions(*elements: Any) -> Json:
    return {"type": "actions", "elements": list(elements)}


def button(**more: Any) -> Json:
    return {"type": "button", "text": plain(1), **more}


def confirming(**more: Any) -> Json:
    """A button that asks whether one is sure."""
    return actions(
        button(confirm={"title": plain(1), "text": mrkdwn(1), "confirm": plain(1), "deny": plain(1), **more})
    )


def option(**more: Any) -> Json:
    return {"text": plain(1), "value": "x", **more}


def options(number: int) -> list[Json]:
    return many(number, lambda i: option(value=str(i)))


def overflow(*entries: Any, **more: Any) -> Json:
    return {"type": "overflow", "options": list(entries), **more}


def select(**more: Any) -> Json:
    return {"type": "static_select", "placeholder": plain(1), **more}


def grouped(*groups: Any) -> Json:
    return actions(select(option_groups=list(groups)))


def group(**more: Any) -> Json:
    return {"label": plain(1), "options": options(1), **more}


def rich(*elements: Any) -> Json:
    return {"type": "rich_text", "elements": list(elements)}


def run(*elements: Any) -> Json:
    return {"type": "rich_text_section", "elements": list(elements)}


def bullets(*elements: Any, **more: Any) -> Json:
    return {"type": "rich_text_list", "style": "bullet", "elements": list(elements), **more}


def text(**more: Any) -> Json:
    return {"type": "text", "text": "x", **more}
