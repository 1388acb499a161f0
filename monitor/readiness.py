"""Whether the program does its work: what an orchestrator, a probe or `monitor doctor` asks."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.archive import Archive
from monitor.archive.pulses import Job
from monitor.errors import MonitorError

SILENT = {Job.TICK: timedelta(minutes=2), Job.DELIVERY: timedelta(minutes=2)}
"""For how long a job may give no sign of life; a tick waits for the crawl run that it started."""

OVERDUE = timedelta(minutes=10)
"""For how long an alert may wait that is due; a channel that has to pause lets it wait longer."""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at: whether it is well, what was seen, and what to do if not."""

    name: str
    well: bool
    seen: str
    advice: str = ""


def readiness(archive: Archive, now: datetime, deadline: timedelta, *, scheduled: bool = True) -> list[Check]:
    """The archive, its schema, the scheduler's jobs, the alerts that wait.

    `deadline` is that of a crawl run; `scheduled` False leaves the jobs out, where cron does their work.
    """
    try:
        archive.check_version()
        with archive.reading(2.0) as tables:
            beats, overdue = tables.pulses.all(), tables.counters.overdue(now)
    except MonitorError as error:
        return [Check("archive", well=False, seen=str(error))]
    checks = [Check("archive", well=True, seen=f"{archive.address}: answers, schema as it should be")]
    if scheduled:
        checks += [_job(job, beats.get(job), now, deadline) for job in Job]
    minutes = overdue / timedelta(minutes=1)
    checks.append(Check("alerts", well=overdue < OVERDUE, seen=f"the one due first has waited {minutes:.1f} minutes"))
    return checks


def _job(job: Job, beat: datetime | None, now: datetime, deadline: timedelta) -> Check:
    if beat is None:
        return Check(job.value, well=False, seen="has never run: no `monitor run` works on this archive")
    most = SILENT[job] + (deadline if job is Job.TICK else timedelta())
    silent = now - beat  # less than nothing when the clock was put back
    return Check(job.value, well=abs(silent) <= most, seen=f"last ran {silent.total_seconds():.0f} s ago")
