"""What the operator is to be told of sources, once each."""

from datetime import datetime

from sqlalchemy import Connection, insert

from monitor.archive.crawl_tables import notices


class Notices:
    """The notices of the archive, on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, source: str, problem: str, text: str, at: datetime) -> None:
        """Something is to be told; `problem` names its kind, `text` says what was seen and what to do."""
        self._connection.execute(
            insert(notices).values(source=source, problem=problem, text=text, created_at=at, next_attempt_at=at)
        )
