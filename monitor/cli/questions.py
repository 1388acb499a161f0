"""Asking the archive: `search`, `articles`, `deals`."""

import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.text import Text

from monitor import config
from monitor.archive import Archive
from monitor.archive.articles import ArchivedArticle
from monitor.archive.deals import DealFilter
from monitor.archive.search import Counts, Hit, Order
from monitor.archive.statistics import CompanyFigures
from monitor.bootstrap import environment, utc_now
from monitor.cli.output import (
    amount,
    err,
    marked,
    out,
    paged,
    print_json,
    print_table,
    safe,
    when,
)
from monitor.errors import MonitorError
from monitor.exporting import Format, Kind, write
from monitor.models import Claim, Deal, Status
from monitor.records import deal_record
from monitor.searching.nodes import Label, Node, Within, all_of, renamed
from monitor.searching.query import parse
from monitor.text import fold

articles = typer.Typer(no_args_is_help=True, help="Read what is stored.")
deals = typer.Typer()

After = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Published on this day or later (UTC).")]
Before = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Published before this day (UTC).")]
AsJson = Annotated[bool, typer.Option("--json", help="Result as JSON.")]
MOST_ROWS = 2**63 - 1
"""The highest number a database gives a row."""

Limit = Annotated[int, typer.Option(min=1, max=10_000, help="Most results.")]


def open_archive() -> Archive:
    """The archive, of the version this program works with."""
    archive = Archive(environment().database_url)
    archive.check_version()
    return archive


def canonical_name(company: str | None) -> str | None:
    """The watched company that a name or alias means; a name that nobody watches is taken as it is, with a hint."""
    path = environment().config_path
    if company is None or not path.exists():
        return company
    names = {fold(alias): found.name for found in config.load(path).companies for alias in (found.name, *found.aliases)}
    if fold(company) not in names:
        err.print(f"note: {company!r} is not watched{config.suggestion(company, sorted(set(names.values())))}")
    return names.get(fold(company), company)


def search(
    words: Annotated[list[str] | None, typer.Argument(help="The query; see below.", metavar="QUERY")] = None,
    company: Annotated[str | None, typer.Option(help="Articles that name this company; an alias will do.")] = None,
    source: Annotated[str | None, typer.Option(help="Articles of this source.")] = None,
    language: Annotated[str | None, typer.Option("--language", "--lang", help="zh, en …")] = None,
    after: After = None,
    before: Before = None,
    order: Annotated[Order, typer.Option("--order", help="Which come first.")] = Order.NEWEST,
    counts: Annotated[bool, typer.Option("--counts", help="How many: by company, source and month.")] = False,
    limit: Limit = 20,
    as_json: AsJson = False,
) -> None:
    """Find articles, newest first: Chinese and English, terms of two characters (or one) too.

    A query has words (all must occur), "phrases", OR, -without, (brackets), prefix*, and fields: title:, company:,
    source:, lang:, after:2026-01-31 or after:30d, before:, round:B, status:completed, amount>1亿美元. Quote a query for
    the shell: monitor search '融资 -IPO amount>1亿'
    """
    query = all_of(
        [
            resolved(parse(" ".join(words or ()), utc_now().date())),
            *([Label("company", canonical_name(company) or "")] if company else ()),
            *([Label("source", source)] if source else ()),
            *([Label("lang", language.lower())] if language else ()),
            Within(to_utc(after), to_utc(before)),
        ]
    )
    with open_archive().reading() as tables:
        if counts:
            _print_counts(tables.search.count(query), as_json=as_json)
            return
        hits = tables.search.find(query, limit, order=order)
    if as_json:
        print_json(hits)
        return
    if not hits:
        err.print("nothing found")
    with paged():
        for hit in hits:
            _print_hit(hit)


def resolved(query: Node) -> Node:
    """The query with the canonical names of watched companies for their aliases."""
    return renamed(query, lambda name: canonical_name(name) or name)


