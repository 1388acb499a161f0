"""A source whose visits never end well, as when what it sends brings the crawl down: it is polled less and less."""

import logging

from monitor.bootstrap import Application, utc_now
from monitor.errors import ConfigError
from monitor.polls import Poll, PollOutcome
from monitor.timing import next_poll

logger = logging.getLogger(__name__)


def give_up(app: Application, name: str, error: str) -> None:
    """Record that a source could not be visited: its next poll, and its waiting pages, come later each time."""
    try:
        source = app.config.source(name)
    except ConfigError:
        logger.error("%s: it is not in the configuration of this machine: bring that up to date", name)
        return
    now = utc_now()
    with app.archive.writing() as tables:
        state = tables.sources.get(name)
        if state is None:
            return
        due = next_poll(source, app.config.schedule, now, failures=state.failures + 1, recent=state.recent)
        poll = Poll(name, PollOutcome.PARSE_ERROR, error=error)
        tables.sources.polled(poll, now, due, state.recent)
        tables.entries.rest(name, due)
    logger.error("%s: given up until %s: %s", name, due.isoformat(timespec="minutes"), error)
