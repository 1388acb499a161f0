"""What a user configures: frozen values, shared by every layer.

`monitor.config` reads them from YAML and adds file and line to what pydantic finds wrong here.
"""

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Literal, Self

import regex  # type: ignore[import-untyped]
from pydantic import BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, Tag, WithJsonSchema, model_validator
from pydantic_core import PydanticCustomError

_DURATION = re.compile(r"(\d+)\s*(s|m|h|d|w)")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_LONGEST = 10 * 365 * 86_400
_SIZE = re.compile(r"(\d+)\s*(KB|MB|GB)")
_LARGEST = 2_000_000_000
_BYTES = {"KB": 1_000, "MB": 1_000_000, "GB": 1_000_000_000}


def parse_duration(value: object) -> timedelta:
    """A duration such as `90s`, `10m`, `6h`, `3d`, `2w`.

    Raises:
        ValueError: when the value is anything else.
    """
    found = _DURATION.fullmatch(value) if isinstance(value, str) else None
    if not found:
        raise ValueError("is no duration: write a number and a unit, as in 90s, 10m, 6h, 3d, 2w")
    seconds = int(found[1]) * _SECONDS[found[2]]
    if seconds > _LONGEST:
        raise ValueError("is longer than ten years")
    return timedelta(seconds=seconds)


def parse_size(value: object) -> int:
    """A size in bytes such as `500KB` or `64MB` (decimal units).

    Raises:
        ValueError: when the value is anything else.
    """
    found = _SIZE.fullmatch(value) if isinstance(value, str) else None
    if not found:
        raise ValueError("is no size: write a number and a unit, as in 500KB or 64MB")
    size = int(found[1]) * _BYTES[found[2]]
    if not 0 < size <= _LARGEST:
        raise ValueError("must lie between 1KB and 2GB")
    return size


_Duration = Annotated[
    timedelta,
    BeforeValidator(lambda v: v if isinstance(v, timedelta) else parse_duration(v)),
    WithJsonSchema({"type": "string", "pattern": r"^\d+\s*(s|m|h|d|w)$", "examples": ["10m", "6h", "3d"]}),
]
Duration = Annotated[_Duration, Field(ge=timedelta(seconds=1))]
DurationOrNone = Annotated[_Duration, Field(ge=timedelta(0))]
Size = Annotated[
    int,
    BeforeValidator(lambda v: v if isinstance(v, int) else parse_size(v)),
    WithJsonSchema({"type": "string", "pattern": r"^\d+\s*(KB|MB|GB)$", "examples": ["500KB", "64MB"]}),
]
Name = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^\S(.*\S)?$")]
Term = Annotated[str, Field(min_length=1, max_length=200)]
Language = Literal["zh", "en"]


def _variable(value: object) -> object:
    # Somebody may write the secret itself here, so the message does not repeat it.
    if isinstance(value, str) and not re.fullmatch(r"[A-Z_][A-Z0-9_]*", value):
        raise PydanticCustomError("variable_name", "the name of an environment variable is expected, not its value")
    return value


Variable = Annotated[str, BeforeValidator(_variable)]


class Settings(BaseModel):
    """Base of all configured values: frozen, no unknown keys, no silent conversions."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Company(Settings):
    """A watched company."""

    name: Name = Field(description="Canonical name, used in alerts and in the archive.")
    aliases: tuple[Term, ...] = Field((), description="Other names: legal, short, English, former.")
    exclude: tuple[Term, ...] = Field(
        (), description="Longer words in which a name does not count, such as 苹果汁 for 苹果."
    )


class Topic(Settings):
    """A named set of keywords and patterns, matched near a mention of a watched company."""

    name: Name = Field(description="Name used in routing and alerts.")
    any: tuple[Term, ...] = Field((), description="At least one of these must occur.")
    all: tuple[Term, ...] = Field((), description="All of these must occur.")
    not_: tuple[Term, ...] = Field((), alias="not", description="None of these may occur.")
    patterns: tuple[Term, ...] = Field((), description="Regular expressions; one match counts like a word of `any`.")
    within: Literal["title", "sentence", "paragraph", "article"] = Field(
        "sentence", description="How near to the company the words must stand."
    )


class LinkRule(Settings):
    """Rewrites the links of a source."""

    pattern: Term = Field(description="Regular expression searched in each link.")
    replace: str = Field(description="Replacement, with \\1 for groups.")

    @model_validator(mode="after")
    def _usable(self) -> Self:
        try:
            regex.sub(self.pattern, self.replace, "")
        except (regex.error, IndexError) as error:
            raise ValueError(f"is no regular expression with its replacement: {error}") from error
        return self


class Source(Settings):
    """One place to poll."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$")] = Field(
        description="Short identifier: a-z, 0-9, dot, dash, underscore."
    )
    title: str = Field("", description="Name shown to people; the identifier if empty.")
    kind: Literal["feed"] = Field("feed", description="What the address serves.")
    url: Annotated[str, Field(pattern=r"^https?://", max_length=2000)] = Field(description="Address that is polled.")
    language: Language | None = Field(None, description="Language of the articles where pages do not tell.")
    timezone: str = Field("UTC", description="IANA zone of dates without one, such as Asia/Shanghai.")
    every: Duration | None = Field(None, description="Interval between polls; schedule.every if neither is given.")
    cron: str | None = Field(None, description="Cron expression in UTC (five fields) instead of an interval.")
    full_text: Literal["auto", "always", "never"] = Field(
        "auto", description="Does the feed carry whole articles? auto: judged entry by entry."
    )
    links: tuple[LinkRule, ...] = Field((), description="Rewriting of links, in order.")
    max_size: Size = Field(10_000_000, description="Largest answer that is read.")
    checked: str = Field("never", description="Day on which the source was last checked against the live site.")
    cite: tuple[str, ...] = Field((), description="Where the address was found.")


