"""The only place that speaks SQL: articles, deals and alerts on SQLite or Postgres."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from monitor.archive import backup, copying, schema
from monitor.archive.alerts import Alerts
from monitor.archive.articles import Articles
from monitor.archive.backfills import Backfills
from monitor.archive.channelstates import ChannelStates
from monitor.archive.clocks import Clocks
from monitor.archive.corrections import Corrections
from monitor.archive.counters import CounterTable
from monitor.archive.deals import Deals
from monitor.archive.engine import database_exists, limited, open_engine
from monitor.archive.entries import Entries
from monitor.archive.feedback import Feedback
from monitor.archive.health import SourceHealth
from monitor.archive.hosts import Hosts
from monitor.archive.jobs import Jobs
from monitor.archive.leadership import Leadership
from monitor.archive.mutes import MuteTable
from monitor.archive.notices import Notices
from monitor.archive.outbox import Outbox, Transaction
from monitor.archive.pulses import Pulses
from monitor.archive.queue import Queue
from monitor.archive.rawpages import RawPages
from monitor.archive.retention import Retention
from monitor.archive.runs import Runs
from monitor.archive.saved import SavedSearches
from monitor.archive.search import Search
from monitor.archive.search_index import SearchIndex
from monitor.archive.soundness import Soundness
from monitor.archive.sources import Sources
from monitor.archive.statistics import Statistics
from monitor.archive.subscriptions import Subscriptions
from monitor.errors import ArchiveError


class Tables:
    """All that can be asked and written on one connection, by table."""

    def __init__(self, connection: Connection, seconds: float | None = None) -> None:
        self.sources = Sources(connection)
        self.entries = Entries(connection)
        self.backfills = Backfills(connection)
        self.raw_pages = RawPages(connection)
        self.health = SourceHealth(connection)
        self.subscriptions = Subscriptions(connection)
        self.hosts = Hosts(connection)
        self.notices = Notices(connection)
        self.articles = Articles(connection)
        self.deals = Deals(connection)
        self.corrections = Corrections(connection)
        self.alerts = Alerts(connection)
        self.queue = Queue(connection)
        self.channel_states = ChannelStates(connection)
        self.mutes = MuteTable(connection)
        self.feedback = Feedback(connection)
        self.runs = Runs(connection)
        self.retention = Retention(connection)
        self.pulses = Pulses(connection)
        self.clocks = Clocks(connection)
        self.jobs = Jobs(connection)
        self.counters = CounterTable(connection)
        self.saved_searches = SavedSearches(connection)
        self.index = SearchIndex(connection)
        self.search = Search(connection, seconds)
        self.statistics = Statistics(connection)
        self.soundness = Soundness(connection)


class Archive:
    """The archive: opened by an address, used through `reading()` and `writing()`.

    Raises:
        ArchiveError: when the address is not understood or the database does not answer.
    """

    def __init__(self, url: str) -> None:
        self._engine = open_engine(url)

    @property
    def address(self) -> str:
        """The address without its password."""
        return schema.shown(self._engine)

    @property
    def folder(self) -> Path | None:
        """Where an SQLite file lies, or will; None for Postgres."""
        file = self._engine.url.database
        return Path(file).absolute().parent if self._engine.dialect.name == "sqlite" and file else None

    @property
    def exists(self) -> bool:
        """False if this is an SQLite file that is not there yet."""
        return database_exists(self._engine)

    def upgrade(self) -> None:
        """Bring the schema to the newest version."""
        schema.upgrade(self._engine)

    def check_version(self) -> None:
        """Raise ArchiveError unless the schema is of the version this program works with."""
        if not self.exists:
            raise ArchiveError(f"{self.address}: there is no archive yet; `monitor run` and `monitor crawl` make it")
        with self._connected(writes=False):
            found = schema.version(self._engine)
        if found != schema.head():
            raise ArchiveError(
                f"{self.address}: schema version {found or 'none'} where {schema.head()} is needed: monitor db upgrade"
            )

    def drift(self) -> list[object]:
        """Differences between the database and the tables in the code."""
        return schema.drift(self._engine)

    def leadership(self) -> Leadership:
        """The lock that makes a process the one scheduler of this archive; not taken yet."""
        return Leadership(self._engine)

    @contextmanager
    def writing(self) -> Iterator[Tables]:
        """One transaction: all of it is kept, or on an exception nothing."""
        with self._connected(writes=True) as connection:
            yield Tables(connection)

    @contextmanager
    def reading(self, seconds: float | None = None) -> Iterator[Tables]:
        """A look at one state of the archive; waits for no writer.

        With `seconds` the database itself writes nothing meanwhile, and ends what takes longer.

        Raises:
            TooSlowError: when it does.
        """
        with self._connected(writes=False) as connection, limited(connection, seconds):
            yield Tables(connection, seconds)

    @property
    def outbox(self) -> Outbox:
        """The alerts that wait for delivery, each call committed at once."""
        return Outbox(*self.transactions)

    @property
    def transactions(self) -> tuple[Transaction, Transaction]:
        """What opens a connection for reading, and one for writing."""
        return partial(self._connected, writes=False), partial(self._connected, writes=True)

    @contextmanager
    def _connected(self, *, writes: bool) -> Iterator[Connection]:
        try:
            with self._engine.connect().execution_options(writes=writes) as connection, connection.begin():
                yield connection
        except DBAPIError as error:
            raise schema.unreachable(self._engine, error) from error

    def backup(self, file: Path) -> None:
        """Write the archive as it is now to a file (`archive.backup`)."""
        backup.backup(self._engine, file)

    def restore(self, file: Path, *, force: bool) -> None:
        """Let the archive be what a backup holds (`archive.backup`), at the newest version."""
        self.close()
        backup.restore(self._engine, file, force=force)
        self.upgrade()

    def copy_to(self, other: "Archive") -> Iterator[copying.Step]:
        """Bring everything but the search index into another archive; tells each table's progress."""
        copying.refuse_other(self._engine, other._engine)
        yield from copying.copy(self._engine, other._engine)

    def compared_with(self, other: "Archive") -> Iterator[copying.Compared]:
        """Hold every value of both archives against each other, by table."""
        yield from copying.compare(self._engine, other._engine)

    def close(self) -> None:
        """Let go of all connections."""
        self._engine.dispose()


__all__ = ["Archive", "Tables"]