def _print_counts(counts: Counts, *, as_json: bool) -> None:
    if as_json:
        print_json(counts)
        return
    out.print(f"{counts.total:,}{' and more, the newest counted' if counts.more else ''}")
    for heading, numbers in (("company", counts.companies), ("source", counts.sources), ("month", counts.months)):
        if numbers:
            out.print()
            print_table((heading, "articles"), ((name, f"{number:,}") for name, number in numbers), empty="")


def _print_hit(hit: Hit) -> None:
    out.print(Text.assemble((f"{hit.id:>6}  ", "dim"), marked(hit.title, hit.title_marks, "bold")))
    out.print(Text(f"        {hit.source} · {when(hit.published)} · {safe(hit.url)}", style="dim"))
    if hit.snippet:
        out.print(Text.assemble("        ", marked(hit.snippet, hit.marks)))


@articles.command()
def show(
    article_id: Annotated[int, typer.Argument(metavar="ID", min=1, max=MOST_ROWS)], as_json: AsJson = False
) -> None:
    """Show one article with the companies in it and what it says of deals."""
    with open_archive().reading() as tables:
        found = tables.articles.get(article_id)
        claims = tables.deals.claims_of(article_id)
        versions = tables.articles.versions(article_id)
    if found is None:
        raise MonitorError(f"there is no article {article_id}; `monitor search` finds their numbers")
    if as_json:
        print_json({"article": found, "claims": claims, "former_versions": [version for version, *_ in versions]})
        return
    _print_article(found, claims, len(versions))


def _print_article(found: ArchivedArticle, claims: list[Claim], versions: int) -> None:
    article = found.article
    marks = [(m.span.start, m.span.end) for m in found.mentions if m.span.part == "title"]
    out.print(marked(article.title, marks))
    out.print(Text(safe(article.url), style="dim"))
    edited = f" · edited {versions} times" if versions else ""
    by = f" · {safe(article.author)}" if article.author else ""
    out.print(
        Text(f"{article.source}{by} · {when(article.published)} UTC · {article.language or '-'}{edited}", style="dim")
    )
    for claim in claims:
        kind = "news" if claim.news else "background"
        out.print(
            f"\n{claim.company}: {kind}, {claim.status.value}, round {claim.round or '-'}, {amount(claim.amount)}"
        )
        out.print(Text.assemble("  ", marked(claim.evidence.sentence, claim.evidence.marks)))
    out.print()
    out.print(marked(article.text, [(m.span.start, m.span.end) for m in found.mentions if m.span.part == "text"]))


@deals.callback(invoke_without_command=True)
def list_deals(
    context: typer.Context,
    company: Annotated[str | None, typer.Option(help="Deals of this company; an alias will do.")] = None,
    round_: Annotated[str | None, typer.Option("--round", help="seed, pre-A, A, B+, strategic …")] = None,
    status: Annotated[Status | None, typer.Option(help="How far it has come.")] = None,
    investor: Annotated[str | None, typer.Option(help="An investor whose name holds this.")] = None,
    min_usd: Annotated[float | None, typer.Option(min=0, help="Worth this many US dollars at least.")] = None,
    after: After = None,
    before: Before = None,
    limit: Limit = 50,
    as_json: AsJson = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Result as CSV, formulas quoted.")] = False,
    dismissed: Annotated[bool, typer.Option("--dismissed", help="Those that were marked as no deal.")] = False,
) -> None:
    """List the deals found, newest first; or show one, or correct it."""
    if context.invoked_subcommand is not None:
        return
    wanted = DealFilter(
        canonical_name(company), round_, status, to_utc(after), to_utc(before), investor, min_usd, dismissed
    )
    with open_archive().reading() as tables:
        found = tables.deals.find(wanted, limit)
    if as_json:
        print_json(found)
    elif as_csv:
        write(map(deal_record, found), Kind.DEALS, Format.CSV, sys.stdout)
    else:
        with paged():
            print_deals(found)


def print_deals(found: Iterable[Deal]) -> None:
    """A line for each deal."""
    print_table(_DEAL_HEADINGS, map(_deal_row, found), empty="no deals")


_DEAL_HEADINGS = ("id", "last told", "company", "status", "round", "amount", "valuation", "investors", "articles")


