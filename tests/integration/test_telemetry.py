"""Errors that go to Sentry and traces that go to OpenTelemetry: what they hold, and what they never do."""

import gzip
import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, Self

import brotli
import pytest
import sentry_sdk
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from monitor.cli.telemetry import set_up
from monitor.errors import ConfigError
from tests.conftest import on_sqlite
from tests.fakes.program import Program
from tests.integration.conftest import Publish
from tests.integration.test_crawl import DEAL

SECRET = "xoxb-very-secret"
UNPACK = {"": bytes, "gzip": gzip.decompress, "br": brotli.decompress}


@dataclass
class Collector:
    """Takes whatever is posted: pairs of path and body."""

    taken: list[tuple[str, bytes]] = field(default_factory=list)

    def __post_init__(self) -> None:
        collector = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                unpack = UNPACK[self.headers.get("Content-Encoding", "")]
                collector.taken.append((self.path, unpack(body)))
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def collector(monkeypatch: pytest.MonkeyPatch) -> Iterator[Collector]:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with Collector() as found:
        yield found
    sentry_sdk.init()  # to nowhere


def test_errors_go_to_sentry_without_secrets_and_texts(collector: Collector) -> None:
    set_up({"SENTRY_DSN": f"http://0123456789abcdef@{collector.address}/1", "SLACK_BOT_TOKEN": SECRET})
    text = "正文里的一句话"
    try:
        raise ValueError(f"refused: {SECRET}")
    except ValueError:
        logging.getLogger("monitor.x").exception("could not be stored: %s", len(text))
    sentry_sdk.flush(5)
    bodies = [body.decode() for path, body in collector.taken if path == "/api/1/envelope/"]
    (event,) = [json.loads(line) for body in bodies for line in body.splitlines() if '"exception"' in line]
    assert event["exception"]["values"][0]["value"] == "refused: ***"
    assert event["logger"] == "monitor.x"
    for body in bodies:
        assert SECRET not in body
        assert text not in body


@on_sqlite
def test_traces_go_to_a_collector(program: Program, publish: Publish, collector: Collector) -> None:
    publish("deal", DEAL)
    told = {"OTEL_EXPORTER_OTLP_ENDPOINT": f"http://{collector.address}", "OTEL_SERVICE_NAME": "ours"}
    done = Program(program.folder, {**program.variables, **told}).run("crawl")
    assert done.returncode == 0, done.stderr
    spans: dict[str, dict[str, Any]] = {}
    for path, body in collector.taken:
        assert path == "/v1/traces"
        assert DEAL.encode() not in body
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
            named = {pair.key: pair.value.string_value for pair in resource.resource.attributes}
            assert named["service.name"] == "ours"
            for span in (span for scope in resource.scope_spans for span in scope.spans):
                assert span.end_time_unix_nano >= span.start_time_unix_nano
                values = {a.key: a.value.string_value or a.value.int_value for a in span.attributes}
                spans[span.name] = values
    assert spans.keys() == {"monitor.crawl", "monitor.visit", "monitor.store", "monitor.send"}
    assert spans["monitor.visit"] == {"source": "site", "outcome": "new", "new": 1}
    assert spans["monitor.send"]["channel"] == "screen"


@on_sqlite
def test_a_collector_that_is_not_there_costs_nothing(program: Program, publish: Publish) -> None:
    publish("deal", DEAL)
    nowhere = {
        "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1",
        "SENTRY_DSN": "http://0123456789abcdef@127.0.0.1:1/1",
    }
    done = Program(program.folder, {**program.variables, **nowhere}).run("crawl")
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("星河智能 ·") == 1


def test_an_address_that_is_none_is_refused_without_being_shown() -> None:
    with pytest.raises(ConfigError, match="SENTRY_DSN: is no address") as refused:
        set_up({"SENTRY_DSN": "verysecretkeyverysecret"})
    assert "verysecret" not in str(refused.value)
