"""From rows of the outbox to alerts, with all that a card shows."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Row, Select, func, select

from monitor.archive.alert_tables import alerts
from monitor.archive.crawl_tables import sources
from monitor.archive.deals import Deals, claim_from_row
from monitor.archive.rows import evidence_from_row
from monitor.archive.tables import articles, claims, deals
from monitor.models import Alert, AlertKind, AlertState, Change, Claim, Hold, Report, Verdict, Withdrawn


def all_alerts() -> Select[Any]:
    """Rows of alerts with their articles, to be narrowed down and given to `read`."""
    root, deal = alerts.alias("root"), deals.alias("deal")
    joined = (
        alerts.outerjoin(articles, articles.c.id == alerts.c.article_id)
        .outerjoin(sources, sources.c.name == articles.c.source)
        .outerjoin(root, root.c.id == alerts.c.follows)
        .outerjoin(deal, deal.c.id == alerts.c.deal_id)
    )
    origin = func.coalesce(sources.c.title, articles.c.source, "").label("source")
    # A card that went out as part of a digest is no message under which something can stand.
    thread = root.c.message_id.label("thread")
    gathered = root.c.digest_id.label("gathered")
    taken_back = (deal.c.dismissed.label("dismissed"), deal.c.merged_into.label("merged_into"))
    return select(
        alerts, articles.c.title, articles.c.url, articles.c.published_at, origin, thread, gathered, *taken_back
    ).select_from(joined)


def read(connection: Connection, statement: Select[Any], *, whole: bool = False) -> list[Alert]:
    """The alerts of a statement made of `all_alerts`; `whole` with the reports of their deals, digests with members."""
    rows = connection.execute(statement).all()
    told = _claims(connection, rows)
    reports: dict[int, tuple[Report, ...]] = {}
    members: dict[int, tuple[Alert, ...]] = {}
    if whole:
        reports = Deals(connection).reports({row.deal_id for row in rows if row.deal_id is not None})
        members = _members(connection, [row.id for row in rows if row.kind == AlertKind.DIGEST])
    return [_alert(row, told, reports, members) for row in rows]


def _claims(connection: Connection, rows: Iterable[Row[Any]]) -> dict[int, Claim]:
    wanted = [row.claim_id for row in rows if row.claim_id is not None]
    if not wanted:
        return {}
    return {row.id: claim_from_row(row) for row in connection.execute(select(claims).where(claims.c.id.in_(wanted)))}


def _members(connection: Connection, digests: Sequence[int]) -> dict[int, tuple[Alert, ...]]:
    if not digests:
        return {}
    order = select(alerts.c.id, alerts.c.digest_id).where(alerts.c.digest_id.in_(digests)).order_by(alerts.c.id)
    belongs = {row.id: row.digest_id for row in connection.execute(order)}
    found: dict[int, list[Alert]] = defaultdict(list)
    for alert in read(connection, all_alerts().where(alerts.c.id.in_(belongs)).order_by(alerts.c.id), whole=True):
        found[belongs[alert.id]].append(alert)
    return {digest: _by_company(listed) for digest, listed in found.items()}


def _by_company(listed: Sequence[Alert]) -> tuple[Alert, ...]:
    """A company's together, the companies in the order of their first."""
    first: dict[str, int] = {}
    for alert in listed:
        first.setdefault(alert.company, alert.id)
    return tuple(sorted(listed, key=lambda alert: (first[alert.company], alert.id)))


def _alert(
    row: Row[Any],
    told: dict[int, Claim],
    reports: dict[int, tuple[Report, ...]],
    members: dict[int, tuple[Alert, ...]],
) -> Alert:
    same = ("id", "channel", "company", "topic", "source", "created_at", "attempts", "doubtful", "message_id", "error",
            "sent_at", "deal_id", "page", "pages")  # fmt: skip
    return Alert(
        **{name: getattr(row, name) for name in same},
        article_id=row.article_id or 0,
        title=row.title or "",
        url=row.url or "",
        published=row.published_at,
        claim=told.get(row.claim_id),
        evidence=evidence_from_row(row),
        verdict=Verdict(row.verdict),
        state=AlertState(row.state),
        kind=AlertKind(row.kind),
        due=row.next_attempt_at,
        held=Hold(row.held) if row.held else None,
        changes=tuple(Change(change) for change in row.changes),
        thread=None if row.gathered is not None else row.thread,
        withdrawn=_withdrawn(row),
        reports=reports.get(row.deal_id, ()),
        members=members.get(row.id, ()),
    )


def _withdrawn(row: Row[Any]) -> Withdrawn | None:
    if row.merged_into is not None:
        return Withdrawn.MERGED
    return Withdrawn.DISMISSED if row.dismissed else None
