"""What is due, by the archive and the configuration; asked by the scheduler before it starts a run."""

import logging
from hashlib import blake2b

from monitor.archive.sources import SourceRow
from monitor.bootstrap import Application, utc_now
from monitor.config import Config
from monitor.crawling.hubs import to_be_asked
from monitor.settings import Source
from monitor.timing import schedule_of

logger = logging.getLogger(__name__)


def sync_sources(app: Application) -> None:
    """Make the archive know the configured sources and their schedules, and that the clock was put back, if it was."""
    with app.archive.writing() as tables:
        now = utc_now()
        tables.sources.sync(rows(app.config), now)
        if tables.clocks.mend(now):
            logger.warning("the clock was put back: what waits for times that were a mistake is done now")


def what_is_due(app: Application) -> list[str]:
    """Sources whose time has come, of which a page is to be fetched again, or whose hub is to be asked.

    Those that wait longest come first. Sources must be in sync.
    """
    now = utc_now()
    names = [source.name for source in app.config.sources]
    with app.archive.reading() as tables:
        due = tables.sources.due(names, now)
        waiting = tables.entries.sources_with_pending(now).intersection(names)
        asked = to_be_asked(tables, app.config, now)
    return list(dict.fromkeys((*due, *sorted(waiting), *asked)))


def _definition(source: Source) -> str:
    """A short hash of what decides how the source is read."""
    said = source.model_dump_json(exclude={"name", "title", "language", "every", "cron", "checked", "cite", "page"})
    return blake2b(said.encode(), digest_size=16).hexdigest()


def rows(config: Config) -> list[SourceRow]:
    """What the archive is told of the configured sources."""
    return [
        SourceRow(
            source.name,
            source.title or source.name,
            schedule_of(source, config.schedule),
            _definition(source),
            source.url,
        )
        for source in config.sources
    ]
