"""Forgetting by the rules of the configuration, a batch in each transaction, so that others write in between."""

from collections.abc import Callable
from datetime import datetime, timedelta

from monitor.archive import Archive, Tables
from monitor.settings import Retention


def forget(
    archive: Archive, rules: Retention, now: datetime, stopped: Callable[[], bool] = lambda: False
) -> dict[str, int]:
    """Do what the rules say, until nothing is left or it is `stopped`; returns how much, by rule."""
    work: dict[str, tuple[timedelta | None, Callable[[Tables, datetime], int]]] = {
        "unmentioned": (rules.unmentioned, lambda tables, before: tables.retention.forget_unmentioned(before)),
        "texts": (rules.texts, lambda tables, before: tables.retention.empty_texts(before)),
        "raw_pages": (rules.raw_pages, lambda tables, before: tables.retention.forget_raw_pages(before)),
    }
    done = {}
    for name, (age, step) in work.items():
        if age is None:
            continue
        done[name] = 0
        while not stopped():
            with archive.writing() as tables:
                number = step(tables, now - age)
            if not number:
                break
            done[name] += number
    return done
