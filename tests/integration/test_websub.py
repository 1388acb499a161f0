"""Feeds that have a hub: subscribed to, told of what is new, polled less; on the program as it runs."""

import socket
from collections.abc import Iterator
from datetime import timedelta

import pytest

from tests.conftest import on_sqlite
from tests.fakes.hub import Hub, send
from tests.fakes.program import Program, free_port
from tests.fakes.site import Site
from tests.integration.conftest import Publish
from tests.integration.test_crawl import DEAL, titles, wait_for
from tests.integration.test_run import running, stop

LATER = "星河智能获投3亿元，红杉中国领投"


@pytest.fixture
def hub() -> Iterator[Hub]:
    with Hub() as found:
        yield found


@pytest.fixture
def watched(program: Program, site: Site, publish: Publish, hub: Hub) -> Program:
    """The program with a callback, and a feed whose answers name a hub."""
    publish("deal", DEAL)
    name_hub(site, hub)
    port = free_port()
    program.configure(
        companies=[{"name": "星河智能"}],
        sources=[{"name": "site", "url": f"{site.url}/feed"}],
        schedule={"tick": "1s", "jitter": "0s", "fastest": "1s", "every": "1h"},
        websub={"callback": f"http://127.0.0.1:{port}/websub", "listen": f"127.0.0.1:{port}"},
    )
    return program


def name_hub(site: Site, *hubs: Hub) -> None:
    link = ", ".join([*(f'<{hub.url}>; rel="hub"' for hub in hubs), f'<{site.url}/feed>; rel="self"'])
    site.put("/feed", site._answer("/feed").body, content_type="application/rss+xml", headers={"Link": link})


def subscribed(program: Program) -> bool:
    return program.ask("sources", "list")[0]["hub"] is not None


@on_sqlite
def test_what_a_hub_tells_of_is_fetched_at_once(watched: Program, site: Site, publish: Publish, hub: Hub) -> None:
    with running(watched) as process:
        wait_for(lambda: bool(hub.verified))
        assert hub.verified == [(200, "challenge-17")]
        (form,) = hub.asked
        assert (form["hub.mode"], form["hub.topic"]) == ("subscribe", f"{site.url}/feed")
        assert "hub.secret" not in form  # a secret is told over HTTPS alone
        wait_for(lambda: titles(watched) == [DEAL])
        assert subscribed(watched)
        publish("later", LATER)
        name_hub(site, hub)
        assert hub.tell(form) == 202
        wait_for(lambda: titles(watched) == sorted([DEAL, LATER]))
        _, _, err = stop(process)
    assert form["hub.callback"].rpartition("/")[2] not in err
    assert process.returncode == 0


@on_sqlite
def test_the_callback_answers_nobody_but_the_hub(watched: Program, site: Site, hub: Hub) -> None:
    with running(watched) as process:
        wait_for(lambda: bool(hub.verified))
        (form,) = hub.asked
        stranger = {**form, "hub.callback": form["hub.callback"].rpartition("/")[0] + "/guess"}
        assert hub.verify(stranger)[0] == hub.tell(stranger) == 404
        assert hub.verify(form, topic="https://other.example/feed")[0] == 404
        assert hub.verify(form, mode="unsubscribe")[0] == 404
        assert hub.verify(form, challenge="")[0] == hub.verify(form, challenge="x" * 5000)[0] == 404
        assert hub.tell(form, b"x" * 11_000_000) in (413, 0)
        assert send(form["hub.callback"].rpartition("/")[0])[0] == 404
        status, body = hub.verify(form, challenge="<script>alert(1)</script>")
        assert (status, body) == (200, "<script>alert(1)</script>")  # as text/plain
        polls = site.paths().count("/feed")
        stop(process)
    assert polls == 1


