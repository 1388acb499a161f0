"""What the operator is to be told of sources, once each."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from monitor.archive.crawl_tables import notices


@dataclass(frozen=True, slots=True)
class Notice:
    """Something to tell: `problem` names its kind, `text` says what was seen and what to do."""

    id: int
    source: str
    problem: str
    text: str
    attempts: int


class Notices:
    """The notices of the archive, on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, source: str, problem: str, text: str, at: datetime) -> None:
        """Something is to be told."""
        self._connection.execute(
            insert(notices).values(source=source, problem=problem, text=text, created_at=at, next_attempt_at=at)
        )

    def waiting(self, at: datetime) -> list[Notice]:
        """What is to be told now, in order."""
        rows = self._connection.execute(
            select(notices)
            .where(notices.c.sent_at.is_(None), notices.c.next_attempt_at <= at)
            .order_by(notices.c.id)
            .limit(20)
        )
        return [Notice(row.id, row.source, row.problem, row.text, row.attempts) for row in rows]

    def told(self, notice: Notice, at: datetime) -> None:
        """It was told."""
        self._connection.execute(update(notices).where(notices.c.id == notice.id).values(sent_at=at, error=None))

    def failed(self, notice: Notice, error: str, again_at: datetime) -> None:
        """It could not be told; it is tried again at `again_at`."""
        self._connection.execute(
            update(notices)
            .where(notices.c.id == notice.id)
            .values(attempts=notice.attempts + 1, error=error, next_attempt_at=again_at)
        )
