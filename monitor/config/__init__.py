"""Reading monitor.yaml: what is wrong is told with file, line and the nearest valid name."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib.resources import files
from pathlib import Path

from monitor.config import references
from monitor.config.catalogue import catalogue
from monitor.config.explain import suggestion, validated
from monitor.config.yamlfile import read_yaml
from monitor.errors import ConfigError
from monitor.settings import (
    AlertSettings,
    CatalogueSource,
    Channel,
    Company,
    ConfigFile,
    CrawlSettings,
    Health,
    Language,
    Retention,
    Route,
    Schedule,
    Source,
    Topic,
    WatchFile,
    Web,
    WebSub,
)


@dataclass(frozen=True, slots=True)
class Config:
    """A configuration that can be used: every reference resolved, every source whole."""

    path: Path
    companies: tuple[Company, ...]
    topics: tuple[Topic, ...]
    sources: tuple[Source, ...]
    channels: tuple[Channel, ...]
    routing: tuple[Route, ...]
    alerts: AlertSettings
    crawl: CrawlSettings
    schedule: Schedule
    lexicon: Mapping[Language, Mapping[str, Sequence[str]]] = field(default_factory=dict)
    websub: WebSub | None = None
    web: Web | None = None
    health: Health | None = None
    retention: Retention = field(default_factory=Retention)

    def source(self, name: str) -> Source:
        """The source of that name.

        Raises:
            ConfigError: when there is none; names the nearest.
        """
        for source in self.sources:
            if source.name == name:
                return source
        known = [source.name for source in self.sources]
        raise ConfigError([f"{self.path}: no source {name!r} is configured{suggestion(name, known)}"])


def load(path: Path) -> Config:
    """The configuration in a file.

    Raises:
        ConfigError: with a line for every fault found.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise ConfigError([f"{path}: there is no such file; `monitor config init` writes one"]) from error
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError([f"{path}: this file cannot be read: {error}"]) from error
    return parse(text, path)


def parse(text: str, path: Path) -> Config:
    """The configuration in a text; `path` is named in errors.

    Raises:
        ConfigError: with a line for every fault found.
    """
    located = read_yaml(text, str(path))
    if not isinstance(located.data, dict):
        raise ConfigError([f"{path}:1: this is no configuration: it must have the keys companies, sources, channels"])
    file = validated(ConfigFile, located)
    problems = list(references.check(file, located, catalogue()))
    if problems:
        raise ConfigError(problems)
    every_channel = (Route(channels=tuple(channel.name for channel in file.channels)),)
    return Config(
        path=path,
        companies=file.companies,
        topics=file.topics,
        sources=tuple(_whole(source) for source in file.sources),
        channels=file.channels,
        routing=file.routing or every_channel,
        alerts=file.alerts,
        crawl=file.crawl,
        schedule=file.schedule,
        lexicon=file.lexicon,
        websub=file.websub,
        web=file.web,
        health=file.health,
        retention=file.retention,
    )


def _whole(source: Source | CatalogueSource) -> Source:
    if isinstance(source, Source):
        return source
    changes = source.model_dump(exclude={"catalogue"}, exclude_none=True)
    if changes:  # either way of scheduling takes the place of the catalogue's
        changes = {"every": None, "cron": None, **changes}
    return catalogue()[source.catalogue].model_copy(update=changes)


def load_companies(path: Path) -> tuple[Company, ...]:
    """The watch list in a YAML file that has `companies`, whatever else it has.

    Raises:
        ConfigError: with a line for every fault found.
    """
    try:
        located = read_yaml(path.read_text(encoding="utf-8"), str(path))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError([f"{path}: this file cannot be read: {error}"]) from error
    listed = located.data.get("companies") if isinstance(located.data, dict) else None
    return validated(WatchFile, replace(located, data={"companies": listed})).companies


def example() -> str:
    """A commented monitor.yaml to begin with."""
    return files("monitor.config").joinpath("monitor.example.yaml").read_text(encoding="utf-8")


def json_schema() -> str:
    """JSON Schema of monitor.yaml, with which editors complete and check."""
    return json.dumps(ConfigFile.model_json_schema(), indent=2, ensure_ascii=False)


__all__ = ["Config", "catalogue", "example", "json_schema", "load", "load_companies", "parse", "suggestion"]