@on_sqlite
def test_a_subscription_that_is_denied_or_refused_leaves_polling_as_it_was(watched: Program, hub: Hub) -> None:
    hub.status = 500
    with running(watched) as process:
        wait_for(lambda: bool(hub.asked))
        assert hub.verify(hub.asked[0], mode="denied", reason="no") == (200, "")
        wait_for(lambda: titles(watched) == [DEAL])
        assert hub.tell(hub.asked[0]) == 404
        stop(process)
    assert not subscribed(watched)
    for minutes, requests in ((50, 1), (20, 2), (100, 2), (30, 3)):  # an hour after the first, two after the second
        watched.let_pass(timedelta(minutes=minutes))
        watched.run("crawl")
        assert len(hub.asked) == requests


@on_sqlite
def test_a_feed_with_several_hubs_is_subscribed_to_at_the_first_that_works(
    watched: Program, site: Site, hub: Hub
) -> None:
    with Hub() as other, running(watched) as process:
        name_hub(site, hub, other)
        hub.status = 503
        wait_for(lambda: bool(hub.asked))
        watched.let_pass(timedelta(minutes=61))
        wait_for(lambda: len(hub.asked) == 2)
        assert not other.asked
        watched.let_pass(timedelta(minutes=121))
        wait_for(lambda: bool(other.verified))
        assert other.verified == [(200, "challenge-17")]
        assert other.asked[0]["hub.callback"] != hub.asked[0]["hub.callback"]
        assert hub.tell(hub.asked[0]) == 404
        assert other.tell(other.asked[0]) == 202
        stop(process)


@on_sqlite
def test_a_hub_that_has_moved_is_followed(watched: Program, hub: Hub) -> None:
    hub.moved = 307
    with running(watched) as process:
        wait_for(lambda: hub.verified == [(200, "challenge-17")])
        stop(process)
    assert [form["hub.mode"] for form in hub.asked] == ["subscribe"]


@on_sqlite
def test_a_hub_that_answers_with_another_redirect_has_not_subscribed(watched: Program, hub: Hub) -> None:
    hub.moved = 301
    assert "does not subscribe: HTTP status 301" in watched.run("crawl").stderr
    assert hub.asked == []


@on_sqlite
def test_a_subscription_is_renewed_though_its_feed_is_not_polled(watched: Program, site: Site, hub: Hub) -> None:
    configuration = watched.folder / "monitor.yaml"
    configuration.write_text(configuration.read_text().replace("url:", "every: 60d\n  url:"))
    with running(watched) as process:
        wait_for(lambda: bool(hub.verified))
        watched.let_pass(timedelta(days=7))
        watched.run("crawl", "--due")
        assert len(hub.asked) == 1
        watched.let_pass(timedelta(days=2))
        wait_for(lambda: len(hub.verified) == 2)
        stop(process)
    assert hub.asked[0] == hub.asked[1]
    assert site.paths().count("/feed") == 1


@on_sqlite
def test_what_is_no_longer_configured_is_gone_for_its_hub_without_a_restart(watched: Program, hub: Hub) -> None:
    with running(watched) as process:
        wait_for(lambda: bool(hub.verified))
        assert hub.tell(hub.asked[0]) == 202
        configuration = watched.folder / "monitor.yaml"
        configuration.write_text(configuration.read_text().replace("name: site", "name: another"))
        wait_for(lambda: hub.tell(hub.asked[0]) == 410)
        stop(process)


@on_sqlite
def test_without_a_callback_no_hub_is_asked(program: Program, site: Site, publish: Publish, hub: Hub) -> None:
    publish("deal", DEAL)
    name_hub(site, hub)
    program.run("crawl")
    assert hub.asked == []


@on_sqlite
def test_an_address_that_is_taken_is_told_at_the_start(watched: Program, hub: Hub) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        watched.configure(
            companies=[{"name": "星河智能"}],
            sources=["36kr"],
            websub={"callback": "https://m.example", "listen": f"127.0.0.1:{taken.getsockname()[1]}"},
        )
        refused = watched.run("run")
    assert refused.returncode == 2
    assert "websub.listen" in refused.stderr
