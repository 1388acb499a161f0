"""A monitor.yaml for a new user, made of a few answers."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import yaml

from monitor.config.catalogue import catalogue
from monitor.settings import Language

_SEPARATORS = re.compile("[,，、;；\n]+")
_ALIASES = re.compile("[=＝|]")


@dataclass(frozen=True, slots=True)
class Answers:
    """What a new user says.

    `companies` are names apart by commas, each with its aliases after `=` (智谱AI=智谱=Zhipu AI); `languages` those of
    the news; `channel` is `#name`, `webhook`, or empty for the console.
    """

    companies: str
    languages: Sequence[Language]
    channel: str
    language: Language
    contact: str = ""


def written(answers: Answers) -> str:
    """The text of monitor.yaml, commented where something is left to do."""
    return "\n".join(_lines(answers))


def _lines(answers: Answers) -> Iterator[str]:
    yield "# Written by `monitor init`. What else can be said here: monitor.example.yaml, `monitor config schema`."
    yield _dumped("companies", [_company(name) for name in _SEPARATORS.split(answers.companies) if name.strip()])
    found = [source.name for source in catalogue().values() if source.language in answers.languages]
    yield "# From the catalogue; addresses of your own too: `monitor sources add https://news.example/`."
    yield _dumped("sources", found)
    yield _dumped("channels", [_channel(answers)])
    yield _dumped("crawl", {"contact": answers.contact})


def _company(said: str) -> dict[str, object]:
    name, *aliases = (part.strip() for part in _ALIASES.split(said))
    named = [alias for alias in aliases if alias]
    return {"name": name, **({"aliases": named} if named else {})}


def _channel(answers: Answers) -> dict[str, str]:
    more = {"language": str(answers.language)}
    if answers.channel == "webhook":
        return {"name": "deals", "type": "slack_webhook", **more}
    if answers.channel:
        return {"name": "deals", "type": "slack", "channel": answers.channel, **more}
    return {"name": "deals", "type": "console", **more}


def _dumped(key: str, value: object) -> str:
    return yaml.safe_dump({key: value}, allow_unicode=True, sort_keys=False, width=100, default_flow_style=None)
