"""YAML with the line of every value, so that an error can say where."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from monitor.errors import ConfigError

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Located:
    """What a YAML file holds: `data` of plain values (sequences as tuples), `lines` from path to line (from 1)."""

    file: str
    data: Any
    lines: dict[Path, int] = field(default_factory=dict)

    def line(self, path: Path) -> int:
        """The line of a value, or of the nearest thing around it that stands in the file."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)

    def known(self, location: Path) -> Path:
        """`location` without the steps that are not in the file (pydantic names the members of a union in between)."""
        path: Path = ()
        for step in location:
            if (*path, step) in self.lines:
                path = (*path, step)
        return path

    def problem(self, path: Path, message: str) -> str:
        """`file:line: path: message`."""
        return f"{self.file}:{self.line(path)}: {dotted(path)}{': ' if path else ''}{message}"


def dotted(path: Path) -> str:
    """`companies[2].aliases` for ("companies", 2, "aliases")."""
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path).lstrip(".")


def read_yaml(text: str, file: str) -> Located:
    """Read YAML; numbers, truth values and nulls are told from texts, dates are not (they stay texts).

    Raises:
        ConfigError: with file and line when it is no YAML, uses a key twice, or uses what configuration has no need of.
    """
    try:
        root = yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        raise ConfigError([f"{file}:{line}: this is no YAML: {error.problem or error.context}"]) from error
    except (yaml.YAMLError, ValueError) as error:
        raise ConfigError([f"{file}:1: this is no YAML: {error}"]) from error
    located = Located(file, None)
    problems: list[str] = []
    data = _value(root, (), located, problems, frozenset()) if root is not None else None
    if problems:
        raise ConfigError(problems)
    return Located(file, data, located.lines)


class _Loader(yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader):  # type: ignore[misc]
    yaml_implicit_resolvers = {  # noqa: RUF012 - PyYAML's own form
        first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


def _value(node: yaml.Node, path: Path, located: Located, problems: list[str], within: frozenset[int]) -> Any:
    located.lines[path] = node.start_mark.line + 1
    if id(node) in within:
        problems.append(located.problem(path, "this refers to something that holds it"))
        return None
    within |= {id(node)}
    if isinstance(node, yaml.MappingNode):
        return dict(_pairs(node, path, located, problems, within))
    if isinstance(node, yaml.SequenceNode):
        return tuple(_value(item, (*path, i), located, problems, within) for i, item in enumerate(node.value))
    try:
        return yaml.constructor.SafeConstructor().construct_object(node)
    except (yaml.YAMLError, ValueError):
        problems.append(located.problem(path, f"{node.tag} is nothing that can be configured; put it in quotes"))
        return None


def _pairs(
    node: yaml.MappingNode, path: Path, located: Located, problems: list[str], within: frozenset[int]
) -> Iterator[tuple[str, Any]]:
    seen: set[str] = set()
    for key_node, value_node in node.value:
        key = str(key_node.value)
        line = key_node.start_mark.line + 1
        if key in seen:
            problems.append(f"{located.file}:{line}: {dotted((*path, key))}: this key stands here twice")
        seen.add(key)
        value = _value(value_node, (*path, key), located, problems, within)
        located.lines[*path, key] = line
        yield key, value