def _deal_row(deal: Deal) -> tuple[str, ...]:
    return (
        str(deal.id),
        when(deal.seen_at),
        deal.company,
        deal.status.value,
        deal.round or "-",
        amount(deal.amount),
        amount(deal.valuation),
        ", ".join(deal.investors) or "-",
        str(deal.articles),
    )


def companies(
    company: Annotated[str | None, typer.Argument(help="Only this one, with its deals; an alias will do.")] = None,
    as_json: AsJson = False,
) -> None:
    """List the companies, watched or raising, with their deals and when they were last told of."""
    path = environment().config_path
    watched = [one.name for one in config.load(path).companies] if path.exists() else []
    only = canonical_name(company)
    with open_archive().reading() as tables:
        found = tables.statistics.describe([only]) if only else tables.statistics.companies(watched)
    if only is not None and not found[0].last and only not in watched:
        raise MonitorError(f"the archive knows no company {only!r}; `monitor companies` lists them")
    if as_json:
        print_json(
            [
                {**asdict(one), "deals": [deal_record(deal) for deal in one.deals], "watched": one.company in watched}
                for one in found
            ]
        )
        return
    with paged():
        print_table(_COMPANY_HEADINGS, (_company_row(one, watched) for one in found), empty="no companies")
        if only is not None:
            out.print()
            print_deals(found[0].deals)


_COMPANY_HEADINGS = ("company", "watched", "last", "articles", "deals", "latest deal")


def _company_row(one: CompanyFigures, watched: Sequence[str]) -> tuple[str, ...]:
    latest = one.deals[0] if one.deals else None
    said = (
        (latest.round or "", latest.status.value, amount(latest.amount), f"{latest.seen_at:%Y-%m-%d}") if latest else ()
    )
    return (
        one.company,
        "yes" if one.company in watched else "-",
        when(one.last),
        f"{one.articles:,}",
        f"{len(one.deals):,}",
        ", ".join(part for part in said if part not in ("", "-")) or "-",
    )


def stats(after: After = None, before: Before = None, as_json: AsJson = False) -> None:
    """Show what the archive holds: raised by month, deals by round, articles by source, lag of alerts."""
    with open_archive().reading() as tables:
        found = tables.statistics.figures(to_utc(after), to_utc(before))
    if as_json:
        print_json(found)
        return
    out.print(f"{found.articles:,} articles, {found.deals:,} deals, {found.sources:,} sources")
    if found.first and found.last:
        out.print(f"from {when(found.first)} to {when(found.last)} UTC")
    if found.alerts:
        out.print("alerts: " + ", ".join(f"{number:,} {state}" for state, number in sorted(found.alerts.items())))
    if found.lag:
        out.print(
            f"from publication to alert: {_span(found.lag.median)} at the median, {_span(found.lag.slow)} at the 95th "
            f"percentile of {found.lag.alerts:,}"
        )
    daily = {source: list(days.values()) for source, days in found.daily.items()}
    for heading, rows in (
        (("month", "raised, USD"), [(month, f"{value:,.0f}") for month, value in found.raised.items()]),
        (("round", "deals"), [(name or "not named", f"{number:,}") for name, number in found.rounds.items()]),
        (
            ("source", "articles", "days"),
            [(source, f"{sum(days):,}", f"{len(days):,}") for source, days in daily.items()],
        ),
    ):
        if rows:
            out.print()
            print_table(heading, rows, empty="")


def _span(seconds: float) -> str:
    """Seconds for people: 45 s, 3 min, 5 h, 2 days."""
    for size, name in ((172_800, "days"), (7_200, "h"), (120, "min")):
        if seconds >= size:
            return f"{seconds / _SECONDS[name]:.0f} {name}"
    return f"{seconds:.0f} s"


_SECONDS = {"days": 86_400, "h": 3_600, "min": 60}


def to_utc(day: datetime | None) -> datetime | None:
    """Midnight of a day that was given without a zone, in UTC."""
    return day.replace(tzinfo=UTC) if day else None
