"""Adding to monitor.yaml without touching what the user wrote: his comments and order stay."""

import os
from pathlib import Path

import yaml

from monitor.config import parse
from monitor.errors import ConfigError
from monitor.settings import Source


def add_source(path: Path, source: Source) -> None:
    """Append a source to the list `sources`; the file is replaced whole, and only by one that is valid.

    Raises:
        ConfigError: when the list is not written one item a line, or the source's name is taken.
    """
    text = path.read_text(encoding="utf-8")
    node = yaml.compose(text, Loader=yaml.SafeLoader)
    pairs = node.value if isinstance(node, yaml.MappingNode) else []
    listed = next((value for key, value in pairs if key.value == "sources"), None)
    if not isinstance(listed, yaml.SequenceNode) or listed.flow_style:
        raise ConfigError([f"{path}: `sources` is not written as one item a line: add the source there by hand"])
    lines = text.splitlines(keepends=True)
    end = _last_line(listed) + 1
    dash = lines[listed.value[0].start_mark.line].index("-")
    lines.insert(end, _written(source, " " * dash))
    if not lines[end - 1].endswith("\n"):
        lines[end - 1] += "\n"
    changed = "".join(lines)
    parse(changed, path)
    beside = path.with_name(f".{path.name}.new")
    beside.write_text(changed, encoding="utf-8")
    os.replace(beside, path)  # noqa: PTH105 - atomic, and says so


def _last_line(listed: yaml.SequenceNode) -> int:
    """The line (from 0) on which the last item ends, not counting blank lines and comments after it."""
    node: yaml.Node = listed
    while isinstance(node, yaml.CollectionNode) and node.value and not node.flow_style:
        last = node.value[-1]
        node = last[1] if isinstance(last, tuple) else last
    mark = node.end_mark
    return int(mark.line if mark.column else max(node.start_mark.line, mark.line - 1))


def _written(source: Source, indent: str) -> str:
    values = source.model_dump(mode="json", exclude_defaults=True, by_alias=True)
    ordered = {key: values.pop(key) for key in ("name", "title", "kind", "url") if key in values} | values
    body = yaml.safe_dump(ordered, allow_unicode=True, sort_keys=False, width=10_000)
    first, *rest = body.splitlines()
    return "".join(f"{indent}{line}\n" for line in [f"- {first}", *(f"  {line}" for line in rest)])
