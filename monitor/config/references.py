"""What a schema cannot say of a configuration: names that refer to each other, names used twice, zones, patterns."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TypeVar

from monitor import timing
from monitor.config.explain import suggestion
from monitor.config.yamlfile import Located, Path
from monitor.detection import rounds
from monitor.detection.lexicon import bare, built_in
from monitor.detection.topics import check_pattern
from monitor.errors import UrlError
from monitor.settings import FUNDING, CatalogueSource, ConfigFile, Source
from monitor.text import fold
from monitor.urls import canonical

Value = TypeVar("Value")


def check(file: ConfigFile, located: Located, catalogue: Mapping[str, Source]) -> Iterator[str]:
    """A line for every fault."""
    yield from _twice(located, "companies", (company.name for company in file.companies))
    yield from _twice(located, "topics", [FUNDING, *(topic.name for topic in file.topics)], offset=1)
    yield from _twice(located, "channels", (channel.name for channel in file.channels))
    yield from _twice(located, "sources", map(_name, file.sources))
    yield from _shared_aliases(file, located)
    yield from _topics(file, located)
    yield from _sources(file, located, catalogue)
    yield from _routes(file, located)
    yield from _alerts(file, located)
    yield from _lexicon(file, located)


def _name(source: Source | CatalogueSource) -> str:
    return source.catalogue if isinstance(source, CatalogueSource) else source.name


def _twice(located: Located, key: str, names: Iterable[str], offset: int = 0) -> Iterator[str]:
    seen: set[str] = set()
    for i, name in enumerate(names):
        if name in seen:
            yield located.problem((key, i - offset), f"{name!r} stands here a second time")
        seen.add(name)


def _shared_aliases(file: ConfigFile, located: Located) -> Iterator[str]:
    owners: dict[str, set[str]] = defaultdict(set)
    for i, company in enumerate(file.companies):
        for j, alias in enumerate((company.name, *company.aliases)):
            path: Path = ("companies", i, "aliases", j - 1) if j else ("companies", i, "name")
            others = owners[fold(alias)] - {company.name}
            if others:
                yield located.problem(path, f"{alias!r} is a name of {min(others)!r} too; a name means one company")
            owners[fold(alias)].add(company.name)


def _topics(file: ConfigFile, located: Located) -> Iterator[str]:
    for i, topic in enumerate(file.topics):
        if not (topic.any or topic.all or topic.patterns):
            yield located.problem(("topics", i), "this topic matches nothing: give any, all or patterns")
        for j, pattern in enumerate(topic.patterns):
            yield from _tried(located, ("topics", i, "patterns", j), check_pattern, pattern)


def _sources(file: ConfigFile, located: Located, catalogue: Mapping[str, Source]) -> Iterator[str]:
    polled: dict[str, str] = {}
    for i, source in enumerate(file.sources):
        path: Path = ("sources", i)
        url = source.url if isinstance(source, Source) else getattr(catalogue.get(source.catalogue), "url", "")
        if url and polled.setdefault(url, _name(source)) != _name(source):
            yield located.problem(path, f"{url} is polled as {polled[url]!r} already")
        if source.every and source.cron:
            yield located.problem((*path, "cron"), "every and cron exclude each other: keep one")
        if source.cron:
            yield from _tried(located, (*path, "cron"), timing.cron, source.cron)
        if isinstance(source, CatalogueSource):
            if source.catalogue not in catalogue:
                hint = suggestion(source.catalogue, list(catalogue))
                yield located.problem(path, f"the catalogue has no source {source.catalogue!r}{hint}")
            continue
        yield from _tried(located, (*path, "url"), _address, source.url)
        for j, way in enumerate(source.fallbacks):
            yield from _tried(located, (*path, "fallbacks", j, "url"), _address, way.url)


def _address(url: str) -> str:
    try:
        return canonical(url.replace("rsshub://", "https://rsshub.invalid/", 1))
    except UrlError as error:
        raise ValueError(str(error)) from error


def _routes(file: ConfigFile, located: Located) -> Iterator[str]:
    known = {
        "topics": [FUNDING, *(topic.name for topic in file.topics)],
        "companies": [company.name for company in file.companies],
        "channels": [channel.name for channel in file.channels],
        "groups": sorted({group for company in file.companies for group in company.groups}),
        "sources": [_name(source) for source in file.sources],
    }
    for i, route in enumerate(file.routing):
        for key, names in known.items():
            for j, name in enumerate(getattr(route, key)):
                if name not in names:
                    message = f"there is no {_SINGULAR[key]} {name!r}{suggestion(name, names)}"
                    yield located.problem(("routing", i, key, j), message)
        for j, name in enumerate(route.rounds):
            if not rounds.is_name(name):
                message = f"{name!r} is no round: write seed, angel, pre-A, A, A+, B1, strategic, pre-IPO …"
                yield located.problem(("routing", i, "rounds", j), message)


def _alerts(file: ConfigFile, located: Located) -> Iterator[str]:
    names = [channel.name for channel in file.channels]
    alerts = file.alerts
    named: list[tuple[Path, str | None]] = [(("operations",), alerts.operations)]
    named += [(("default", i), name) for i, name in enumerate(alerts.default)]
    named += [(("heartbeat", "channel"), alerts.heartbeat.channel)] if alerts.heartbeat else []
    for path, name in named:
        if name is not None and name not in names:
            yield located.problem(("alerts", *path), f"there is no channel {name!r}{suggestion(name, names)}")
    for i, channel in enumerate(file.channels):
        if channel.quiet and channel.quiet.begin == channel.quiet.end:
            yield located.problem(("channels", i, "quiet"), "these hours have no length: from and to are the same")


def _lexicon(file: ConfigFile, located: Located) -> Iterator[str]:
    for language, words in file.lexicon.items():
        known = built_in()[language].categories
        for name in words:
            if name not in known:
                message = f"detection has no category {name!r}{suggestion(name, known)}"
                yield located.problem(("lexicon", language, name), message)
            for i, word in enumerate(words[name]):
                if bare(word) != word:
                    yield located.problem(("lexicon", language, name, i), f"{word!r} is a pattern: write a word")


_SINGULAR = {
    "topics": "topic",
    "companies": "company",
    "channels": "channel",
    "groups": "group of companies",
    "sources": "source",
}


def _tried(located: Located, path: Path, check: Callable[[Value], object], value: Value) -> Iterator[str]:
    try:
        check(value)
    except ValueError as error:
        yield located.problem(path, str(error))
