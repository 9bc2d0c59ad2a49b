"""Which runs of jobs are due, by the calendar of each job's zone and the records of earlier runs.

Pure. A job is due once a local date, whatever clocks do: the date is what is remembered, never the
hour. After a longer absence only the newest date is caught up.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from connector.config import Job
from connector.store.runs import Outcome, Run

_DAY = timedelta(days=1)
_TOO_OLD = 2 * _DAY
# A run killed again and again is not tried for ever: it may be what brings the machine down.
_KILLED_AT_MOST = 2
_ENDED = (Outcome.DONE, Outcome.PARTLY, Outcome.FAILED)


@dataclass(frozen=True, slots=True)
class Due:
    """A run that should begin now, and the local date it is for."""

    job: Job
    day: date


def due(
    jobs: Iterable[Job], runs: Iterable[Run], since: Mapping[str, datetime], now: datetime
) -> Iterator[Due]:
    """The runs that should begin now, at most one a job.

    `runs` are the known ones of these jobs, at least those for the last three dates. A job does not
    catch up what lies before it was known, `since`; one that is not in there catches up anything.
    """
    known = tuple(runs)
    for job in jobs:
        day, at = _newest(job, now)
        if at >= since.get(job.name, at) and not _settled(job, day, known):
            yield Due(job, day)


def newest_date(job: Job, now: datetime) -> date:
    """The newest local date whose time has come."""
    return _newest(job, now)[0]


def next_run(job: Job, now: datetime) -> datetime:
    """When the job is to run next, if nothing is to be caught up."""
    today = now.astimezone(job.zone).date()
    days = (today + number * _DAY for number in range(-1, 4))
    return next(at for day in days if (at := _appointed(job, day)) and at > now)


@dataclass(frozen=True, slots=True)
class Standing:
    """How a job stands: its newest run, its newest success, and whether that is too old."""

    job: Job
    last: Run | None
    success: Run | None
    next: datetime
    too_old: bool


def standing(
    job: Job,
    last: Run | None,
    success: Run | None,
    since: datetime | None,
    now: datetime,
    max_age: timedelta | None = None,
) -> Standing:
    """How a job stands now; its last success may be two days old, or as old as `max_age`.

    A job that never succeeded is given as long from when it was first known, `since`, or from now.
    """
    fresh = success.started if success else since or now
    too_old = now - fresh > (max_age or _TOO_OLD)
    return Standing(job, last, success, next_run(job, now), too_old)


def _newest(job: Job, now: datetime) -> tuple[date, datetime]:
    """The newest local date whose time has come, and when it came.

    Clocks that are set back over midnight show yesterday's date again, so tomorrow is asked first.
    """
    day = now.astimezone(job.zone).date() + _DAY
    while (at := _appointed(job, day)) is None or at > now:
        day -= _DAY
    return day, at


def _appointed(job: Job, day: date) -> datetime | None:
    """The instant a date's run is for; None for a date the zone left out, as Samoa did in 2011.

    Of an hour that comes twice the first one counts. A time the clocks leap over is as long after
    the leap as it would have been into it.
    """
    noon = datetime.combine(day, time(12), job.zone).astimezone(UTC)
    if noon.astimezone(job.zone).date() != day:
        return None
    return datetime.combine(day, job.at, job.zone).astimezone(UTC)


def _settled(job: Job, day: date, runs: Iterable[Run]) -> bool:
    outcomes = [run.outcome for run in runs if run.job == job.name and run.day == day]
    ended = any(outcome in _ENDED for outcome in outcomes)
    return ended or outcomes.count(Outcome.KILLED) >= _KILLED_AT_MOST
