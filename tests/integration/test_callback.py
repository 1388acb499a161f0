"""The callback of WebSub, over HTTP and on both databases."""

import logging
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from sqlalchemy import text

from monitor import config
from monitor.archive import Archive
from monitor.archive.engine import open_engine
from monitor.archive.sources import SourceRow
from monitor.config import Config
from monitor.polls import Poll, PollOutcome
from monitor.subscriptions import Standing, Subscription
from monitor.web.callback import LARGEST, Callback
from monitor.web.serving import serving
from tests.conftest import NOW
from tests.fakes.hub import send, signed
from tests.fakes.program import free_port

SECRET, TOKEN = "between-hub-and-us", "unguessable"
FASTEST = timedelta(minutes=3)
LATER = NOW + timedelta(minutes=10)
QUERY = "hub.mode=subscribe&hub.topic=https://s.example/feed&hub.challenge=c&hub.lease_seconds="

YAML = """
companies: [{name: 星河智能}]
channels: [{name: screen, type: console}]
sources: [{name: s, url: "https://s.example/feed"}]
schedule: {fastest: 3m}
"""
CONFIG = config.parse(YAML + "websub: {callback: 'https://m.example/websub'}", Path("m.yaml"))
WITHOUT_HUBS = config.parse(YAML, Path("m.yaml"))
WITHOUT_SOURCE = config.parse(
    YAML.replace("name: s,", "name: t,") + "websub: {callback: 'https://m.example/websub'}", Path("m.yaml")
)


@contextmanager
def answering(archive: Archive, current: Config = CONFIG, patience: timedelta = timedelta(minutes=1)) -> Iterator[str]:
    """The address of the callback, ten minutes after a source was polled whose subscription is active."""
    known = Subscription("s", 0, "https://hub.example/", "https://s.example/feed", TOKEN, SECRET, Standing.ACTIVE)
    with archive.writing() as tables:
        tables.sources.sync([SourceRow("s", "S", "adaptive", "d")], NOW)
        tables.sources.polled(Poll("s", PollOutcome.NEW), NOW, NOW + timedelta(days=1), [])
        tables.subscriptions.put(replace(known, asked_at=NOW, ends_at=NOW + timedelta(days=1), failures=2))
    port = free_port()
    app = Callback(archive, lambda: current, lambda: LATER, patience).app()
    with serving(app, f"127.0.0.1:{port}", "websub.listen"):
        yield f"http://127.0.0.1:{port}/websub/{TOKEN}"


@pytest.fixture
def callback(archive: Archive) -> Iterator[str]:
    with answering(archive) as url:
        yield url


def due(archive: Archive) -> datetime | None:
    with archive.reading() as tables:
        state = tables.sources.get("s")
    assert state is not None
    return state.next_poll_at


def kept(archive: Archive) -> Subscription:
    with archive.reading() as tables:
        known = tables.subscriptions.by_token(TOKEN)
    assert known is not None
    return known


def first_line(url: str, request: bytes) -> bytes:
    """The first line of the answer to a request of which no more is sent."""
    address = urlsplit(url)
    with socket.create_connection((address.hostname, address.port), timeout=10) as connection:
        connection.sendall(request.replace(b"PATH", address.path.encode()))
        return connection.makefile("rb").readline()


@pytest.mark.parametrize("method", ["sha1", "sha256", "sha384", "sha512"])
def test_what_the_hub_has_signed_makes_the_source_due(archive: Archive, callback: str, method: str) -> None:
    assert send(callback, b"<rss/>", signed(SECRET, b"<rss/>", method))[0] == 202
    assert due(archive) == LATER


@pytest.mark.parametrize(
    "headers",
    [
        {},
        signed("another", b"<rss/>"),
        signed(SECRET, b"<rss>"),
        signed(SECRET, b"<rss/>", "md5"),
        {"X-Hub-Signature": "="},
    ],
)
def test_what_is_not_signed_is_taken_and_ignored(archive: Archive, callback: str, headers: dict[str, str]) -> None:
    assert send(callback, b"<rss/>", headers)[0] == 202
    assert due(archive) == NOW + timedelta(days=1)


