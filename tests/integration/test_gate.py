"""The browser's gate to the network, over sockets; no browser is needed."""

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from threading import Thread

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monitor.crawling.gate import Gate
from tests.fakes.site import Site

Ask = Callable[[bytes], bytes]


@pytest.fixture
def ask(monkeypatch: pytest.MonkeyPatch) -> Iterator[Ask]:
    """Sends bytes to a gate that lets 127.0.0.1 through and nothing else; returns what comes back until it closes."""
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.delenv(name, raising=False)
    loop = asyncio.new_event_loop()
    thread = Thread(target=loop.run_forever)
    thread.start()
    gate = Gate(lambda _host, address: address == "127.0.0.1")

    def run(future: "Future[str | bytes]") -> str | bytes:
        return future.result(10)

    port = int(str(run(asyncio.run_coroutine_threadsafe(gate.open(), loop))).rpartition(":")[2])

    async def exchange(data: bytes) -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(data)
        writer.write_eof()
        try:
            return await reader.read()
        except ConnectionError:
            return b""
        finally:
            writer.close()

    yield lambda data: bytes(run(asyncio.run_coroutine_threadsafe(exchange(data), loop)))  # type: ignore[arg-type]
    gate.close()
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


def test_a_plain_request_is_handed_on_without_what_concerns_the_proxy(ask: Ask, site: Site) -> None:
    site.put("/x?y=1", "answer")
    head = f"GET {site.url}/x?y=1#z HTTP/1.1\r\nHost: h\r\nProxy-Connection: keep-alive\r\nX-Kept: 1\r\n\r\n"
    assert ask(head.encode()).endswith(b"\r\n\r\nanswer")
    (asked,) = site.asked
    assert asked.path == "/x?y=1"
    assert asked.headers == {"Host": "h", "X-Kept": "1", "Connection": "close"}


def test_a_tunnel_carries_what_is_sent_through_it(ask: Ask, site: Site) -> None:
    site.put("/x", "answer")
    target = site.url.removeprefix("http://")
    request = f"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n\r\nGET /x HTTP/1.0\r\n\r\n"
    answer = ask(request.encode())
    assert answer.startswith(b"HTTP/1.1 200 Connection established\r\n\r\nHTTP/1.1 200")
    assert answer.endswith(b"answer")


@pytest.mark.parametrize(
    "line",
    [
        "GET http://127.0.0.2:{port}/x",
        "GET http://localhost.localdomain.invalid:{port}/x",
        "CONNECT 127.0.0.2:{port}",
        "CONNECT [::1]:{port}",
        "CONNECT [::ffff:127.0.0.2]:{port}",
        "CONNECT 2130706434:{port}",
        "GET https://127.0.0.1:{port}/x",
        "GET file:///etc/hostname",
        "GET /x",
        "CONNECT 127.0.0.1:99999",
        "CONNECT :{port}",
    ],
)
def test_what_is_not_let_through_gets_no_answer(ask: Ask, line: str) -> None:
    with Site("127.0.0.2") as inside:
        inside.put("/x", "secret")
        line = line.format(port=inside.url.rpartition(":")[2])
        assert ask(f"{line} HTTP/1.1\r\nHost: x\r\n\r\n".encode()) == b""
        assert inside.asked == []


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(st.binary(max_size=200))
def test_any_bytes_are_no_request(ask: Ask, data: bytes) -> None:
    assert ask(data) == b""
    assert ask(b"GET http://[" + data + b"/ HTTP/1.1\r\n\r\n") == b""


def test_a_head_without_end_is_given_up(ask: Ask) -> None:
    assert ask(b"GET http://127.0.0.1/ HTTP/1.1\r\n" + b"x: y\r\n" * 50_000) == b""


def test_a_proxy_of_the_environment_is_asked_with_its_password(
    ask: Ask, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.put("http://elsewhere.example/x", "by proxy")
    monkeypatch.setenv("http_proxy", site.url.replace("http://", "http://me:p%40ss@"))
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    assert ask(b"GET http://elsewhere.example/x HTTP/1.1\r\nHost: elsewhere.example\r\n\r\n").endswith(b"by proxy")
    assert site.asked[0].headers["Proxy-Authorization"] == "Basic bWU6cEBzcw=="
