"""Errors to Sentry and traces to OpenTelemetry, each where its variable is set, else neither is loaded."""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from monitor import __version__
from monitor.cli.secrets import redacted, secrets_of
from monitor.errors import ConfigError
from monitor.tracing import trace_with

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider
    from sentry_sdk.types import Event

ENDPOINTS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
"""Variables of OpenTelemetry's own; its others (OTEL_SERVICE_NAME, OTEL_EXPORTER_OTLP_HEADERS, …) work too."""

_SECONDS = 3.0
_providers: list["TracerProvider"] = []


def set_up(variables: Mapping[str, str]) -> None:
    """Begin to tell errors and traces.

    Raises:
        ConfigError: when a variable asks for what is not installed, or cannot be used.
    """
    try:
        if variables.get("SENTRY_DSN"):
            _sentry(variables)
        if any(variables.get(name) for name in ENDPOINTS):
            _opentelemetry()
    except ImportError as error:
        raise ConfigError(
            [f"SENTRY_DSN and {ENDPOINTS[0]} need more than is installed ({error.name}): make telemetry"]
        ) from error


def flush() -> None:
    """Send what waits, for a few seconds at most: before a process ends without further ado."""
    for provider in _providers:
        provider.force_flush(int(_SECONDS * 1000))


def _sentry(variables: Mapping[str, str]) -> None:
    import sentry_sdk
    from sentry_sdk.utils import BadDsn

    secrets = secrets_of(variables)

    def clean(event: "Event", _hint: dict[str, Any]) -> "Event":
        return cast("Event", json.loads(redacted(json.dumps(event, default=str), secrets)))

    try:
        sentry_sdk.init(
            dsn=variables["SENTRY_DSN"],
            release=__version__,
            before_send=clean,
            include_local_variables=False,  # they hold texts of articles
            max_request_body_size="never",
            max_breadcrumbs=0,
            auto_session_tracking=False,
            shutdown_timeout=_SECONDS,
        )
    except BadDsn as error:
        raise ConfigError([f"SENTRY_DSN: is no address of a Sentry project: {redacted(str(error), secrets)}"]) from None


def _opentelemetry() -> None:
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    named = Resource.create({"service.name": "funding-news-monitor", "service.version": __version__})
    own = Resource.create()  # OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES win over ours
    if own.attributes.get("service.name") != "unknown_service":
        named = named.merge(own)
    provider = TracerProvider(resource=named)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    _providers.append(provider)
    trace_with(provider.get_tracer("monitor", __version__))
