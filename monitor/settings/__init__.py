"""What a user configures: frozen values, shared by every layer.

`monitor.config` reads them from YAML and adds file and line to what pydantic finds wrong here.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Literal

from pydantic import BeforeValidator, Discriminator, Field, Tag

from monitor.settings.channels import (
    AppriseChannel,
    Channel,
    ConsoleChannel,
    DealStatus,
    Digest,
    Quiet,
    SignedChannel,
    SlackChannel,
    Timed,
    Urgent,
    Variable,
    WebhookChannel,
)
from monitor.settings.sources import ApiRule, CatalogueSource, LinkRule, ListingRule, PageRule, SitemapRule, Source, Way
from monitor.settings.values import (
    Duration,
    DurationOrNone,
    Language,
    Name,
    Settings,
    Size,
    Term,
    parse_duration,
    parse_size,
)
from monitor.settings.web import Health, Web, WebSub


class Company(Settings):
    """A watched company."""

    name: Name = Field(description="Canonical name, used in alerts and in the archive.")
    aliases: tuple[Term, ...] = Field((), description="Other names: legal, short, English, former.")
    exclude: tuple[Term, ...] = Field(
        (), description="Longer words in which a name does not count, such as 苹果汁 for 苹果."
    )
    groups: tuple[Name, ...] = Field((), description="Names of groups it belongs to, for routing.")


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


Role = Literal["raiser", "investor"]


class Route(Settings):
    """Who hears what: the channels of a route that fits get the alert. Every condition must hold; empty ones do."""

    topics: tuple[Name, ...] = Field(("funding",), description="Topics this route takes; `funding` is built in.")
    companies: tuple[Name, ...] = Field((), description="Canonical names this route takes; empty: all watched.")
    groups: tuple[Name, ...] = Field((), description="Groups of companies this route takes, beside `companies`.")
    everyone: bool = Field(False, description="Deals of any company that a text names, watched or not.")
    roles: tuple[Role, ...] = Field(
        ("raiser",),
        description="raiser: the company raises money; investor: a watched company puts money into another.",
    )
    status: tuple[DealStatus, ...] = Field((), description="Only deals of this status: completed, in_talks, denied.")
    rounds: tuple[Name, ...] = Field((), description="Only these rounds: seed, angel, pre-A, A, B+, strategic …")
    min_usd: int | None = Field(
        None, description="Only deals of at least so many US dollars; those of unknown amount do not pass."
    )
    languages: tuple[Language, ...] = Field((), description="Only what articles in these languages tell.")
    sources: tuple[Name, ...] = Field((), description="Only what these sources tell.")
    channels: Annotated[tuple[Name, ...], Field(min_length=1)] = Field(description="Channels that get the alert.")


class Heartbeat(Settings):
    """Who hears that nothing can be delivered: a channel that does not fail together with the others."""

    channel: Name = Field(description="Channel that is told.")
    after: Duration = Field(timedelta(hours=1), description="How long alerts wait before it is told.")


class AlertSettings(Settings):
    """When an alert is sent at all."""

    max_age: Duration = Field(timedelta(days=3), description="Articles published longer ago never alert.")
    match: Literal["all", "first"] = Field(
        "all", description="Which routes count: all that fit, or the first of them alone."
    )
    default: tuple[Name, ...] = Field((), description="Channels that hear of what no route takes.")
    operations: Name | None = Field(
        None, description="Channel that hears of sources that fail, fall silent or change; without it the log does."
    )
    heartbeat: Heartbeat | None = Field(None, description="Tell when nothing could be delivered for an hour.")
    app_token_env: Variable = Field(
        "SLACK_APP_TOKEN",
        description="Variable that holds the app token (xapp-…) with which buttons and /monitor work.",
    )


class RawPages(Settings):
    """Pages kept as they were fetched, compressed, for `monitor reextract`."""

    max_page: Size = Field(2_000_000, description="Larger pages are not kept.")
    total: Size = Field(2_000_000_000, description="Room for all of them; the oldest go first.")


class Retention(Settings):
    """What the archive forgets, by age; null keeps for good. Deals, what tells them, and alerts always stay."""

    unmentioned: Duration | None = Field(
        None, description="Articles that name no watched company, tell no deal and were told to nobody."
    )
    texts: Duration | None = Field(None, description="Texts of articles that tell no deal; title and link stay.")
    raw_pages: Duration | None = Field(None, description="Pages kept as they were fetched (`crawl.raw_pages`).")


class CrawlSettings(Settings):
    """How pages are fetched."""

    contact: str = Field("", description="Page or e-mail address named in the User-Agent, for the sites' operators.")
    user_agent: str = Field("", description="Whole User-Agent instead of the product's own.")
    timeout: Duration = Field(timedelta(seconds=30), description="Longest time for one answer, its body included.")
    obey_robots: bool = Field(True, description="Keep to robots.txt.")
    private_hosts: tuple[Name, ...] = Field(
        (), description="Names, addresses or networks (10.1.0.0/16) inside your own network that may be fetched."
    )
    rsshub: Annotated[str, Field(pattern=r"^https?://")] = Field(
        "https://rsshub.app", description="RSSHub instance that answers for rsshub:// addresses."
    )
    processes: Annotated[int, Field(ge=0, le=64)] = Field(
        0, description="Processes that read pages beside the one that fetches; 0: one for each core but the first."
    )
    browser: str = Field(
        "",
        max_length=500,
        description="Program that renders pages where a source asks for it; else a Chromium found.",
    )
    browser_sandbox: bool = Field(
        True, description="The browser's own sandbox; containers that forbid user namespaces need it off."
    )
    raw_pages: RawPages | None = Field(None, description="Keep pages as they were fetched; null keeps none.")


class Schedule(Settings):
    """When things are done."""

    every: Duration = Field(
        timedelta(minutes=10), description="Interval between polls while little is known of a source."
    )
    fastest: Duration = Field(timedelta(minutes=3), description="Shortest interval between polls of a lively source.")
    slowest: Duration = Field(timedelta(days=1), description="Longest interval between polls of a source that rests.")
    jitter: DurationOrNone = Field(timedelta(seconds=30), description="Each poll comes up to this much later.")
    tick: Duration = Field(timedelta(seconds=15), description="How often is looked for sources that are due.")
    deadline: Duration = Field(timedelta(minutes=15), description="A crawl run that takes longer is ended.")
    delivery: Duration = Field(
        timedelta(milliseconds=250), description="How often waiting alerts are looked for; four times a second."
    )


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
    websub: WebSub | None = Field(None, description="Subscribe to feeds that have a hub; null polls all alike.")
    web: Web | None = Field(None, description="Show the archive in a browser; null does not.")
    retention: Retention = Retention()
    health: Health | None = Field(None, description="Answer probes and monitoring systems; null does not.")


__all__ = [
    "FUNDING",
    "AlertSettings",
    "AnySource",
    "ApiRule",
    "AppriseChannel",
    "CatalogueSource",
    "Channel",
    "Company",
    "ConfigFile",
    "ConsoleChannel",
    "CrawlSettings",
    "Digest",
    "Duration",
    "Health",
    "Heartbeat",
    "Language",
    "LinkRule",
    "ListingRule",
    "Name",
    "PageRule",
    "Quiet",
    "Retention",
    "Role",
    "Route",
    "Schedule",
    "Settings",
    "SignedChannel",
    "SitemapRule",
    "SlackChannel",
    "Source",
    "Term",
    "Timed",
    "Topic",
    "Urgent",
    "WatchFile",
    "Way",
    "Web",
    "WebSub",
    "WebhookChannel",
    "parse_duration",
    "parse_size",
]
