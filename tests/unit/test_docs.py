"""What the documents say is true: commands, links, settings."""

import re
import shlex
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main
import yaml

from monitor import config
from monitor.cli.commands import app
from monitor.config.reference import reference
from monitor.errors import ConfigError
from monitor.settings import ConfigFile
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


def settings(text: str) -> Iterator[dict[str, Any]]:
    """What blocks of YAML in a document say of monitor.yaml; others, such as manifests, are left out."""
    for block in re.findall(r"^ *```yaml\n(.*?)^ *```", text, re.MULTILINE | re.DOTALL):
        found = yaml.safe_load(textwrap.dedent(block).replace("{…, render: true}", "{entry: li, render: true}"))
        if isinstance(found, dict) and found.keys() <= ConfigFile.model_fields.keys():
            yield found


def completed(found: dict[str, Any]) -> dict[str, Any]:
    """A whole configuration around what a document shows of one, with the companies, topics and channels it names."""
    routes = found.get("routing", ())
    spoken = {
        key: {name for route in routes for name in route.get(key, ())} for key in ("companies", "groups", "topics")
    }
    companies = [*found.get("companies", ()), {"name": "甲", "groups": sorted(spoken["groups"])}]
    companies += [{"name": name} for name in spoken["companies"] - {company["name"] for company in companies}]
    channels = list(found.get("channels", ()))
    named_channels = {name for route in routes for name in route["channels"]} or {"screen"}
    channels += [{"name": n, "type": "console"} for n in named_channels - {channel["name"] for channel in channels}]
    topics = [{"name": name, "any": ["x"]} for name in spoken["topics"] - {"funding"}]
    return {"sources": ["36kr"], "topics": topics, **found, "companies": companies, "channels": channels}


SHOWN = [(document, found) for document in DOCUMENTS for found in settings(document.read_text(encoding="utf-8"))]


@pytest.mark.parametrize(("document", "found"), SHOWN, ids=[named(document) for document, _ in SHOWN])
def test_settings_in_documents_can_be_used(document: Path, found: dict[str, Any]) -> None:
    read = config.parse(yaml.safe_dump(completed(found), allow_unicode=True), document)
    assert {company["name"] for company in found.get("companies", ())} <= {company.name for company in read.companies}
    assert len(read.routing) == len(found.get("routing", ())) or "routing" not in found  # without, one takes all
    with pytest.raises(ConfigError):
        config.parse(yaml.safe_dump({**completed(found), "no_such_setting": 1}, allow_unicode=True), document)


def test_every_kind_of_document_shows_settings() -> None:
    assert {"README.md", "docs/rules.md", "docs/sources.md", "docs/slack.md"} <= {
        named(document) for document, _ in SHOWN
    }


def test_the_documents_become_pages_without_a_dead_link(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-b", "html", "docs", str(tmp_path / "pages")]
    done = subprocess.run(build, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    pages = {page.stem for page in (tmp_path / "pages").glob("*.html")}
    assert {document.stem for document in (ROOT / "docs").glob("*.md")} <= pages
    start = (tmp_path / "pages" / "index.html").read_text(encoding="utf-8")
    assert all(f'href="{document.stem}.html"' in start for document in (ROOT / "docs").glob("[!i]*.md"))


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
