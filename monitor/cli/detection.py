"""`detect`, `explain`, `backtest`: detection tried out without an alert going anywhere."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from monitor import config
from monitor.bootstrap import application, environment, utc_now
from monitor.cli.output import amount, err, marked, out, print_json, safe, tracked
from monitor.cli.questions import After, AsJson, Before, open_archive, to_utc
from monitor.detection import rounds
from monitor.errors import ConfigError, MonitorError
from monitor.models import Claim, Detection, Evidence, Page, Rejection
from monitor.settings import Company
from monitor.text import fold_with_positions

if TYPE_CHECKING:
    from monitor.backtest import Comparison, Told
    from monitor.cases import Outcome

Watch = Annotated[
    Path | None,
    typer.Option(help="Watch list: a YAML file with `companies`, or names, one a line. Else monitor.yaml's, if any."),
]


def detect(
    source: Annotated[
        Path, typer.Argument(metavar="INPUT.jsonl", help="Lines with id, title, text, url, published_at.")
    ],
    watch: Watch = None,
    everyone: Annotated[bool, typer.Option("--all", help="Deals of every company, watched or not.")] = False,
) -> None:
    """Find the deals in articles of a file: one line of JSON out for each line in. The archive is left alone."""
    from monitor.batch import Batch, Item, count_lines, dump, read_items
    from monitor.detection.detector import Detector

    live = _live() if watch is None else None
    companies = live.companies if live else _watched(watch)
    if not companies and not everyone:
        err.print("note: there is no watch list (no monitor.yaml, no --watch); --all finds the deals of every company")
    batch = Batch(Detector(companies, (), live.lexicon if live else None, everyone=everyone), everyone=everyone)
    quiet = not err.is_terminal or sys.stdout.isatty()  # a bar would run into the lines
    total = 0 if quiet else count_lines(source)
    for item in tracked(read_items(source, Item), total, "reading articles", quiet=quiet):
        sys.stdout.write(dump(batch.detect(item)))


def _live() -> config.Config | None:
    path = environment().config_path
    return config.load(path) if path.exists() else None


def _watched(watch: Path | None) -> tuple[Company, ...]:
    from monitor.batch import names_in

    if watch is None:
        return ()
    if watch.suffix in (".yaml", ".yml"):
        return config.load_companies(watch)
    try:
        return tuple(Company(name=name) for name in names_in(watch))
    except (OSError, ValueError) as error:
        raise ConfigError([f"{watch}: this watch list cannot be read: {error}"]) from error


def explain(
    what: Annotated[
        str, typer.Argument(metavar="URL|FILE|-", help="A page, a file (HTML or text), or standard input.")
    ],
    watch: Watch = None,
    everyone: Annotated[bool, typer.Option("--all", help="Deals of every company, watched or not.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show what detection sees in one article: companies, claims with their evidence, and what it refused and why."""
    from monitor.detection.detector import Detector

    page = _page(what)
    live = _live() if watch is None else None
    everyone = everyone or (live is not None and any(route.everyone for route in live.routing))
    companies = live.companies if live else _watched(watch)
    detector = Detector(companies, live.topics if live else (), live.lexicon if live else None, everyone=everyone)
    found = detector.detect(page.title, page.text, published=page.published)
    if as_json:
        print_json({"page": page, "detection": found})
        return
    _print_text(page, found)
    for claim in found.claims:
        _print_claim(claim)
    for match in found.matches:
        out.print(Text(f"✓ {match.company}: topic {match.topic}", style="green"))
        out.print(Text.assemble("    ", marked(match.evidence.sentence, match.evidence.marks)))
    for rejection in found.rejections:
        _print_rejection(rejection)
    if not found.claims and not found.matches:
        err.print("no deal was found" + ("" if everyone else "; --all looks for deals of every company"))
    if live and page.published and utc_now() - page.published > live.alerts.max_age:
        err.print("the article is older than alerts.max_age: it would not alert")


def _page(what: str) -> Page:
    from monitor.parsing.pages import parse_page  # what reads pages is loaded by those who do
    from monitor.parsing.plain import parse_plain

    if what.startswith(("http://", "https://")):
        from monitor.crawling.run import fetch

        body, kind = fetch(what)
        return parse_page(body, what, content_type=kind, now=utc_now())
    try:
        body = sys.stdin.buffer.read() if what == "-" else Path(what).read_bytes()
    except OSError as error:
        raise MonitorError(f"{what}: cannot be read: {error.strerror}") from error
    if body.lstrip()[:1] == b"<":
        return parse_page(body, "https://localhost/", now=utc_now())
    return parse_plain(body)


