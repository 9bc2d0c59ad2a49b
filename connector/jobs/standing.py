"""How the scheduler and the jobs stand, for `run --status` and doctor alike.

Whether a process lives is asked of its lock, which ends with it; records tell of the rest.
"""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlite_utils import Database

from connector.config import Account, Job
from connector.errors import NotFound, StoreError
from connector.jobs.drift import sift_accepted
from connector.jobs.due import Standing, standing
from connector.jobs.fights import find_fights
from connector.jobs.reading import read_stored
from connector.model import Process
from connector.reconcile.fights import Fight
from connector.store import held_by, runs
from connector.store.lock import SCHEDULER, of_job
from connector.store.runs import Heartbeat, Outcome, Run


@dataclass(frozen=True, slots=True)
class Fought:
    """A fight that is open by the last pull of its account; instants are told in its `zone`."""

    account: str
    zone: str
    fight: Fight


def open_fights(
    accounts: Iterable[Account], processes: tuple[Process, ...], db: Database
) -> Iterator[Fought]:
    """The fights over drift nobody accepted, of the accounts that were pulled."""
    for account in accounts:
        try:
            reading = read_stored(account, db)
        except NotFound:
            continue
        drifts = sift_accepted(reading, reading.drift(processes), db).open
        for fight in find_fights(drifts, account.name, db, reading.at):
            yield Fought(account.name, reading.remote.time_zone, fight)


@dataclass(frozen=True, slots=True)
class Life:
    """The life of the scheduler: who it is, None where none runs, and the last sign of it.

    A sign without a scheduler is what one leaves that was killed.
    """

    holder: str | None
    sign: Heartbeat | None


def scheduler_life(db: Database, database: Path) -> Life:
    """Whether a scheduler works with the database, which lies at a path."""
    return Life(held_by(database, SCHEDULER), runs.heartbeat(db))


def know_all(db: Database, jobs: Iterable[Job], now: datetime) -> None:
    """Note that these jobs are known from now, so that one that never runs is missed one day."""
    with suppress(StoreError):
        for job in jobs:
            runs.know(db, job.name, now)


def standings(
    db: Database,
    database: Path,
    jobs: Iterable[Job],
    now: datetime,
    max_age: timedelta | None = None,
) -> Iterator[Standing]:
    """How each job stands now; its last success may be as old as `max_age`."""
    since = runs.known_since(db)
    for job in jobs:
        success = runs.last(db, job.name, Outcome.DONE)
        last = _last(db, database, job)
        yield standing(job, last, success, since.get(job.name), now, max_age)


def _last(db: Database, database: Path, job: Job) -> Run | None:
    """The newest run of a job; it runs only while somebody holds the lock of the job."""
    last = runs.last(db, job.name)
    if last is None or last.outcome is not Outcome.RUNNING or held_by(database, of_job(job.name)):
        return last
    # It may have ended since it was looked up; a run is recorded before its lock is let go.
    again = runs.last(db, job.name)
    return runs.as_killed(again) if again == last else again
