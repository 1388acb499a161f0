"""The reference of monitor.yaml, made of the schema that reads it: what is written there cannot be out of date."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from monitor.config import json_schema

_HEAD = """# Every setting of monitor.yaml

Made by `monitor config reference` of the schema that reads the file; `monitor config schema` prints that schema for
editors. Durations are written 30s, 10m, 6h, 3d, 2w, sizes 500KB, 64MB, 2GB. A misspelt key is an error, told with its
line and the nearest that there is. Secrets come from the environment alone.
"""

_DURATION = re.compile(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?")

Schema = Mapping[str, Any]


def reference() -> str:
    """The reference as Markdown: a table for the file, and one for each kind of thing in it."""
    schema = json.loads(json_schema())
    parts = [_HEAD, *_table("The file", schema)]
    for name, definition in sorted(schema["$defs"].items()):
        if "properties" in definition:
            parts += _table(name, definition)
    return "\n".join(parts)


def _table(name: str, definition: Schema) -> Iterator[str]:
    yield f"## {name}\n"
    if definition.get("description"):
        yield f"{_cell(definition['description'])}\n"
    yield "| key | kind | default | meaning |"
    yield "| --- | --- | --- | --- |"
    required = set(definition.get("required", ()))
    for key, value in definition["properties"].items():
        default = "**needed**" if key in required else _default(value)
        yield f"| `{key}` | {_kind(value)} | {default} | {_cell(value.get('description', ''))} |"
    yield ""


def _kind(value: Schema) -> str:
    """The kind of a value in words; what has a table of its own is linked."""
    several = value.get("anyOf") or value.get("oneOf")
    if several:
        kinds = [_kind(one) for one in several if one.get("type") != "null"]
        return " or ".join(dict.fromkeys(kinds))
    if value.get("type") == "array":
        return f"list of {_kind(value['items'])}" if "items" in value else "list"
    if value.get("type") == "object":
        inner = value.get("additionalProperties")
        return f"mapping to {_kind(inner)}" if isinstance(inner, dict) else "mapping"
    return _single(value)


def _single(value: Schema) -> str:
    """The kind of a value that holds no others."""
    if "$ref" in value:
        name = value["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    if "enum" in value or "const" in value:
        return ", ".join(f"`{one}`" for one in value.get("enum") or [value["const"]])
    if value.get("examples"):
        return "size" if "MB" in str(value["examples"]) else "duration"
    return _WORDS.get(value.get("type", ""), "text")


_WORDS = {"integer": "whole number", "number": "number", "boolean": "true or false"}


def _default(value: Schema) -> str:
    if "default" not in value:
        return ""
    default = value["default"]
    if default is None or default in ("", [], {}):
        return "–"
    if isinstance(default, dict):
        return "see there"
    if isinstance(default, str) and (found := _DURATION.fullmatch(default)):
        units = zip(found.groups(), "dhms", strict=True)
        return f"`{''.join(f'{float(number):g}{unit}' for number, unit in units if number)}`"
    return f"`{json.dumps(default, ensure_ascii=False)}`"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
