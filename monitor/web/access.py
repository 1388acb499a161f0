"""Who may look: a password for people, tokens for programs, and neither on a machine of one's own."""

import hmac
import secrets
import time
from base64 import b64decode
from collections import defaultdict, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from monitor.errors import ConfigError
from monitor.settings import Web
from monitor.settings.web import is_loopback

SHORTEST = 12
"""Characters of a password or token; shorter ones can be found by trying."""

TRIES, TRIES_OF_ALL, WITHIN = 5, 100, 15 * 60
"""Wrong passwords and tokens that one address may give, and all together, within so many seconds."""


@dataclass(frozen=True)
class Access:
    """The secrets that open the archive; never shown. Without any, everybody may look who reaches the address."""

    password: str = field(default="", repr=False)
    tokens: Mapping[str, str] = field(default_factory=dict, repr=False)
    hosts: frozenset[str] = frozenset()

    @property
    def open(self) -> bool:
        """True if nothing is asked for."""
        return not self.password and not self.tokens

    def password_is(self, given: str) -> bool:
        """True if this is the password."""
        return bool(self.password) and _same(given, self.password)

    def program(self, authorization: str) -> str | None:
        """The name of the program whose token an Authorization header holds, as bearer or as the password of basic
        authentication (which takes the password too); None for none."""
        scheme, _, said = authorization.partition(" ")
        if scheme.lower() == "basic":
            try:
                person, _, given = b64decode(said, validate=True).decode().partition(":")
            except ValueError:
                return None
            if self.password_is(given):
                return person or "basic"
        elif scheme.lower() == "bearer":
            given = said.strip()
        else:
            return None
        found = [name for name, token in self.tokens.items() if _same(given, token)]
        return found[0] if found else None

    def takes_host(self, host: str) -> bool:
        """True if a request may name this host. Where nobody has to log in, a page from elsewhere could reach the
        archive under a name of its own (DNS rebinding): then only this machine's names and the configured one do."""
        name = urlsplit(f"//{host}").hostname or ""
        return not self.open or name in self.hosts or is_loopback(f"{name}:80")


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())


def access(web: Web, variables: Mapping[str, str]) -> Access:
    """The secrets that the environment holds.

    Raises:
        ConfigError: when one is too short, or when there is none and others can reach the address.
    """
    password = variables.get(web.password_env, "")
    tokens = _tokens(variables.get(web.tokens_env, ""))
    problems = [
        f"{web.tokens_env}: the token {name!r} is shorter than {SHORTEST} characters"
        for name, token in tokens.items()
        if len(token) < SHORTEST
    ]
    if password and len(password) < SHORTEST:
        problems.append(f"{web.password_env}: the password is shorter than {SHORTEST} characters")
    if not password and not tokens and not is_loopback(web.listen):
        problems.append(
            f"web.listen: {web.listen} can be reached from other machines: set {web.password_env} (or "
            f"{web.tokens_env} for programs alone), or listen at 127.0.0.1"
        )
    if problems:
        raise ConfigError(problems)
    host = urlsplit(web.url).hostname if web.url else None
    return Access(password, tokens, frozenset({host} if host else ()))


def _tokens(said: str) -> dict[str, str]:
    found = {}
    for number, word in enumerate(said.split(), 1):
        name, colon, token = word.partition(":")
        found[name if colon else f"token {number}"] = token if colon else word
    return found


@dataclass
class Attempts:
    """Counts wrong passwords and tokens, by address; `clock` gives seconds."""

    clock: Callable[[], float] = time.monotonic
    _failed: dict[str, deque[float]] = field(default_factory=lambda: defaultdict(deque))

    def wait(self, address: str) -> int:
        """Seconds until that address may try again; 0 at once."""
        now = self.clock()
        for known in list(self._failed):
            times = self._failed[known]
            while times and times[0] <= now - WITHIN:
                times.popleft()
            if not times:
                del self._failed[known]
        mine = self._failed.get(address, deque())
        everyone = sorted(moment for times in self._failed.values() for moment in times)
        limits = ((list(mine), TRIES), (everyone, TRIES_OF_ALL))
        waits = [times[-most] + WITHIN - now for times, most in limits if len(times) >= most]
        return max((int(wait) + 1 for wait in waits), default=0)

    def failed(self, address: str) -> None:
        """A wrong one came from that address."""
        self._failed[address].append(self.clock())

    def succeeded(self, address: str) -> None:
        """The right one did: what failed before is forgotten."""
        self._failed.pop(address, None)


@dataclass
class LoggedOut:
    """Sessions that were ended before their time; they are signed, not stored, so that these must be known."""

    _ended: set[str] = field(default_factory=set)

    def end(self, session: str) -> None:
        """This session counts no more."""
        self._ended.add(session)

    def __contains__(self, session: str) -> bool:
        return session in self._ended


def new_key() -> str:
    """A random key, for a session or a form."""
    return secrets.token_urlsafe(24)
