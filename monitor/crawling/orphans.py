"""Processes that end with the one they work for, however that one ends."""

import multiprocessing.connection
import os
import threading


def end_with_parent() -> None:
    """Watch the parent from a thread and end this process when it is gone.

    A parent that is killed tells its children nothing: a worker would wait for its next job for ever, and whoever
    reads the output of the killed program with it.
    """
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_wait_and_end, args=(parent.sentinel,), daemon=True).start()


def _wait_and_end(sentinel: int) -> None:
    multiprocessing.connection.wait([sentinel])
    os._exit(0)
