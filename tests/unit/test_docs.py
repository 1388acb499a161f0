"""What the documents say is true: commands, links, settings."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main

from monitor.cli.commands import app
from monitor.config.reference import reference
from tests.fakes.program import ROOT

DOCUMENTS = sorted([*ROOT.glob("README*.md"), *(ROOT / "docs").glob("*.md")], key=str)


def named(document: Path) -> str:
    return str(document.relative_to(ROOT))


def commands(text: str) -> Iterator[list[str]]:
    """The calls of `monitor` in blocks of code, without what is said beside them."""
    fenced = "\n".join(re.findall(r"^ *```sh\n(.*?)^ *```", text, re.MULTILINE | re.DOTALL))
    indented = "\n".join(re.findall(r"^    (.+)$", text, re.MULTILINE))
    for line in map(str.strip, f"{fenced}\n{indented}".splitlines()):
        if line.startswith("monitor "):
            call = re.split(r"\s{2,}#", line)[0]  # a # may stand in a query, but not after two blanks
            call = re.sub(r"\$\(date[^)]*\)", "today", call)
            yield shlex.split(call.replace("…", ""))[1:]


def not_understood(arguments: list[str]) -> list[str]:
    """The words of a call that the program does not know: a command, or options of one."""
    command: Any = typer.main.get_command(app)
    rest = arguments
    while rest and rest[0] in getattr(command, "commands", {}):
        command, rest = command.commands[rest[0]], rest[1:]
    if hasattr(command, "commands") and rest and not rest[0].startswith("-"):
        return rest[:1]
    known = {name for parameter in command.params for name in (*parameter.opts, *parameter.secondary_opts)}
    return [word for word in rest if word.startswith("--") and word.partition("=")[0] not in {*known, "--help"}]


@pytest.mark.parametrize("document", DOCUMENTS, ids=named)
def test_commands_are_commands_of_the_program(document: Path) -> None:
    calls = list(commands(document.read_text(encoding="utf-8")))
    assert [call for call in calls if not_understood(call)] == []


def test_the_readme_has_commands_to_test() -> None:
    assert len(list(commands((ROOT / "README.md").read_text(encoding="utf-8")))) > 20
    assert not_understood(["deals", "--no-such-option"]) == ["--no-such-option"]
    assert not_understood(["alerts", "no-such-command"]) == ["no-such-command"]


@pytest.mark.parametrize("document", DOCUMENTS, ids=named)
def test_links_lead_somewhere(document: Path) -> None:
    text = re.sub(r"^```.*?^```", "", document.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    lines = [line.lstrip("# ").lower() for line in text.splitlines() if line.startswith("#")]
    headings = {re.sub(r"[^\w -]", "", line).replace(" ", "-") for line in lines}
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if target.startswith("#"):
            assert target[1:] in headings, target
        elif "://" not in target:
            assert (document.parent / target.partition("#")[0]).exists(), target


def test_the_reference_of_settings_is_in_step() -> None:
    written = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
    assert written == reference(), "monitor config reference > docs/configuration.md"


def test_every_case_of_reliability_has_a_test_that_there_is() -> None:
    written = (ROOT / "docs" / "reliability.md").read_text(encoding="utf-8")
    lines = [line for line in written.splitlines() if line.startswith("|")]
    rows = [line for line in lines if "---" not in line and "| case |" not in line]
    there = {
        name
        for file in (ROOT / "tests").rglob("test_*.py")
        for name in re.findall(r"^def (test_\w+)", file.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert len(rows) > 50
    for row in rows:
        named_tests = re.findall(r"`(test_\w+)`", row)
        assert named_tests, row
        assert set(named_tests) <= there, row