class CatalogueSource(Settings):
    """A source from the built-in catalogue, with what to change in it."""

    catalogue: Name = Field(description="Name of a built-in source; `monitor sources list --catalogue` shows all.")
    every: Duration | None = Field(None, description="Interval between polls instead of the catalogue's.")
    cron: str | None = Field(None, description="Cron expression in UTC (five fields) instead of an interval.")


class ConsoleChannel(Settings):
    """Prints alerts on standard output."""

    name: Name = Field(description="Name used in routing.")
    type: Literal["console"]
    language: Language = Field("en", description="Language of the card.")


def _slack_channel(value: object) -> object:
    if isinstance(value, str) and re.fullmatch(r"#[^\s#A-Z]{1,80}|[CGD][A-Z0-9]{7,}", value):
        return value
    raise ValueError('is no Slack channel: write "#name", lower case and in quotes (# begins a comment), or its ID')


class SlackChannel(Settings):
    """Posts with a bot token (`chat.postMessage`); the console takes over while the token is not set."""

    name: Name = Field(description="Name used in routing.")
    type: Literal["slack"]
    channel: Annotated[str, BeforeValidator(_slack_channel)] = Field(
        description='"#name" (lower case, in quotes) or ID of the Slack channel.'
    )
    token_env: Variable = Field(
        "SLACK_BOT_TOKEN", description="Environment variable that holds the bot token (xoxb-…)."
    )
    language: Language = Field("en", description="Language of the card.")


class WebhookChannel(Settings):
    """Posts to a Slack incoming webhook; the console takes over while the address is not set."""

    name: Name = Field(description="Name used in routing.")
    type: Literal["slack_webhook"]
    url_env: Variable = Field("SLACK_WEBHOOK_URL", description="Environment variable that holds the webhook's address.")
    language: Language = Field("en", description="Language of the card.")


Channel = Annotated[ConsoleChannel | SlackChannel | WebhookChannel, Field(discriminator="type")]


Role = Literal["raiser", "investor"]


class Route(Settings):
    """Who hears what: the channels of every route that fits get the alert."""

    topics: tuple[Name, ...] = Field(("funding",), description="Topics this route takes; `funding` is built in.")
    companies: tuple[Name, ...] = Field((), description="Canonical names this route takes; empty: all watched.")
    everyone: bool = Field(False, description="Deals of any company that a text names, watched or not.")
    roles: tuple[Role, ...] = Field(
        ("raiser",),
        description="raiser: the company raises money; investor: a watched company puts money into another.",
    )
    min_usd: int | None = Field(
        None, description="Only deals of at least so many US dollars; those of unknown amount do not pass."
    )
    channels: Annotated[tuple[Name, ...], Field(min_length=1)] = Field(description="Channels that get the alert.")


class AlertSettings(Settings):
    """When an alert is sent at all."""

    max_age: Duration = Field(timedelta(days=3), description="Articles published longer ago never alert.")


class CrawlSettings(Settings):
    """How pages are fetched."""

    contact: str = Field("", description="Page or e-mail address named in the User-Agent, for the sites' operators.")
    user_agent: str = Field("", description="Whole User-Agent instead of the product's own.")
    timeout: Duration = Field(timedelta(seconds=30), description="Longest wait for one answer.")
    obey_robots: bool = Field(True, description="Keep to robots.txt.")


class Schedule(Settings):
    """When things are done."""

    every: Duration = Field(timedelta(minutes=10), description="Interval between polls of a source.")
    jitter: DurationOrNone = Field(timedelta(seconds=30), description="Each poll comes up to this much later.")
    tick: Duration = Field(timedelta(seconds=15), description="How often is looked for sources that are due.")
    deadline: Duration = Field(timedelta(minutes=15), description="A crawl run that takes longer is ended.")
    delivery: Duration = Field(timedelta(seconds=1), description="How often waiting alerts are looked for.")


FUNDING = "funding"
"""Name of the built-in topic."""


def _kind_of_source(value: object) -> str:
    named = isinstance(value, str | CatalogueSource) or (isinstance(value, dict) and "catalogue" in value)
    return "catalogue" if named else "own"


def _from_name(value: object) -> object:
    return {"catalogue": value} if isinstance(value, str) else value


AnySource = Annotated[
    Annotated[
        CatalogueSource, BeforeValidator(_from_name, json_schema_input_type=str | CatalogueSource), Tag("catalogue")
    ]
    | Annotated[Source, Tag("own")],
    Discriminator(_kind_of_source),
]


class WatchFile(Settings):
    """A file that holds a watch list."""

    companies: Annotated[tuple[Company, ...], Field(min_length=1)] = Field(description="The watch list.")


class ConfigFile(WatchFile):
    """Configuration of the funding-news monitor (monitor.yaml)."""

    topics: tuple[Topic, ...] = Field((), description="Own topics beside the built-in `funding`.")
    lexicon: Mapping[Language, Mapping[str, tuple[Name, ...]]] = Field(
        default_factory=dict, description="Words added to those of detection, by language and category."
    )
    sources: Annotated[tuple[AnySource, ...], Field(min_length=1)] = Field(
        description="What is polled: names from the catalogue, or sources of your own."
    )
    channels: Annotated[tuple[Channel, ...], Field(min_length=1)] = Field(description="Where alerts go.")
    routing: tuple[Route, ...] = Field((), description="Who hears what; empty: every channel hears of every deal.")
    alerts: AlertSettings = AlertSettings()
    crawl: CrawlSettings = CrawlSettings()
    schedule: Schedule = Schedule()
