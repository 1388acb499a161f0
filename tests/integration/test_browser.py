"""Pages that show their text only in a browser. Needs the extra `browser` and a Chromium."""

import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import on_sqlite
from tests.fakes.program import Program
from tests.fakes.site import Site
from tests.integration.conftest import Publish
from tests.integration.test_crawl import DEAL, titles, wait_for

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome") or ""

pytestmark = [on_sqlite, pytest.mark.skipif(not CHROMIUM, reason="no Chromium on PATH")]

TEXT = "星河智能今日宣布完成2亿元A轮融资，由蓝湖资本领投，资金将用于工业质检模型的研发。" * 4


def shown_by_script(script: str = "") -> str:
    """A page that is empty until its script has run."""
    return f"""<!DOCTYPE html><html lang="zh"><head><meta charset="utf-8"><title>x</title></head><body>
<div id="app"></div><script>
const app = document.getElementById('app');
app.innerHTML = '<article><h1>{DEAL}</h1><p>{TEXT}</p></article>';
{script}
</script></body></html>"""


@pytest.fixture
def inside() -> Iterator[Site]:
    """A site at an address that is not allowed."""
    with Site("127.0.0.2") as served:
        served.put("/secret", "The secret of the house.", headers={"Access-Control-Allow-Origin": "*"})
        yield served


def watch(program: Program, site: Site, **crawl: object) -> None:
    program.configure(
        companies=[{"name": "星河智能"}],
        sources=[{"name": "site", "url": f"{site.url}/feed", "page": {"render": True}}],
        crawl=crawl,
    )


def test_a_page_that_is_filled_by_its_script_has_its_text(program: Program, site: Site, publish: Publish) -> None:
    publish("deal", DEAL, page=False)
    site.put("/feed", site._answer("/feed").body.replace("详见下文".encode(), b""), content_type="text/xml")
    site.put("/deal", shown_by_script("new Image().src = '/i.png'"))
    watch(program, site, contact="ops@example.com")
    run = program.run("crawl")
    assert run.returncode == 0, run.stderr
    (hit,) = program.ask("search", "工业质检模型的研发")
    assert hit["url"] == f"{site.url}/deal"
    assert not [path for path in site.paths() if path.endswith(".png")]
    (asked,) = [asked for asked in site.asked if asked.path == "/deal"]
    assert "ops@example.com" in asked.headers["User-Agent"]
    assert "HeadlessChrome" not in asked.headers["User-Agent"]


def test_scripts_do_not_get_inside_and_keep_no_cookie(
    program: Program, site: Site, publish: Publish, inside: Site
) -> None:
    port = inside.url.rpartition(":")[2]
    tries = "".join(
        f"fetch('http://{host}:{port}/secret').then(r => r.text()).then(t => app.append(t)).catch(() => 0);"
        for host in ("127.0.0.2", "localhost", "2130706434", "[::ffff:127.0.0.2]")
    )
    for name in ("one", "two"):
        publish(name, f"{DEAL}{name}", page=False)
        page = shown_by_script(f"{tries}document.cookie = 'a=b'; localStorage.x = 1; fetch('/api');")
        site.put(f"/{name}", page, headers={"Set-Cookie": "c=d"})
    site.put("/api", "{}")
    watch(program, site)
    assert program.run("crawl").returncode == 0
    assert inside.asked == []
    assert program.ask("search", "secret") == []
    assert site.paths().count("/api") == 2
    pages = [asked for asked in site.asked if asked.path in ("/one", "/two")]
    assert len(pages) == 2
    assert not any("Cookie" in asked.headers for asked in pages)
    assert not any("Referer" in asked.headers for asked in pages)


def test_a_page_that_moves_inside_is_left_to_what_the_feed_says(
    program: Program, site: Site, publish: Publish, inside: Site
) -> None:
    publish("moved", DEAL, page=False)
    site.put("/moved", "", status=302, headers={"Location": f"{inside.url}/secret"})
    watch(program, site)
    report = program.ask("crawl")
    assert inside.asked == []
    assert titles(program) == [DEAL]
    assert "postponed" not in report


def test_a_page_that_never_ends_or_grows_too_large_is_given_up(program: Program, site: Site, publish: Publish) -> None:
    for name in ("endless", "busy", "huge"):
        publish(name, f"{DEAL}{name}", page=False)
    site.put("/endless", b"<p>x</p>" * 100, piece=1, pause=0.5)
    site.put("/busy", shown_by_script("while (true) {}"))
    site.put("/huge", shown_by_script("for (let i = 0; i < 12; i++) app.append('x'.repeat(1e6));"))
    watch(program, site, timeout="3s")
    assert program.ask("crawl")["postponed"] == 3
    assert len(titles(program)) == 3
    assert program.ask("search", "xxxxxxxx") == []


def test_a_listing_that_is_filled_by_its_script_is_read(program: Program, site: Site, publish: Publish) -> None:
    publish("deal", DEAL)
    site.put(
        "/news",
        f"<body><script>document.body.innerHTML = '<div class=e><a href=/deal>{DEAL}</a></div>'</script></body>",
    )
    listing = {"entry": ".e", "render": True}
    source = {"name": "site", "kind": "listing", "url": f"{site.url}/news", "listing": listing}
    program.configure(companies=[{"name": "星河智能"}], sources=[source])
    assert DEAL in program.run("sources", "check").stdout
    program.run("crawl")
    program.run("crawl")
    assert titles(program) == [DEAL]
    polls = [asked for asked in site.asked if asked.path == "/news"]
    assert len(polls) == 3
    assert not any("If-None-Match" in asked.headers for asked in polls)  # the script's news would not be seen


def descendants(process: int) -> set[int]:
    """Processes that a process has started, and these, and so on."""
    listed = subprocess.run(["ps", "-eo", "pid=,ppid="], capture_output=True, text=True, check=True)
    parents = {int(pid): int(parent) for pid, parent in map(str.split, listed.stdout.splitlines())}
    found, size = {process}, 0
    while size != len(found):
        size = len(found)
        found |= {pid for pid, parent in parents.items() if parent in found}
    return found - {process}


def alive(processes: set[int]) -> bool:
    return any(Path(f"/proc/{process}/cmdline").exists() for process in processes)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_browser_ends_with_its_run_however_that_ends(
    program: Program, site: Site, publish: Publish, number: signal.Signals
) -> None:
    publish("busy", DEAL, page=False)
    site.put("/busy", shown_by_script("fetch('/hang')"))
    site.put("/hang", b"x" * 1000, piece=1, pause=1)
    watch(program, site)
    run = program.start("crawl")
    wait_for(lambda: "/hang" in site.paths())
    started = descendants(run.pid)
    assert len(started) > 2
    run.send_signal(number)
    assert run.wait(8) == (0 if number is signal.SIGTERM else -signal.SIGKILL)
    run.communicate()
    wait_for(lambda: not alive(started), seconds=15)


def test_a_source_that_is_to_be_rendered_without_a_browser_is_refused_with_its_name(
    program: Program, site: Site
) -> None:
    watch(program, site, browser="/no/such/browser")
    for command in (("crawl",), ("sources", "check"), ("config", "check"), ("run",)):
        refused = program.run(*command)
        assert refused.returncode == 2, refused.stderr
        assert "site: `render` needs a browser" in refused.stderr
        assert "/no/such/browser" in refused.stderr
    assert site.asked == []
