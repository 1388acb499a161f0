"""The commands that the documents show are run, all of them, on the archive that a demo leaves."""

import os
import re
import shutil
import signal
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from monitor.cli.commands import app
from monitor.errors import MonitorError
from tests.demo import Demo, demo
from tests.fakes import feeds
from tests.fakes.program import Program
from tests.unit.test_docs import DOCUMENTS, commands, named

LONG = ("run", "worker", "web")
"""Commands that go on until they are stopped: these are started, and stopped when they have said something."""

FETCHING = ("crawl", "backfill", "explain", "sources")
"""Commands that may fetch, which is done once in a process."""

ELSEWHERE = {
    ("worker", "--concurrency", "32"): "needs Postgres: tests/integration/test_workers.py",
    ("run", "--workers"): "needs Postgres: tests/integration/test_workers.py",
    ("db", "copy", "postgresql://monitor@host/monitor"): "needs Postgres: tests/integration/test_transfer.py",
    ("sources", "test", "tests/example/"): "needs a site's saved pages: tests/integration/test_sources.py",
}
MAY_FAIL = {
    ("doctor",): "some things of it are not well here, such as the scheduler",
    ("doctor", "--send"): "the same",
    ("health",): "no scheduler runs",
    ("sources", "check"): "one of the sites has an article without a text",
    ("sources", "check", "flash"): "it has",
    ("deals", "merge", "1", "2"): "deals of two companies are not merged",
    ("deals", "split", "1", "--article", "1", "--article", "2"): "all of its articles cannot leave a deal",
    ("backtest", "--cases", "cases.jsonl"): "no cases were given",
}


@pytest.fixture(scope="module")
def shown() -> Iterator[Demo]:
    """A demo that was crawled, with the files beside it that documents speak of."""
    os.environ["no_proxy"] = "127.0.0.1"
    with demo() as found:
        assert found.program.run("crawl").returncode == 0
        site = next(iter(found.sites.values()))
        folder = found.program.folder
        (folder / "reader.opml").write_text(
            f'<opml version="2.0"><body><outline text="x" xmlUrl="{site.url}/feed2"/></body></opml>', encoding="utf-8"
        )
        story = feeds.Story(f"{site.url}/new.html", "海豚出行上线夜间班车", "今天起上线。\n" * 20, datetime.now(UTC))
        site.put("/new.html", feeds.page("另一站", story))
        site.put("/feed2", feeds.rss("另一站", [story]), content_type="application/rss+xml")
        site.put("/", '<link rel="alternate" type="application/rss+xml" href="/feed2">')
        (folder / "articles.jsonl").write_text('{"id": "1", "title": "星河智能完成1亿元A轮融资"}\n', encoding="utf-8")
        shutil.copy(folder / "articles.jsonl", folder / "INPUT.jsonl")
        (folder / "page.html").write_text("<article><h1>题</h1><p>星河智能完成融资。</p></article>", encoding="utf-8")
        (folder / "index.json").write_text('[{"file": "page.html", "url": "https://a.example/"}]', encoding="utf-8")
        yield found


def documented() -> list[tuple[str, ...]]:
    found = [tuple(call) for document in DOCUMENTS for call in commands(document.read_text(encoding="utf-8"))]
    return list(dict.fromkeys(found))


def test_every_document_with_commands_is_read() -> None:
    read = {named(document) for document in DOCUMENTS if list(commands(document.read_text(encoding="utf-8")))}
    assert {"README.md", "README.zh-CN.md", "docs/quickstart.md", "docs/operating.md", "docs/rules.md"} <= read


@pytest.mark.parametrize("call", documented(), ids=" ".join)
def test_a_documented_command_does_what_it_says(
    shown: Demo, call: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    if call in ELSEWHERE:
        assert (Path(__file__).parents[2] / ELSEWHERE[call].rpartition(" ")[2]).exists()
        return
    arguments = substituted(shown, call)
    if call[0] in LONG:
        process = shown.program.start(*arguments)
        assert process.stderr is not None
        said = process.stderr.readline()
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)
        assert said
        assert process.returncode in (0, -signal.SIGTERM)
        return
    if call == ("init",):
        there = Program(shown.program.folder, {"MONITOR_CONFIG": "answered.yaml"})
        assert there.run("init", given="星河智能\nzh\n\nzh\n\n").returncode == 0
        assert there.run("config", "check").returncode == 0
        return
    if call[0] in FETCHING:
        done = shown.program.run(*arguments, given="y\n" if call[:2] == ("sources", "add") else None)
        assert "Traceback" not in done.stderr
        code, told = done.returncode, done.stderr
    else:
        monkeypatch.chdir(shown.program.folder)
        for name, value in shown.program.variables.items():
            monkeypatch.setenv(name, value)
        result = CliRunner().invoke(app, arguments)
        assert result.exception is None or isinstance(result.exception, SystemExit | MonitorError), result.exception
        code, told = result.exit_code, f"{result.output}{result.exception}"
    assert code == 0 or (arguments in MAY_FAIL and code == 1), told


def substituted(shown: Demo, call: tuple[str, ...]) -> tuple[str, ...]:
    """The call with this demo's sites, files and numbers in place of those that documents make up."""
    name, site = next(iter(shown.sites.items()))
    page = next(path for path in site._answers if path.endswith(".html"))
    made_up = {
        "17": "1", "23": "2", "120": "1", "131": "2", "techcrunch": name, "example": name, "[NAME]": "星河智能",
        "https://news.example/": f"{site.url}/", "https://news.example/a/17": f"{site.url}{page}",
        "https://36kr.com/p/1": f"{site.url}{page}", "URL|FILE|-": "page.html",
        "/backup/today.monitor": "a.monitor", "/backup/2026-11-30.monitor": "a.monitor",
    }  # fmt: skip
    words = [made_up.get(word, word) for word in call]
    words = words[: words.index("#")] if "#" in words else words
    words = words[: words.index(">")] if ">" in words else words
    if words[:2] == ["db", "restore"]:
        backup = shown.program.folder / "a.monitor"
        if not backup.exists():
            assert shown.program.run("db", "backup", str(backup)).returncode == 0
        words.append("--force")
    if words[:2] == ["db", "backup"]:
        (shown.program.folder / "a.monitor").unlink(missing_ok=True)
    if words[:2] == ["export", "articles"]:
        (shown.program.folder / "articles.jsonl").unlink(missing_ok=True)
    return tuple(words)


def test_numbers_in_documents_are_substituted(shown: Demo) -> None:
    assert substituted(shown, ("articles", "show", "17")) == ("articles", "show", "1")
    assert not re.search(r"news\.example", " ".join(substituted(shown, ("sources", "add", "https://news.example/"))))
