"""Channels that are not Slack: signed webhooks, and whatever Apprise knows."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from monitor.alerting.apprise import AppriseClient
from monitor.alerting.cards import render
from monitor.alerting.content import PLAIN, Style
from monitor.alerting.delivery import ChannelClient, Delivered
from monitor.alerting.payload import Payload, schema
from monitor.alerting.webhook import SignedWebhook
from monitor.errors import ConfigError, DeliveryError, DeliveryRefusedError, DeliveryUncertainError
from monitor.models import AlertKind, Change, Hold, Verdict
from tests.fakes.archived import ArchivedOutbox, drain
from tests.fakes.outbox import START, Clock, alert
from tests.fakes.program import ROOT
from tests.fakes.receiver import SECRET, Receiver
from tests.fakes.slack import go_direct


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    go_direct(monkeypatch)
    with Receiver() as server:
        yield server


def hook(receiver: Receiver, clock: Clock) -> dict[str, ChannelClient]:
    return {"deals": SignedWebhook(receiver.url, SECRET, clock=clock, style=Style("zh"))}


def test_an_alert_is_posted_as_json_with_a_signature_that_its_receiver_can_check(
    outbox: ArchivedOutbox, receiver: Receiver, clock: Clock
) -> None:
    number = outbox.put(alert())
    assert drain(outbox, hook(receiver, clock), clock, 2) == Delivered(sent=1)
    body = receiver.got[f"alert-{number}"]
    (told,) = body["alerts"]
    assert (body["version"], body["type"], body["possibly_repeated"]) == (1, "alert", False)
    assert told["claim"]["amount"] == {"text": "数千万元", "low": 1e7, "high": 99_999_999, "currency": "CNY"}
    assert told["claim"]["lead_investors"] == ["远山资本"]
    assert told["sentence"] == "星河智能今日宣布完成数千万元A轮融资，由远山资本领投。"
    assert told["article"]["url"] == "https://news.example/a/1?1"
    assert told["text"] == "星河智能 · 完成融资: 星河智能完成数千万元A轮融资"
    assert receiver.forged == 0
    Payload.model_validate(body)


def test_a_digest_and_a_follow_up_are_posted_too(outbox: ArchivedOutbox, receiver: Receiver, clock: Clock) -> None:
    for _ in range(2):
        outbox.put(replace(alert(), held=Hold.DIGEST, due=START + timedelta(hours=1)))
    clock.advance(hours=1)
    drain(outbox, hook(receiver, clock), clock, 2)
    (body,) = receiver.got.values()
    assert (body["type"], len(body["alerts"])) == ("digest", 2)
    later = replace(alert(), kind=AlertKind.FOLLOW_UP, verdict=Verdict.NEW_FACT, changes=(Change.AMOUNT,), id=9)
    hook(receiver, clock)["deals"].send(render(later, PLAIN))
    (told,) = receiver.got["alert-9"]["alerts"]
    assert (told["kind"], told["changes"]) == ("follow_up", ["amount"])


def test_a_lost_answer_brings_the_same_id_again_so_that_the_receiver_can_pass_it_over(
    outbox: ArchivedOutbox, receiver: Receiver, clock: Clock
) -> None:
    number = outbox.put(alert())
    receiver.drop_next = True
    assert drain(outbox, hook(receiver, clock), clock, 60) == Delivered(retried=1, sent=1)
    assert (receiver.repeats, list(receiver.got)) == (1, [f"alert-{number}"])
    assert receiver.got[f"alert-{number}"]["possibly_repeated"] is True


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (429, DeliveryError),
        (503, DeliveryError),
        (500, DeliveryUncertainError),
        (401, DeliveryRefusedError),
        (410, DeliveryRefusedError),
        (302, DeliveryRefusedError),
    ],
)
def test_statuses_say_whether_to_try_again_and_a_redirect_is_not_followed(
    receiver: Receiver, clock: Clock, status: int, kind: type[DeliveryError]
) -> None:
    receiver.statuses.append(status)
    receiver.headers = {"Retry-After": "30", "Location": "/elsewhere"}
    with pytest.raises(DeliveryError, match=f"HTTP {status}") as caught:
        hook(receiver, clock)["deals"].send(render(alert(), PLAIN))
    assert type(caught.value) is kind
    assert "hooksecret" not in str(caught.value)
    if status in (429, 503):
        assert caught.value.retry_after == 30


@pytest.mark.parametrize("secret", ["", "whsec_%%%", "whsec_c2hvcnQ="])
def test_a_secret_that_cannot_be_one_is_refused_without_showing_it(clock: Clock, secret: str) -> None:
    with pytest.raises(ConfigError, match="secret") as caught:
        SignedWebhook("https://x.example/", secret, clock=clock)
    assert not secret or secret not in str(caught.value)


def test_the_schema_in_the_docs_is_that_of_the_code() -> None:
    assert json.loads((ROOT / "docs" / "webhook.schema.json").read_text(encoding="utf-8")) == json.loads(schema())


# --- Apprise


def test_apprise_gets_title_and_text_of_a_card(receiver: Receiver, tmp_path: Path) -> None:
    bodies: list[dict[str, object]] = []

    class Listening(Receiver):
        def take(self, headers: dict[str, str], body: bytes) -> int:  # noqa: ARG002  Apprise signs nothing
            bodies.append(json.loads(body))
            return self.statuses.pop(0) if self.statuses else 200

    with Listening() as server:
        port = server.url.split(":")[2].split("/")[0]
        client = AppriseClient(f"json://127.0.0.1:{port}/x", style=Style("zh"))
        client.send(render(alert(), client.style))
        server.statuses.append(500)
        with pytest.raises(DeliveryError, match="not taken"):
            client.tell("a notice")
    assert bodies[0]["title"] == "星河智能 · 完成融资"
    assert "由远山资本领投" in str(bodies[0]["message"])
    assert "https://news.example/a/1" in str(bodies[0]["message"])


def test_through_apprise_nobody_is_pinged_whatever_a_title_says() -> None:
    bodies: list[str] = []

    class Listening(Receiver):
        def take(self, headers: dict[str, str], body: bytes) -> int:  # noqa: ARG002  Apprise signs nothing
            bodies.append(str(json.loads(body)))
            return 200

    hostile = '<!channel> <@U1> @everyone <at user_id="all">'
    with Listening() as server:
        client = AppriseClient(f"json://127.0.0.1:{server.url.split(':')[2].split('/')[0]}/x")
        shown = alert(title=hostile, company=hostile, source=hostile, sentence=hostile, url="https://medium.com/@ann/1")
        client.send(render(shown, client.style))
    (body,) = bodies
    assert "https://medium.com/@ann/1" in body
    assert not {"@", "<", ">"} & set(body.replace("https://medium.com/@ann/1", "").replace("  > ", ""))


def test_an_apprise_address_of_no_known_kind_is_refused_without_showing_it() -> None:
    with pytest.raises(ConfigError, match="Apprise address") as caught:
        AppriseClient("nonsense-secret")
    assert "secret" not in str(caught.value)