def _print_text(page: Page, found: Detection) -> None:
    evidence: list[Evidence] = [c.evidence for c in found.claims] + [m.evidence for m in found.matches]
    for part, text in (("title", page.title), ("text", page.text)):
        shown = Text(safe(text), style="bold" if part == "title" else "")
        if len(shown) != len(text):
            continue
        for piece in (e for e in evidence if e.span.part == part):
            shown.stylize("underline", piece.span.start, piece.span.end)
            for start, end in piece.marks:
                shown.stylize("bold yellow", piece.span.start + start, piece.span.start + end)
        folded = fold_with_positions(text)
        for named in rounds.find(folded.text) if found.claims else ():
            shown.stylize("magenta", *folded.original(named.start, named.end))
        shown.highlight_words(sorted(_slots(found)), style="magenta")
        shown.highlight_words(sorted(claim.company for claim in found.claims), style="bold cyan")
        for mention in (m for m in found.mentions if m.span.part == part):
            shown.stylize("bold cyan", mention.span.start, mention.span.end)
        out.print(shown)
    out.print()
    if found.claims or found.matches or found.mentions:
        styles = (("companies", "bold cyan"), ("words of a topic", "bold yellow"), ("slots", "magenta"))
        out.print(Text("  ").join([*(Text(name, style) for name, style in styles), Text("evidence", "underline")]))
    names = dict.fromkeys(mention.company for mention in found.mentions)
    if names:
        out.print(f"companies: {', '.join(names)}")


def _slots(found: Detection) -> set[str]:
    """What fills the slots of the claims, as written: amounts, valuations, investors."""
    money = {money.text for claim in found.claims for money in (claim.amount, claim.valuation) if money}
    return money | {name for claim in found.claims for name in claim.investors}


def _print_claim(claim: Claim) -> None:
    kind = "news" if claim.news else "background"
    watched = "" if claim.watched else " (not watched)"
    out.print(Text(f"✓ {claim.company}{watched}: {kind}, {claim.status.value}", style="green"))
    for name, value in (
        ("round", claim.round),
        ("amount", amount(claim.amount) if claim.amount else None),
        ("valuation", amount(claim.valuation) if claim.valuation else None),
        ("lead", ", ".join(claim.lead_investors)),
        ("investors", ", ".join(claim.investors)),
        ("rule", claim.rule),
    ):
        if value:
            out.print(f"    {name}: {safe(value)}")
    out.print(Text.assemble("    ", marked(claim.evidence.sentence, claim.evidence.marks)))


def _print_rejection(rejection: Rejection) -> None:
    out.print(Text(f"✗ {rejection.company}: refused by the rule {rejection.rule}", style="red"))
    out.print(Text.assemble("    ", marked(rejection.evidence.sentence, rejection.evidence.marks)))


def backtest(
    after: After = None,
    before: Before = None,
    source: Annotated[str | None, typer.Option(help="Only articles of this source.")] = None,
    cases: Annotated[
        Path | None, typer.Option(help="Labelled cases of `monitor feedback --cases` instead of the archive.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Run today's configuration over the archive: which alerts it would gain, lose and leave as they were."""
    from monitor.backtest import Backtest
    from monitor.batch import read_items
    from monitor.cases import Case, try_out

    program = application(environment())
    if cases is not None:
        _try_cases([try_out(program.detector, case) for case in read_items(cases, Case)], as_json=as_json)
        return
    test = Backtest(open_archive(), program.detector, program.routing(program.config.alerts.max_age))
    wanted = (to_utc(after), to_utc(before), source)
    number = test.count(*wanted)
    found = test.compare(tracked(test.articles(*wanted), number, "reading the archive", quiet=as_json))
    if as_json:
        print_json(found)
        return
    _print_comparison(found, number)


def _try_cases(outcomes: "list[Outcome]", *, as_json: bool) -> None:
    """What today's detection makes of alerts that people have judged."""
    wrong = [outcome for outcome in outcomes if not outcome.right]
    if as_json:
        told = [
            {"id": o.case.id, "company": o.case.company, "relevant": o.case.relevant, "alerts": o.alerts}
            for o in outcomes
        ]
        print_json({"cases": told, "right": len(outcomes) - len(wrong)})
        return
    for outcome in wrong:
        fault = "missed" if outcome.case.relevant else "false alarm"
        out.print(
            Text(f"{fault:>11}  {outcome.case.company}  {outcome.case.id}  {safe(outcome.case.title)}", style="red")
        )
    out.print(f"{len(outcomes)} cases: {len(outcomes) - len(wrong)} as people judged them, {len(wrong)} otherwise")


def _print_comparison(found: "Comparison", number: int) -> None:
    for title, style, listed in (
        ("gained", "green", found.gained),
        ("lost", "red", found.lost),
        ("unchanged", "dim", found.unchanged),
    ):
        for told in listed:
            out.print(Text(_told_line(title, told), style=style))
    counts = f"{len(found.gained)} alerts gained, {len(found.lost)} lost, {len(found.unchanged)} unchanged"
    out.print(f"{number} articles: {counts}")


def _told_line(title: str, told: "Told") -> str:
    where = f"{told.channel}  {told.company}  {told.topic}  article {told.article_id}"
    return f"{title:>9}  {where}  {safe(told.title)}  ({told.rule})"
