"""`monitor deals show, merge, split, edit, dismiss, restore`: one deal, and what people correct of it."""

import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer
from rich.text import Text

from monitor.archive import Archive
from monitor.bootstrap import utc_now
from monitor.cli.output import err, marked, out, print_json, safe, when
from monitor.cli.questions import MOST_ROWS, AsJson, deals, open_archive, print_deals
from monitor.correcting import Correcting, CorrectionError, Fault
from monitor.models import Deal, Fact
from monitor.records import deal_record

app = deals

DealId = Annotated[int, typer.Argument(metavar="ID", min=1, max=MOST_ROWS, help="A deal's number.")]
By = Annotated[str, typer.Option("--by", help="Who makes the correction; kept with it.", show_default="your login")]


def _login() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):
        return ""


@contextmanager
def _correcting(by: str) -> Iterator[Correcting]:
    with open_archive().writing() as tables:
        yield Correcting(tables, by or _login(), utc_now())


def _print(deal: Deal, *, as_json: bool) -> None:
    if as_json:
        print_json(deal_record(deal))
    else:
        print_deals([deal])


@app.command()
def show(deal_id: DealId, as_json: AsJson = False) -> None:
    """Show a deal with the articles that tell it, and what was corrected."""
    archive: Archive = open_archive()
    with archive.reading() as tables:
        deal, whole = tables.deals.get(deal_id), tables.deals.whole(deal_id)
        reports = tables.deals.reports([deal_id], as_told=True).get(deal_id, ())
        made = tables.corrections.of(deal_id)
    if deal is None:
        raise CorrectionError(Fault.MERGED, deal_id, whole) if whole else CorrectionError(Fault.NO_DEAL, deal_id)
    if as_json:
        print_json({"deal": deal_record(deal), "reports": reports, "corrections": made})
        return
    if deal.dismissed:
        err.print("marked as no deal")
    print_deals([deal])
    for report in reports:
        out.print(
            Text(f"\n{report.article_id:>6}  {report.source} · {when(report.at)} · {safe(report.url)}", style="dim")
        )
        out.print(Text.assemble("        ", marked(report.claim.evidence.sentence, report.claim.evidence.marks)))
    for one in made:
        out.print(Text(f"\n{when(one.at)}  {safe(one.person)}: {one.kind.value} {safe(one.detail)}", style="dim"))


@app.command()
def merge(
    deal_id: DealId,
    other: Annotated[int, typer.Argument(min=1, max=MOST_ROWS, help="The deal that is the same; its number goes.")],
    by: By = "",
    as_json: AsJson = False,
) -> None:
    """Let two deals be one."""
    with _correcting(by) as correcting:
        deal = correcting.merge(deal_id, other)
    _print(deal, as_json=as_json)


@app.command()
def split(
    deal_id: DealId,
    article: Annotated[list[int], typer.Option("--article", min=1, max=MOST_ROWS, help="An article; several times.")],
    by: By = "",
    as_json: AsJson = False,
) -> None:
    """Let some of the articles tell a deal of their own."""
    with _correcting(by) as correcting:
        deal = correcting.split(deal_id, article)
    _print(deal, as_json=as_json)


@app.command()
def edit(
    deal_id: DealId,
    fact: Annotated[Fact, typer.Argument(help="What is wrong.")],
    value: Annotated[
        str | None,
        typer.Argument(
            help="What it is: 4亿美元, B, completed; names apart by commas; '' for unknown.", show_default=False
        ),
    ] = None,
    as_told: Annotated[bool, typer.Option("--as-told", help="Let it be what the articles say again.")] = False,
    by: By = "",
    as_json: AsJson = False,
) -> None:
    """Set a fact of a deal, whatever articles say."""
    if (value is None) == (not as_told):
        raise typer.BadParameter("give what it is, or --as-told")
    with _correcting(by) as correcting:
        deal = correcting.edit(deal_id, fact, value)
    _print(deal, as_json=as_json)


@app.command()
def dismiss(deal_id: DealId, by: By = "", as_json: AsJson = False) -> None:
    """Mark as no deal: it is listed and told no more."""
    with _correcting(by) as correcting:
        deal = correcting.dismiss(deal_id)
    _print(deal, as_json=as_json)


@app.command()
def restore(deal_id: DealId, by: By = "", as_json: AsJson = False) -> None:
    """Take back that it is no deal."""
    with _correcting(by) as correcting:
        deal = correcting.restore(deal_id)
    _print(deal, as_json=as_json)
