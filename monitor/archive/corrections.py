"""What people correct: facts that they set, deals that are one or none, articles that tell another deal."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from monitor.archive.rows import said_from_json, said_to_json
from monitor.archive.tables import claims, corrections, deals, pins
from monitor.models import Correction, CorrectionKind, Fact


class Corrections:
    """The corrections of the archive, on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def record(self, made: Correction) -> None:
        """Keep what a person did, for good."""
        self._connection.execute(
            insert(corrections).values(
                deal_id=made.deal_id, kind=made.kind.value, person=made.person, made_at=made.at, detail=made.detail
            )
        )

    def of(self, deal_id: int) -> list[Correction]:
        """What was done to a deal, oldest first."""
        rows = self._connection.execute(
            select(corrections).where(corrections.c.deal_id == deal_id).order_by(corrections.c.id)
        )
        return [Correction(row.deal_id, CorrectionKind(row.kind), row.person, row.made_at, row.detail) for row in rows]

    def times(self, deal_ids: Collection[int]) -> dict[int, datetime]:
        """When these deals were corrected last; those that never were are left out."""
        found: dict[int, datetime] = {}
        for row in self._connection.execute(
            select(corrections.c.deal_id, corrections.c.made_at).where(corrections.c.deal_id.in_(deal_ids))
        ):
            found[row.deal_id] = max(row.made_at, found.get(row.deal_id, row.made_at))
        return found

    def said(self, deal_ids: Collection[int]) -> dict[int, dict[Fact, Any]]:
        """The facts that people have set, by deal; a deal of which they have set none is left out."""
        rows = self._connection.execute(select(deals.c.id, deals.c.said).where(deals.c.id.in_(deal_ids)))
        return {row.id: said_from_json(row.said) for row in rows if row.said}

    def set_said(self, deal_id: int, said: Mapping[Fact, Any]) -> None:
        """Let these be the facts that people have set of a deal."""
        self._connection.execute(update(deals).where(deals.c.id == deal_id).values(said=said_to_json(said)))

    def set_dismissed(self, deal_id: int, dismissed: bool) -> None:
        """Let it be known that this is no deal, or that it is one."""
        self._connection.execute(update(deals).where(deals.c.id == deal_id).values(dismissed=dismissed))

    def merge(self, kept: int, gone: int) -> None:
        """Let a deal be another: its claims and whatever was merged into it are the other's; its facts stay, by which
        later claims of it are known."""
        self._connection.execute(update(claims).where(claims.c.deal_id == gone).values(deal_id=kept))
        self._connection.execute(update(pins).where(pins.c.deal_id == gone).values(deal_id=kept))
        merged = (deals.c.id == gone) | (deals.c.merged_into == gone)
        self._connection.execute(update(deals).where(merged).values(merged_into=kept))

    def move(self, article_ids: Collection[int], old: int, new: int) -> None:
        """Let articles tell another deal."""
        theirs = (claims.c.article_id.in_(article_ids), claims.c.deal_id == old)
        self._connection.execute(update(claims).where(*theirs).values(deal_id=new))
        self._connection.execute(delete(pins).where(pins.c.article_id.in_(article_ids), pins.c.deal_id == old))

    def pin(self, deal_id: int) -> None:
        """Let the articles that tell a deal go on telling it when they are read again."""
        self._connection.execute(delete(pins).where(pins.c.deal_id == deal_id))
        tellers = select(claims.c.article_id, claims.c.deal_id).where(claims.c.deal_id == deal_id).distinct()
        self._connection.execute(insert(pins).from_select(["article_id", "deal_id"], tellers))

    def pinned(self, article_id: int) -> list[int]:
        """The deals to which people have tied an article."""
        rows = self._connection.execute(select(pins.c.deal_id).where(pins.c.article_id == article_id))
        return sorted({row.deal_id for row in rows})
