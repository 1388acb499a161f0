"""Fetching what wants to do harm: inside addresses, endless bodies, bombs."""

import re
import sys
import time
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import brotli
import pytest

from tests.conftest import on_sqlite
from tests.fakes.program import Program
from tests.fakes.site import Site
from tests.integration.conftest import Publish
from tests.integration.test_crawl import DEAL, titles

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

pytestmark = on_sqlite


@pytest.fixture
def inside() -> Iterator[Site]:
    """A site at an address that is not allowed."""
    with Site("127.0.0.2") as served:
        served.put("/feed", "<rss><channel><item><link>/x</link></item></channel></rss>", content_type="text/xml")
        served.put("/secret", "<html><body><p>The secret of the house.</p></body></html>")
        yield served


def state(program: Program, name: str = "site") -> dict[str, object]:
    return next(s["state"] for s in program.ask("sources", "list") if s["source"]["name"] == name)


def watch(program: Program, **urls: str) -> None:
    program.configure(companies=[{"name": "星河智能"}], sources=[{"name": n, "url": u} for n, u in urls.items()])


def test_a_source_inside_is_refused_before_a_connection_and_the_run_goes_on(
    program: Program, site: Site, publish: Publish, inside: Site
) -> None:
    publish("deal", DEAL)
    port = inside.url.rpartition(":")[2]
    hidden = f"http://localhost:{port}/feed"
    watch(program, inner=f"{inside.url}/feed", named=hidden, site=f"{site.url}/feed")
    program.run("crawl")
    assert inside.asked == []
    assert titles(program) == [DEAL]
    for name in ("inner", "named"):
        assert state(program, name)["last_outcome"] == "refused"
        assert "no public address" in str(state(program, name)["last_error"])


@pytest.mark.parametrize("host", ["2130706434", "127.2", "0x7f000002", "[::ffff:127.0.0.2]"])
def test_other_ways_to_write_an_inside_address_are_refused_too(program: Program, inside: Site, host: str) -> None:
    watch(program, site=f"http://{host}:{inside.url.rpartition(':')[2]}/feed")
    program.run("crawl")
    assert inside.asked == []
    assert state(program)["last_outcome"] in ("refused", "network_error")


def test_redirects_of_feed_and_page_to_the_inside_are_refused(
    program: Program, site: Site, publish: Publish, inside: Site
) -> None:
    publish("deal", DEAL)
    site.put("/deal", "", status=302, headers={"Location": f"{inside.url}/secret"})
    site.put("/moved", "", status=301, headers={"Location": f"{inside.url}/feed"})
    watch(program, site=f"{site.url}/feed", moved=f"{site.url}/moved")
    program.run("crawl")
    assert inside.asked == []
    assert titles(program) == [DEAL]
    assert "no public address" in str(state(program, "moved")["last_error"])
    assert program.ask("search", "secret") == []


@pytest.mark.parametrize("target", ["file:///etc/passwd", "ftp://127.0.0.1/x", "data:text/plain,x", "gopher://x/"])
def test_redirects_to_other_schemes_are_not_followed(program: Program, site: Site, target: str) -> None:
    site.put("/feed", "", status=302, headers={"Location": target})
    assert program.run("crawl").returncode == 4
    assert state(program)["last_outcome"] in ("http_error", "refused", "network_error")


@pytest.mark.parametrize("location", ["/feed", "/r0"])
def test_redirects_that_do_not_end_are_given_up_after_six_requests(program: Program, site: Site, location: str) -> None:
    for i in range(20):
        site.put(f"/r{i}", "", status=302, headers={"Location": f"/r{i + 1}"})
    site.put("/feed", "", status=302, headers={"Location": location})
    assert program.run("crawl").returncode == 4
    assert 1 < len(site.paths()) <= 6


PIECE = b" " * 1_000_000


def gzip_bomb() -> bytes:
    packer = zlib.compressobj(1, wbits=31)
    return b"".join(packer.compress(PIECE) for _ in range(800)) + packer.flush()


def deflate_bomb() -> bytes:
    packer = zlib.compressobj(1)
    return b"".join(packer.compress(PIECE) for _ in range(800)) + packer.flush()


def brotli_bomb() -> bytes:
    packer = brotli.Compressor(quality=1)
    return bytes(b"".join(packer.process(PIECE) for _ in range(800)) + packer.finish())


def zstd_bomb() -> bytes:
    packer = zstd.ZstdCompressor(level=1)
    return b"".join(packer.compress(PIECE) for _ in range(800)) + packer.flush()


@pytest.mark.parametrize(
    ("encoding", "bomb"), [("gzip", gzip_bomb), ("deflate", deflate_bomb), ("br", brotli_bomb), ("zstd", zstd_bomb)]
)
def test_800_mb_of_packed_nothing_are_refused_in_little_memory(
    program: Program, site: Site, encoding: str, bomb: Callable[[], bytes]
) -> None:
    site.put("/feed", bomb(), content_type="text/xml", headers={"Content-Encoding": encoding})
    run, most = program.start("crawl"), 0
    while run.poll() is None:
        most = max(most, peak(run.pid))
        time.sleep(0.01)
    run.communicate()
    assert run.returncode == 4
    assert state(program)["failures"] == 1
    assert most < 200_000_000
    assert most > 0 or sys.platform != "linux"


def peak(process: int) -> int:
    """The most memory that a process has had, in bytes; 0 where the system does not tell, or the process is gone."""
    try:
        status = Path(f"/proc/{process}/status").read_text(encoding="ascii")
    except OSError:
        return 0
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    return int(found[1]) * 1024 if found else 0


def test_a_host_whose_pages_are_too_large_is_asked_for_the_others(
    program: Program, site: Site, publish: Publish
) -> None:
    for hours in range(5, 0, -1):
        publish(f"a{hours}", f"第{hours}条", hours=hours, page=False)
        site.put(f"/a{hours}", "x" * 11_000_000)
    publish("deal", DEAL, hours=0.1)
    assert program.ask("crawl")["postponed"] == 5
    assert site.paths()[-1] == "/deal"


def test_a_body_that_comes_byte_by_byte_is_given_up_at_the_deadline(
    program: Program, site: Site, publish: Publish
) -> None:
    publish("deal", DEAL)
    body = site._answer("/feed").body
    site.put("/slow", body, content_type="text/xml", piece=1, pause=0.2)
    program.configure(
        companies=[{"name": "星河智能"}],
        sources=[{"name": "slow", "url": f"{site.url}/slow"}],
        crawl={"timeout": "2s"},
    )
    assert program.run("crawl", timeout=30).returncode == 4
    assert state(program, "slow")["last_outcome"] == "network_error"


def test_a_body_that_is_cut_short_is_no_feed(program: Program, site: Site, publish: Publish) -> None:
    publish("deal", DEAL)
    good = site._answer("/feed").body
    site.put(
        "/feed", good, content_type="text/xml", headers={"Content-Length": str(len(good) + 500), "Connection": "close"}
    )
    program.run("crawl")
    assert re.match("network_error|parse_error", str(state(program)["last_outcome"]))
