"""`monitor alerts`: what was sent, what waits, what was held back and why."""

from collections import Counter
from dataclasses import asdict
from datetime import timedelta
from typing import Annotated

import typer

from monitor.archive.alerts import AlertFilter
from monitor.bootstrap import application, environment, utc_now
from monitor.cli.output import err, out, print_json, print_table, tracked, when
from monitor.cli.questions import MOST_ROWS, After, AsJson, Before, Limit, open_archive, to_utc
from monitor.errors import ConfigError, DeliveryError, MonitorError
from monitor.models import Alert, AlertState, Evidence, Span, Verdict

_A_WEEK = timedelta(days=7)

app = typer.Typer(no_args_is_help=True, help="What was sent, what waits, what was held back and why.")


@app.command("list")
def list_alerts(
    state: Annotated[AlertState | None, typer.Option(help="Only those in this state.")] = None,
    dead: Annotated[bool, typer.Option("--dead", help="Only those that were given up, with the reason.")] = False,
    channel: Annotated[str | None, typer.Option(help="Only those for this channel.")] = None,
    company: Annotated[str | None, typer.Option(help="Only those about this company.")] = None,
    article: Annotated[int | None, typer.Option(min=1, max=MOST_ROWS, help="Only those of this article.")] = None,
    limit: Limit = 50,
    as_json: AsJson = False,
) -> None:
    """List alerts, newest first, with why they were sent or not."""
    with open_archive().reading() as tables:
        found = tables.alerts.find(AlertFilter(AlertState.DEAD if dead else state, channel, company, article), limit)
    if as_json:
        print_json(found)
        return
    print_table(
        ("id", "kind", "state", "reason", "channel", "company", "article", "created", "due", "sent", "error"),
        (
            (
                str(alert.id),
                alert.kind.value,
                alert.state.value,
                alert.verdict.value,
                alert.channel,
                alert.company,
                f"{alert.article_id} {alert.title}" if alert.article_id else "",
                when(alert.created_at),
                when(alert.due),
                when(alert.sent_at),
                alert.error or "",
            )
            for alert in found
        ),
        empty="no alerts",
    )


@app.command()
def preview(
    after: After = None,
    before: Before = None,
    source: Annotated[str | None, typer.Option(help="Only articles of this source.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show what today's configuration would have sent where and when: of the last week, or of another time."""
    from monitor.backtest import Backtest

    program = application(environment())
    wanted = (to_utc(after) or utc_now() - _A_WEEK, to_utc(before), source)
    test = Backtest(open_archive(), program.detector, program.routing(program.config.alerts.max_age))
    articles = tracked(test.articles(*wanted), test.count(*wanted), "reading the archive", quiet=as_json)
    found = list(test.preview(articles))
    if as_json:
        print_json(
            [{"article": {"id": a.id, "title": a.article.title, "url": a.article.url}, **asdict(d)} for a, d in found]
        )
        return
    print_table(
        ("channel", "when", "reason", "company", "article", "new"),
        (
            (
                draft.channel,
                f"{when(draft.due)}{f' ({draft.held})' if draft.held else ''}",
                draft.verdict.value,
                draft.company,
                f"{archived.id} {archived.article.title}",
                ", ".join(draft.changes),
            )
            for archived, draft in found
        ),
        empty="nothing would have been sent",
    )
    for channel, number in Counter(draft.channel for _, draft in found).most_common():
        err.print(f"{channel}: {number} alerts")


@app.command()
def schema() -> None:
    """Print the JSON Schema of what a channel of the type `webhook` posts."""
    from monitor.alerting import payload

    typer.echo(payload.schema())


@app.command()
def retry(
    alert_id: Annotated[
        int | None, typer.Argument(metavar="[ID]", min=1, max=MOST_ROWS, help="One alert, even one held back.")
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="All that were given up.")] = False,
) -> None:
    """Put alerts that were given up into the queue again; `run` or `crawl` sends them."""
    if (alert_id is None) == (not every):
        raise ConfigError(["name one alert by its number, or give --all"])
    with open_archive().writing() as tables:
        number = tables.queue.revive(utc_now(), alert_id)
    if alert_id is not None and not number:
        raise MonitorError(f"alert {alert_id} is not there, or was not given up; see `monitor alerts list`")
    err.print(f"{number} alerts are in the queue again")


@app.command("test")
def send_test(channel: Annotated[str | None, typer.Argument(help="Only this channel.")] = None) -> None:
    """Send a made-up alert to each channel, to see that it arrives."""
    from monitor.alerting.cards import render
    from monitor.alerting.delivery import Checkable

    program = application(environment())
    clients = program.channels
    if channel is not None and channel not in clients:
        raise ConfigError([f"no channel {channel!r} is configured; known: {', '.join(clients)}"])
    failed = False
    for name, client in clients.items():
        if channel not in (None, name):
            continue
        try:
            if isinstance(client, Checkable):
                out.print(f"{name}: {client.check()}")
            client.send(render(_made_up(name), client.style))
            out.print(f"{name}: sent")
        except DeliveryError as error:
            failed = True
            err.print(f"{name}: {error}")
    if failed:
        raise typer.Exit(1)


def _made_up(channel: str) -> Alert:
    sentence = "This is a test: Example AI raises nothing. 这是一条测试消息。"
    return Alert(
        id=0,
        channel=channel,
        company="Example AI",
        topic="test",
        verdict=Verdict.TOPIC_MATCH,
        state=AlertState.PENDING,
        evidence=Evidence(sentence, Span("text", 0, len(sentence)), ((16, 26),)),
        claim=None,
        article_id=0,
        title="Test of the funding-news monitor",
        url="https://example.com/",
        source="test",
        published=utc_now(),
        created_at=utc_now(),
    )
