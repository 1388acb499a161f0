"""`monitor sources`: what is polled, whether it answers, and adding one."""

import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import typer
from pydantic import ValidationError

from monitor import config
from monitor.bootstrap import Application, application, environment, utc_now
from monitor.cli.output import err, out, print_json, print_table, safe, when
from monitor.cli.questions import AsJson, open_archive
from monitor.config.edit import add_source
from monitor.errors import ConfigError, MonitorError, UrlError
from monitor.health import sparkline
from monitor.parsing.checks import Checked, best_of
from monitor.parsing.opml import read_opml, write_opml
from monitor.polls import SourceState
from monitor.settings import Source
from monitor.settings.sources import Kind
from monitor.urls import canonical

_DAYS = 14
"""Days of which the list shows how much a source brought."""

_SHOWN = 5
"""Entries shown of a source that is checked."""

app = typer.Typer(no_args_is_help=True, help="What is polled, whether it answers, and adding one.")


@app.command("list")
def list_sources(
    catalogue: Annotated[
        bool, typer.Option("--catalogue", help="The built-in sources instead of the configured ones.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """List sources with their health: new articles a day, share of articles that lack something, polls, last error."""
    if catalogue:
        _list_catalogue(as_json=as_json)
        return
    listed = _listed(application(environment()))
    if as_json:
        print_json([{**asdict(one), "source": one.source.model_dump(mode="json")} for one in listed])
        return
    print_table(
        (
            *("name", "health", f"{_DAYS} days", "articles", "lacking", "newest"),
            *("last poll", "outcome", "next poll", "hub until", "error"),
        ),
        (one.row for one in listed),
        empty="no sources",
    )


@dataclass(frozen=True, slots=True)
class _Listed:
    """A source with its health: `daily` are new articles a day, `hub` is the end of its subscription at one."""

    source: Source
    state: SourceState
    daily: Sequence[int]
    lacking: float | None
    hub: datetime | None

    @property
    def row(self) -> tuple[str, ...]:
        state = self.state
        return (
            self.source.name,
            state.problem or ("new" if state.last_success_at is None else "well"),
            sparkline(self.daily),
            str(state.articles),
            "" if self.lacking is None else f"{self.lacking:.0%}",
            when(state.recent[-1] if state.recent else None),
            when(state.last_polled_at),
            state.last_outcome.value if state.last_outcome else "-",
            when(state.next_poll_at),
            when(self.hub) if self.hub else "",
            state.last_error or "",
        )


def _listed(program: Application) -> list[_Listed]:
    configured = program.config.sources
    if not program.archive.exists:
        return [_Listed(source, SourceState(source.name), [0] * _DAYS, None, None) for source in configured]
    with open_archive().reading() as tables:
        found = tables.health.overview([source.name for source in configured], utc_now(), _DAYS)
    return [
        _Listed(source, one.state, one.daily, one.lacking, one.hub)
        for source, one in zip(configured, found, strict=True)
    ]


def _list_catalogue(*, as_json: bool) -> None:
    found = config.catalogue().values()
    if as_json:
        print_json([source.model_dump(mode="json") for source in found])
        return
    print_table(
        ("name", "title", "language", "checked", "address"),
        ((s.name, s.title, s.language or "-", s.checked, s.url) for s in found),
        empty="the catalogue is empty",
    )


@app.command()
def check(
    names: Annotated[
        list[str] | None, typer.Argument(help="Names of configured sources; all if none is given.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Visit sources once without storing anything; say what they hold and what is wrong (then the exit code is 1)."""
    from monitor.crawling.run import check as visit

    program = application(environment())
    chosen = [program.config.source(name) for name in names] if names else program.config.sources
    found = visit(chosen)
    if as_json:
        print_json([{"checked": checked, "complaints": checked.complaints} for checked in found])
    else:
        for checked in found:
            _print_checked(checked)
    if any(checked.complaints for checked in found):
        raise typer.Exit(1)


def _print_checked(checked: Checked) -> None:
    out.print(f"{checked.source} ({checked.way.kind} {checked.url}): {'; '.join(checked.complaints) or 'all right'}")
    for entry in checked.entries[:_SHOWN]:
        out.print(f"    {when(entry.published)}  {safe(entry.title or entry.url)}")
    if checked.sample is not None:
        kind = "in the entry" if checked.full_text else "from its page"
        author = safe(checked.sample.author or "-")
        out.print(f"    newest article: {len(checked.sample.text)} characters {kind}, author {author}")


@app.command()
def add(
    url: Annotated[str, typer.Argument(help="Address of a feed, a sitemap, or a page of the site.")],
    name: Annotated[str | None, typer.Option(help="Its short name; made from the host if not given.")] = None,
    zone: Annotated[str, typer.Option("--timezone", help="IANA zone of dates without one.")] = "UTC",
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Find out how a site can be read (feed, sitemap, listing), show what it holds, and write it into monitor.yaml."""
    from monitor.crawling.run import check as visit

    program = application(environment())
    wanted = _wanted(name, canonical(url), zone, [source.name for source in program.config.sources])
    found = visit([wanted], discover=True)
    best = best_of(found)
    if best is None:
        reasons = "; ".join(checked.error or f"{checked.url}: no entries" for checked in found)
        raise MonitorError(reasons or f"{wanted.url}: this can be read in no way: give the address of the feed")
    _print_checked(best)
    if not yes:
        typer.confirm(f"Write {best.url} into {program.config.path} as {wanted.name}?", abort=True, err=True)
    add_source(program.config.path, wanted.model_copy(update={**_way(best), "url": best.url}))
    err.print(f"{program.config.path}: source {wanted.name} is added")


def _wanted(name: str | None, address: str, zone: str, taken: Sequence[str]) -> Source:
    short = name or _name_for(address)
    if short in taken:
        raise ConfigError([f"a source {short!r} is configured already: give another --name"])
    kind: Kind = "sitemap" if "sitemap" in address.rpartition("/")[2] else "feed"
    try:
        return Source(name=short, url=address, kind=kind, timezone=zone, checked=utc_now().date().isoformat())
    except ValidationError as error:
        raise ConfigError([f"--name {name!r}: a-z, 0-9, dot, dash and underscore only"]) from error


def _way(checked: Checked) -> dict[str, object]:
    return {key: getattr(checked.way, key) for key in ("kind", "listing", "api", "sitemap")}


@app.command("import")
def import_opml(
    file: Annotated[Path, typer.Argument(help="A list of feeds in OPML, as feed readers export it.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be added, write nothing.")] = False,
) -> None:
    """Add the feeds of an OPML file to monitor.yaml; those that are configured already are passed over."""
    program = application(environment())
    feeds = read_opml(file.read_bytes(), str(file))
    taken = {source.name for source in program.config.sources}
    known = {way.url for source in program.config.sources for way in source.ways}
    added = 0
    for feed in feeds:
        try:
            address = canonical(feed.url)
        except UrlError as error:
            err.print(f"{file}: {safe(feed.title)}: {error}")
            continue
        if address in known:
            continue
        short = _free_name(_name_for(address), taken)
        taken.add(short)
        known.add(address)
        source = Source(name=short, title=feed.title[:200], url=address)
        if not dry_run:
            add_source(program.config.path, source)
        out.print(f"{short}  {safe(feed.title)}  {address}")
        added += 1
    err.print(f"{added} of {len(feeds)} feeds {'would be' if dry_run else 'are'} added")


@app.command("export")
def export_opml(
    catalogue: Annotated[bool, typer.Option("--catalogue", help="The built-in sources instead.")] = False,
) -> None:
    """Write the feeds among the sources as OPML on standard output."""
    listed = tuple(config.catalogue().values()) if catalogue else application(environment()).config.sources
    sys.stdout.buffer.write(write_opml(listed, "Funding-news monitor", utc_now()))


@app.command()
def test(
    folder: Annotated[Path, typer.Argument(help="A folder with source.yaml, saved answers, and NAME.json for each.")],
) -> None:
    """Read a site's saved answers offline and compare with what is expected; the exit code is 1 if they differ."""
    from monitor.sites import try_site  # what reads sites is loaded by those who do

    differences = list(try_site(folder, utc_now()))
    for difference in differences:
        out.print(difference)
    if differences:
        raise typer.Exit(1)
    err.print(f"{folder}: as expected")


@app.command()
def enable(name: Annotated[str, typer.Argument(help="Name of a configured source.")]) -> None:
    """Ask a source again that was closed because its site said that it is gone."""
    program = application(environment())
    program.config.source(name)
    with open_archive().writing() as tables:
        tables.sources.reopen(name, utc_now())
    err.print(f"{name}: is polled again")


def _free_name(name: str, taken: set[str]) -> str:
    numbered = (f"{name}-{number}" for number in count(2))
    return name if name not in taken else next(other for other in numbered if other not in taken)


def _name_for(url: str) -> str:
    host = (urlsplit(url).hostname or "").removeprefix("www.").removeprefix("feeds.")
    labels = host.split(".")
    return labels[0] if len(labels) < 3 or labels[1] in ("com", "co", "net", "org") else ".".join(labels[:-1])