def test_a_source_whose_server_asked_to_wait_is_not_hastened(archive: Archive, callback: str) -> None:
    wait = NOW + timedelta(days=7)
    with archive.writing() as tables:
        tables.sources.polled(Poll("s", PollOutcome.HTTP_ERROR), NOW, wait, [])
    assert send(callback, b"", signed(SECRET, b""))[0] == 202
    assert due(archive) == wait


def test_pushes_in_a_row_poll_no_more_often_than_the_fastest_source(archive: Archive, callback: str) -> None:
    polled = NOW + timedelta(minutes=9)
    with archive.writing() as tables:
        tables.sources.polled(Poll("s", PollOutcome.NEW), polled, NOW + timedelta(days=1), [])
    for _ in range(5):
        send(callback, b"", signed(SECRET, b""))
    assert due(archive) == polled + FASTEST


def test_a_verified_subscription_is_kept_for_a_lease_within_reason(archive: Archive, callback: str) -> None:
    for asked, days in (("86400", 1), ("999999999999", 10), ("99999999", 90), ("x", 10)):
        assert send(f"{callback}?{QUERY}{asked}") == (200, "c")
        assert kept(archive).ends_at == LATER + timedelta(days=days)
        assert kept(archive).failures == 0


def test_other_methods_are_refused_and_change_nothing(archive: Archive, callback: str) -> None:
    before = kept(archive)
    for method in ("HEAD", "PUT", "DELETE", "OPTIONS"):
        assert send(f"{callback}?{QUERY}86400", method=method)[0] == 405
    assert kept(archive) == before


def test_a_stranger_is_turned_away_before_what_he_sends_is_read(callback: str) -> None:
    head = f"POST /websub/guess HTTP/1.1\r\nHost: h\r\nContent-Length: {LARGEST}\r\n\r\n".encode()
    assert b" 404 " in first_line(callback, head)


@pytest.mark.parametrize("token", ["", "%00", "%F0%9F%98%80", "a%2Fb", "x" * 5000])
def test_what_is_no_token_is_not_found(callback: str, token: str) -> None:
    url = callback.removesuffix(TOKEN) + token
    assert send(f"{url}?{QUERY}86400")[0] == send(url, b"")[0] == 404


def test_a_hub_that_sends_more_than_is_read_or_drips_is_sent_away(archive: Archive) -> None:
    with answering(archive, patience=timedelta(seconds=0.3)) as url:
        head = b"POST PATH HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nx"
        assert b" 408 " in first_line(url, head)
        assert send(url, b"x" * (LARGEST + 1))[0] in (413, 0)
    assert due(archive) == NOW + timedelta(days=1)


@pytest.mark.parametrize("current", [WITHOUT_HUBS, WITHOUT_SOURCE])
def test_what_is_no_longer_wanted_is_gone_for_the_hub(archive: Archive, current: Config) -> None:
    with answering(archive, current) as url:
        assert send(url, b"", signed(SECRET, b""))[0] == 410
        assert send(f"{url}?{QUERY}86400")[0] == 404
    assert kept(archive).pushed_at is None


def test_a_source_that_is_read_otherwise_has_no_subscription_any_more(archive: Archive, callback: str) -> None:
    with archive.writing() as tables:
        tables.sources.sync([SourceRow("s", "S", "adaptive", "another address")], NOW)
    assert send(callback, b"", signed(SECRET, b""))[0] == 404


def test_an_archive_that_fails_is_told_without_what_is_secret(
    archive: Archive, database_url: str, callback: str, caplog: pytest.LogCaptureFixture
) -> None:
    engine = open_engine(database_url)
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE subscriptions RENAME TO elsewhere"))
    engine.dispose()
    with caplog.at_level(logging.DEBUG):
        assert send(callback, b"", signed(SECRET, b""))[0] == 503
        assert send(f"{callback}?{QUERY}86400")[0] == 503
    told = [record for record in caplog.records if record.name.startswith("monitor")]
    assert len(told) == 2
    assert "the archive cannot be used" in told[0].getMessage()
    # The log of requests is cut off from all others; pytest listens at it all the same.
    logged = "".join(map(logging.Formatter().format, (r for r in caplog.records if r.name != "uvicorn.access")))
    assert not any(secret in logged for secret in (TOKEN, SECRET))
