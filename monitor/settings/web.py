"""Where the program answers over HTTP: hubs that tell of what is new (WebSub), people who look into the archive."""

import ipaddress
import re
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from monitor.settings.channels import Variable
from monitor.settings.values import Settings


def _address(value: str, who: str, example: str) -> str:
    try:
        parts = urlsplit(value)
        usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        usable = False
    if not usable or not value.isprintable() or " " in value:
        raise ValueError(f"is no address that {who}: write one such as {example}")
    if "?" in value or "#" in value:
        raise ValueError("has a query or a fragment, but a path is added to it: leave out what comes after ? or #")
    return value


def _public(value: str) -> str:
    return _address(value, "hubs can call", "https://monitor.example.com/websub")


def _home(value: str) -> str:
    return _address(value, "a browser can open", "https://monitor.example.com")


def listening(value: str) -> str:
    """A place to listen at, `host:port`.

    Raises:
        ValueError: when it is none.
    """
    found = re.fullmatch(r"(?:\[[0-9a-fA-F:]+\]|[^\s:/\[\]]+):(\d{1,5})", value, re.ASCII)
    if found is None or not 0 < int(found[1]) < 65_536:
        raise ValueError("is no place to listen at: write host and port, such as 127.0.0.1:8765 or [::1]:8765")
    return value


def is_loopback(listen: str) -> bool:
    """True if nobody on another machine can reach that place to listen at."""
    host = listen.rpartition(":")[0].strip("[]")
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


Listen = Annotated[str, AfterValidator(listening)]


class WebSub(Settings):
    """Hubs tell of what is new at an address of ours, so that it need not be polled for."""

    callback: Annotated[str, AfterValidator(_public)] = Field(
        max_length=500,
        description="Public address under which hubs reach `listen`, such as https://monitor.example.com/websub.",
    )
    listen: Listen = Field(
        "127.0.0.1:8765", description="Host and port where `monitor run` answers; a web server in front hands on to it."
    )


class Web(Settings):
    """The archive in a browser and for other programs."""

    url: Annotated[str, AfterValidator(_home)] | None = Field(
        None,
        max_length=500,
        description="Address under which people reach `listen`; cards and feeds link to it.",
    )
    listen: Listen = Field(
        "127.0.0.1:8080",
        description="Host and port where `monitor run` and `monitor web` answer. Anything but this machine's own "
        "addresses needs a password or a token.",
    )
    password_env: Variable = Field(
        "MONITOR_PASSWORD", description="Variable that holds the password of those who look; empty asks for none."
    )
    tokens_env: Variable = Field(
        "MONITOR_TOKENS",
        description="Variable that holds tokens for programs and feed readers, apart by blanks: NAME:TOKEN.",
    )


class Health(Settings):
    """Whether the program is well, for probes and monitoring systems: /healthz, /readyz, /metrics and nothing else."""

    listen: Listen = Field(
        "127.0.0.1:8081",
        description="Host and port where `monitor run` answers; nobody is asked for a password there.",
    )
