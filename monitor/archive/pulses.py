"""Signs of life: when each job of the scheduler last ran."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, insert, select, update

from monitor.archive.crawl_tables import pulses


class Job(StrEnum):
    """A job that must go on: looking for what is due, and delivering."""

    TICK = "tick"
    DELIVERY = "delivery"


class Pulses:
    """The signs of life in the archive, on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def beat(self, job: Job, at: datetime) -> None:
        """The job runs at that time."""
        changed = self._connection.execute(update(pulses).where(pulses.c.job == job.value).values(beat_at=at)).rowcount
        if not changed:
            self._connection.execute(insert(pulses).values(job=job.value, beat_at=at))

    def all(self) -> dict[Job, datetime]:
        """When each job last ran; those that never did are left out."""
        return {Job(row.job): row.beat_at for row in self._connection.execute(select(pulses))}
