"""Somebody who looks at the archive over HTTP: keeps cookies, sends forms with the key of the page they are on."""

import json
import re
from base64 import b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import quote, urlencode

from monitor.archive import Archive
from monitor.config import Config
from monitor.settings import Web
from monitor.web.access import Access
from monitor.web.access import access as access_by
from monitor.web.app import application
from monitor.web.serving import serving
from tests.conftest import NOW
from tests.fakes.program import free_port


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def form_key(self) -> str:
        found = re.search(r'name="form_key" value="([^"]+)"', self.text)
        assert found, "the page has no form"
        return found[1]


@dataclass
class Visitor:
    """Asks at a port of this machine."""

    port: int
    host: str = ""
    cookies: dict[str, str] = field(default_factory=dict)

    def get(self, path: str, **headers: str) -> Answer:
        return self.ask("GET", path, headers)

    def ask(self, method: str, path: str, headers: Mapping[str, str] = {}, body: bytes | None = None) -> Answer:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=20)
        said = {"Host": self.host or f"127.0.0.1:{self.port}"}
        if self.cookies:
            said["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, quote(path, safe="/?=&%:>#\"'*+,;@!$()~-._"), body, {**said, **named})
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        for line in answer.headers.get_all("set-cookie") or ():
            for name, morsel in SimpleCookie(line).items():
                self.cookies[name] = morsel.value
        found = {name.lower(): value for name, value in answer.headers.items()}
        return Answer(answer.status, found, content)

    def send(self, path: str, page: str = "", headers: Mapping[str, str] = {}, /, **fields: str | list[str]) -> Answer:
        """Send a form of a page with its key."""
        values = {"form_key": self.get(page).form_key, **fields} if page else fields
        body = urlencode(values, doseq=True).encode()
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        return self.ask("POST", path, {**kind, **headers}, body)

    def log_in(self, password: str, name: str = "Han Meimei", **fields: str) -> Answer:
        return self.send("/login", "/login", name=name, password=password, **fields)


def basic(person: str, password: str) -> str:
    """The header for basic authentication."""
    return f"Basic {b64encode(f'{person}:{password}'.encode()).decode()}"


@contextmanager
def looking(
    archive: Archive, access: Access | None = None, config: Config | None = None, web: Web | None = None
) -> Iterator[Visitor]:
    """The archive over HTTP, at the time of the tests, and somebody who looks at it."""
    port, settings = free_port(), web or Web()
    app = application(archive, access or access_by(settings, {}), settings, lambda: config, lambda: NOW)
    with serving(app, f"127.0.0.1:{port}", "web.listen"):
        yield Visitor(port)
