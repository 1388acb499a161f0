"""What every page needs: the archive, the words of a language, templates, and how things are written."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import Markup, escape
from starlette.requests import Request
from starlette.responses import HTMLResponse

from monitor.alerting.plaintext import cleaned, web_address
from monitor.alerting.wording import money_words, round_words, status_words
from monitor.archive import Archive
from monitor.config import Config
from monitor.models import Money, Status
from monitor.settings import Language, Web
from monitor.text import fold
from monitor.web.access import Access, Attempts, LoggedOut
from monitor.web.guard import form_key
from monitor.web.words import say

FOLDER = Path(__file__).parent
LANGUAGE_COOKIE = "monitor_language"
SECONDS = 5.0
"""What a question to the archive may take; longer ones are ended."""


@dataclass(frozen=True)
class Site:
    """The parts that pages are made of. `current` gives the configuration as it is now, `clock` the time."""

    archive: Archive
    current: Callable[[], Config | None]
    clock: Callable[[], datetime]
    access: Access
    attempts: Attempts
    logged_out: LoggedOut
    web: Web

    @cached_property
    def _templates(self) -> Environment:
        return Environment(
            loader=FileSystemLoader(FOLDER / "templates"),
            autoescape=select_autoescape(default=True),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    @cached_property
    def _stamp(self) -> str:
        """Changes when a static file does, so that browsers fetch it anew."""
        files = sorted(file for file in (FOLDER / "static").rglob("*") if file.is_file())
        return hashlib.blake2b(b"".join(file.read_bytes() for file in files), digest_size=6).hexdigest()

    def warm(self) -> None:
        """Compile the templates, so that nobody waits for it."""
        for name in self._templates.list_templates():
            self._templates.get_template(name)

    @property
    def watched(self) -> Sequence[str]:
        """The canonical names of the watched companies."""
        config = self.current()
        return [company.name for company in config.companies] if config else []

    def canonical(self, name: str) -> str:
        """The watched company that a name or alias means, else the name as it is."""
        config, wanted = self.current(), fold(name)
        for company in config.companies if config else ():
            if wanted in map(fold, (company.name, *company.aliases)):
                return company.name
        return name

    def base(self, request: Request) -> str:
        """Where people reach this site, without a slash at its end."""
        return (self.web.url or str(request.base_url)).rstrip("/")

    def render(self, request: Request, template: str, status: int = 200, /, **values: Any) -> HTMLResponse:
        """A page in the language of whoever asks."""
        language = language_of(request)
        shown = {
            "say": lambda key, *arguments: say(key, language).format(*arguments),
            "language": language,
            "other_language": "en" if language == "zh" else "zh",
            "money": lambda amount: money_text(amount, language),
            "round_name": lambda name: round_words(name, language) if name else "–",
            "status_name": lambda status: status_words(Status(status), language),
            "time": time_text,
            "plain": cleaned,
            "safe_url": web_address,
            "marked": marked,
            "with_query": lambda **changes: with_query(request, changes),
            "static": lambda name: f"/static/{name}?{self._stamp}",
            "path": request.url.path,
            "query": request.query_params,
            "remembered": request.session.get("name", ""),
            "person": request.scope.get("person", ""),
            "must_log_in": not self.access.open,
            "form_key": lambda: form_key(request),
        }
        page = self._templates.get_template(template).render({**shown, **values})
        answer = HTMLResponse(page, status)
        chosen = request.query_params.get("language")
        if chosen in ("en", "zh"):
            answer.set_cookie(
                LANGUAGE_COOKIE, chosen, max_age=31_536_000, samesite="lax", httponly=True, secure=self.https
            )
        return answer

    @property
    def https(self) -> bool:
        """True if people come by https."""
        return bool(self.web.url and self.web.url.startswith("https:"))


def site_of(request: Request) -> Site:
    """The site that a request is put to."""
    return cast("Site", request.app.state.site)


def language_of(request: Request) -> Language:
    """The language that somebody has chosen, else the one that the browser names first of those there are."""
    for said in (request.query_params.get("language"), request.cookies.get(LANGUAGE_COOKIE)):
        if said in ("en", "zh"):
            return cast("Language", said)
    for part in request.headers.get("accept-language", "").split(","):
        name = part.split(";")[0].strip().lower()[:2]
        if name in ("en", "zh"):
            return cast("Language", name)
    return "en"


def money_text(amount: Money | None, language: Language) -> str:
    """The amount in words; a dash for none."""
    return cleaned(money_words(amount, language)) if amount else "–"


def time_text(at: datetime | None, *, day: bool = False) -> Markup:
    """A time in UTC, as an element that programs read too."""
    if at is None:
        return Markup("–")
    shown = f"{at:%Y-%m-%d}" if day else f"{at:%Y-%m-%d %H:%M}"
    return Markup('<time datetime="{}">{}</time>').format(at.isoformat(), shown)


def marked(text: str, marks: Sequence[tuple[int, int]]) -> Markup:
    """The text with its marks, which may overlap or reach beyond its ends, as elements."""
    pieces, at = [], 0
    for mark in sorted(marks):
        begin, end = max(mark[0], at), min(mark[1], len(text))
        if begin < end:
            pieces += [escape(cleaned(text[at:begin])), Markup("<mark>{}</mark>").format(cleaned(text[begin:end]))]
            at = end
    return Markup("").join([*pieces, escape(cleaned(text[at:]))])


def with_query(request: Request, changes: dict[str, object]) -> str:
    """The address of this page with some parameters changed; None takes one away."""
    kept = {name: value for name, value in request.query_params.items() if name != "language"} | changes
    return f"?{urlencode({name: value for name, value in kept.items() if value not in (None, '')})}"


def day_of(text: str) -> date | None:
    """The day that a form field names, as 2026-01-31; None for an empty one.

    Raises:
        ValueError: when it is no day.
    """
    return date.fromisoformat(text) if text else None
