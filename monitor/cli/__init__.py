"""The command `monitor`."""

import logging
import os
import sys

from monitor.cli.commands import app
from monitor.cli.output import err, pointed
from monitor.errors import ArchiveError, ConfigError, MonitorError
from monitor.searching.query import QueryError

EXIT_FAILED, EXIT_CONFIG, EXIT_ARCHIVE = 1, 2, 3
"""Exit codes beside 0: something failed; the configuration or the call is wrong; the archive cannot be used.
`monitor crawl` has one more: 4, every polled source failed."""


def main() -> None:
    """Run the command line; errors of the user's making are told in one line each, without a traceback."""
    logging.captureWarnings(capture=True)
    try:
        app()
    except MonitorError as error:
        err.print(f"error: {error}")
        if isinstance(error, QueryError):
            err.print(pointed(error.query, error.start, error.end))
        code = EXIT_FAILED
        if isinstance(error, ConfigError):
            code = EXIT_CONFIG
        elif isinstance(error, ArchiveError):
            code = EXIT_ARCHIVE
        sys.exit(code)
    except BrokenPipeError:  # the reader of our output has had enough, as in `monitor deals | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except UnicodeEncodeError as error:
        err.print(f"error: {error.object!r} is no valid text")
        sys.exit(EXIT_CONFIG)
    except OSError as error:
        err.print(f"error: {error.strerror}{f': {error.filename}' if error.filename else ''}")
        sys.exit(EXIT_FAILED)
