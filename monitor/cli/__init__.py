"""The command `monitor`."""

import logging
import sys

from rich.console import Console

from monitor.cli.commands import app
from monitor.errors import ArchiveError, ConfigError, MonitorError

EXIT_FAILED, EXIT_CONFIG, EXIT_ARCHIVE = 1, 2, 3
"""Exit codes beside 0: something failed; the configuration or the call is wrong; the archive cannot be used.
`monitor crawl` has one more: 4, every polled source failed."""


def main() -> None:
    """Run the command line; errors of the user's making are told in one line each, without a traceback."""
    logging.captureWarnings(capture=True)
    try:
        app()
    except MonitorError as error:
        Console(stderr=True, markup=False, highlight=False, soft_wrap=True).print(f"error: {error}")
        code = EXIT_FAILED
        if isinstance(error, ConfigError):
            code = EXIT_CONFIG
        elif isinstance(error, ArchiveError):
            code = EXIT_ARCHIVE
        sys.exit(code)
    except BrokenPipeError:
        sys.stderr.close()  # the reader of our output has had enough, as in `monitor deals | head`
        sys.exit(0)
