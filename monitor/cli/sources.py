"""`monitor sources`: what is polled, whether it answers, and adding one."""

from typing import Annotated
from urllib.parse import urlsplit

import typer
from pydantic import ValidationError

from monitor import config
from monitor.bootstrap import application, environment, utc_now
from monitor.cli.output import err, out, print_json, print_table, safe, when
from monitor.cli.questions import AsJson, open_archive
from monitor.config.edit import add_source
from monitor.errors import ConfigError, MonitorError
from monitor.parsing.checks import Checked
from monitor.polls import SourceState
from monitor.settings import Source
from monitor.urls import canonical

app = typer.Typer(no_args_is_help=True, help="What is polled, whether it answers, and adding one.")


@app.command("list")
def list_sources(
    catalogue: Annotated[
        bool, typer.Option("--catalogue", help="The built-in sources instead of the configured ones.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """List sources with their state: last poll, next poll, articles, last error."""
    if catalogue:
        _list_catalogue(as_json=as_json)
        return
    program = application(environment())
    states = {}
    if program.archive.exists:
        with open_archive().reading() as tables:
            states = tables.sources.all()
    rows = [(source, states.get(source.name, SourceState(source.name))) for source in program.config.sources]
    if as_json:
        print_json([{"source": source.model_dump(mode="json"), "state": state} for source, state in rows])
        return
    print_table(
        ("name", "title", "articles", "last poll", "outcome", "next poll", "error"),
        (
            (
                source.name,
                source.title,
                str(state.articles),
                when(state.last_polled_at),
                state.last_outcome.value if state.last_outcome else "-",
                when(state.next_poll_at),
                state.last_error or "",
            )
            for source, state in rows
        ),
        empty="no sources",
    )


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
    out.print(f"{checked.source}: {'; '.join(checked.complaints) or 'all right'}")
    for entry in checked.entries[:3]:
        out.print(f"    {when(entry.published)}  {safe(entry.title)}  {safe(entry.url)}")
    if checked.sample is not None:
        kind = "in the feed" if checked.full_text else "from its page"
        out.print(
            f"    newest article: {len(checked.sample.text)} characters {kind}, author {checked.sample.author or '-'}"
        )


@app.command()
def add(
    url: Annotated[str, typer.Argument(help="Address of a feed, or of a page that announces one.")],
    name: Annotated[str | None, typer.Option(help="Its short name; made from the host if not given.")] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Find the feed of a site, show what it holds, and write it into monitor.yaml."""
    from monitor.crawling.run import check as visit

    program = application(environment())
    address = canonical(url)
    taken = [source.name for source in program.config.sources]
    if (name or _name_for(address)) in taken:
        raise ConfigError([f"a source {name or _name_for(address)!r} is configured already: give another --name"])
    try:
        wanted = Source(name=name or _name_for(address), url=address, checked=utc_now().date().isoformat())
    except ValidationError as error:
        raise ConfigError([f"--name {name!r}: a-z, 0-9, dot, dash and underscore only"]) from error
    found = visit([wanted], discover=True)
    usable = [checked for checked in found if checked.entries]
    if not usable:
        reasons = "; ".join(checked.error or f"{checked.url}: the feed has no entries" for checked in found)
        raise MonitorError(reasons or f"{address}: this is no feed, and announces none: give the address of the feed")
    best = max(usable, key=lambda checked: len(checked.entries))
    _print_checked(best)
    if not yes:
        typer.confirm(f"Write {best.url} into {program.config.path} as {wanted.name}?", abort=True, err=True)
    add_source(program.config.path, wanted.model_copy(update={"url": best.url, "title": best.title}))
    err.print(f"{program.config.path}: source {wanted.name} is added")


def _name_for(url: str) -> str:
    host = (urlsplit(url).hostname or "").removeprefix("www.").removeprefix("feeds.")
    labels = host.split(".")
    return labels[0] if len(labels) < 3 or labels[1] in ("com", "co", "net", "org") else ".".join(labels[:-1])
