"""What pydantic finds wrong, in words a user understands: file, line, field, and the nearest valid name."""

import re
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from monitor.config.yamlfile import Located, Path
from monitor.errors import ConfigError

Model = TypeVar("Model", bound=BaseModel)


def suggestion(name: str, known: Sequence[str]) -> str:
    """`; did you mean 'x'?` for the nearest of the known names, else the list of them if it is short."""
    near = [] if len(name) < 3 else get_close_matches(name.casefold(), [k.casefold() for k in known], n=1, cutoff=0.5)
    if near:
        return f"; did you mean {next(k for k in known if k.casefold() == near[0])!r}?"
    return f"; known: {', '.join(known)}" if 0 < len(known) <= 12 else ""


def validated(model: type[Model], located: Located) -> Model:
    """The model with the values of a file.

    Raises:
        ConfigError: with a line for every fault found.
    """
    try:
        return model.model_validate(located.data)
    except ValidationError as error:
        # A list is also called too short when its items are wrong: only their faults are of use.
        faults = [e for e in error.errors() if e["type"] != "too_short" or not e["input"]]
        lines = dict.fromkeys(_explain(e, located, model.model_json_schema()) for e in faults)
        raise ConfigError(list(lines)) from error


def _explain(error: ErrorDetails, located: Located, schema: dict[str, Any]) -> str:
    path = located.known(error["loc"])
    return located.problem(path, _fault(error, path, schema))


def _fault(error: ErrorDetails, path: Path, schema: dict[str, Any]) -> str:
    match error["type"]:
        case "extra_forbidden":
            return f"unknown key{suggestion(str(path[-1]), _keys_at(schema, path[:-1]))}"
        case "missing":
            return f"the key {error['loc'][-1]!r} is missing"
        case "union_tag_not_found" | "union_tag_invalid":
            return _bad_type(error)
        case "literal_error":
            known = re.findall(r"'([^']+)'", str(error.get("ctx", {}).get("expected", "")))
            return f"{error['input']!r} is not known{suggestion(str(error['input']), known)}"
        case "value_error":
            return f"{error['input']!r} {error['msg'].removeprefix('Value error, ')}"
    # A secret may stand where its variable's name belongs, so that value is not repeated.
    return error["msg"] if error["type"] == "variable_name" else f"{_shown(error['input'])}: {_plain(error['msg'])}"


def _bad_type(error: ErrorDetails) -> str:
    """For a union told apart by its key `type` (channels)."""
    known = re.findall(r"'([^']+)'", str(error.get("ctx", {}).get("expected_tags", "")))
    given = error["input"].get("type") if isinstance(error["input"], dict) else None
    if given is None:
        return "the key 'type' is missing"
    return f"the type {given!r} is not known{suggestion(str(given), known)}"


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}…"


def _plain(message: str) -> str:
    """Pydantic's message in the words of YAML."""
    for technical, plain in (
        ("Input should be a valid string", "a text is expected (put numbers and yes/no in quotes)"),
        ("Input should be a valid tuple", "a list is expected"),
        ("Input should be a valid boolean", "true or false is expected"),
        ("Tuple should have at least 1 item after validation, not 0", "at least one item is needed"),
        ("Input should be a valid dictionary or instance of", "a mapping of keys is expected for"),
    ):
        message = message.replace(technical, plain)
    return message


def _keys_at(schema: dict[str, Any], path: Path) -> list[str]:
    """The keys that are valid in the mapping at `path`, by the JSON schema."""
    candidates = list(_members(schema, schema))
    for step in path:
        below = (c.get("items") if isinstance(step, int) else c.get("properties", {}).get(step) for c in candidates)
        candidates = [m for b in below if b for m in _members(b, schema)]
    return sorted({key for c in candidates for key in c.get("properties", {})})


def _members(node: dict[str, Any], schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    if "$ref" in node:
        yield from _members(schema["$defs"][node["$ref"].rsplit("/", 1)[1]], schema)
    for union in ("anyOf", "oneOf", "allOf"):
        for member in node.get(union, ()):
            yield from _members(member, schema)
    yield node
