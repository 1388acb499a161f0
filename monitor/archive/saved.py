"""Searches that people have saved under a name."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from monitor.archive.tables import saved_searches


@dataclass(frozen=True, slots=True)
class SavedSearch:
    """A query under a name, and who saved it when."""

    name: str
    query: str
    person: str
    at: datetime


class SavedSearches:
    """The saved searches of the archive, on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def put(self, saved: SavedSearch) -> None:
        """Save a search; it takes the place of one of the same name."""
        self.remove(saved.name)
        self._connection.execute(
            insert(saved_searches).values(name=saved.name, query=saved.query, person=saved.person, saved_at=saved.at)
        )

    def remove(self, name: str) -> bool:
        """Forget a search. Returns whether there was one."""
        return self._connection.execute(delete(saved_searches).where(saved_searches.c.name == name)).rowcount > 0

    def get(self, name: str) -> SavedSearch | None:
        """The search of a name."""
        return next((saved for saved in self.all() if saved.name == name), None)

    def all(self) -> list[SavedSearch]:
        """All of them, by name."""
        rows = self._connection.execute(select(saved_searches).order_by(saved_searches.c.name))
        return [SavedSearch(row.name, row.query, row.person, row.saved_at) for row in rows]
