"""Jobs on a clock; the only file that imports APScheduler.

APScheduler wakes us at every minute and keeps two looks from overlapping. What is due is decided by
our own records, never by when it woke us: its own daily triggers ran a 02:30 job twice on the
autumn clock change, and forget what they missed (measured with version 3.11.3).
"""

import logging
import os
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from threading import Event
from typing import TypeVar

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from sqlite_utils import Database

from connector.config import Account, Job
from connector.errors import Locked, StoreError
from connector.jobs.due import newest_date
from connector.jobs.nightly import Ending, due_date, settle, work
from connector.jobs.shift import Workplace
from connector.store import lock, runs
from connector.store.database import may_pass
from connector.store.lock import SCHEDULER, of_job

HEARTBEAT = 60.0  # seconds
_PAUSE = 5.0  # seconds between two tries, besides what SQLite waits itself
# A timer of the system may fire a little before the time config.toml names.
_EARLY = timedelta(hours=1)
_LOOK = "look"

T = TypeVar("T")

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Told:
    """Who hears of a run that ended, and of trouble that keeps runs from beginning."""

    ended: Callable[[Ending], None]
    trouble: Callable[[str], None]


@dataclass
class Scheduler:
    """All jobs of a configuration, run as they come due, one after the other.

    `accounts` are by name; `database` opens a connection of its own. `unsettled` are runs whose end
    could not be recorded yet, on a full disk for example.
    """

    jobs: Sequence[Job]
    accounts: Mapping[str, Account]
    place: Workplace
    database: Callable[[], AbstractContextManager[Database]]
    told: Told
    unsettled: list[Ending] = field(default_factory=list)
    patience: float = 600.0  # seconds

    def run(self, stop: Event) -> None:
        """Run what comes due until `stop` is set; what is at work then ends at a sound place.

        Raises `Locked` where another scheduler works with this database.
        """
        with lock(self.place.database, SCHEDULER):
            started = self.place.now()
            clock = _clock()
            clock.add_job(self.look, "cron", second=0, id=_LOOK, next_run_time=started)
            clock.start()
            try:
                self._beat(started)
                while not stop.wait(HEARTBEAT):
                    self._beat(started)
                    _heed_clock_set_back(clock, self.place.now())
            finally:
                clock.shutdown(wait=True)
                self._beat_no_more()

    def look(self) -> None:
        """Run every job that is due; trouble with one is told and never stops the others."""
        for job in self.jobs:
            try:
                self._run_if_due(job)
            except Locked as other:
                log.debug("%s", other)
            except StoreError as trouble:
                self.told.trouble(f"{job.name}: {trouble}")
            except Exception as fault:
                log.exception("%s", job.name)
                self.told.trouble(f"{job.name}: {type(fault).__name__}: {fault}")

    def run_once(self, job: Job, *, again: bool) -> Ending | None:
        """Run one job now, if the run of its date is still to come or it is to be run `again`.

        A locked database is waited for with `patience`, before the run and to record its end; the
        end is told before. Raises `Locked` where another process is running the job.
        """
        with lock(self.place.database, of_job(job.name)):
            ending = self._patiently(job, lambda db: self._serve(job, db, again=again))
            if ending is not None:
                self.told.ended(ending)
                self._patiently(job, lambda db: settle(db, ending))
            return ending

    def _serve(self, job: Job, db: Database, *, again: bool) -> Ending | None:
        runs.bury(db, job.name)
        runs.know(db, job.name, self.place.now())
        now = self.place.now() + _EARLY
        day = due_date(job, db, now, new_ones_wait=False)
        if day is None and not again:
            return None
        # Run again, the newest date is served twice; a date to come keeps its own run.
        night = day or newest_date(job, now)
        return work(job, night, self._accounts(job), db, self.place, again=day is None)

    def _patiently(self, job: Job, do: Callable[[Database], T]) -> T:
        """Do it with the database, again and again while that is locked or full."""
        until = time.monotonic() + self.patience
        while True:
            try:
                with self.database() as db:
                    return do(db)
            except StoreError as trouble:
                if not may_pass(trouble) or time.monotonic() >= until or self.place.stopping():
                    raise
                left = max(1, round((until - time.monotonic()) / 60))
                self.told.trouble(f"{job.name}: {trouble}; trying again, for {left} min at most")
            time.sleep(min(_PAUSE, self.patience))

    def _run_if_due(self, job: Job) -> None:
        with self.database() as db:
            self._settle_all(db)
            runs.know(db, job.name, self.place.now())
            if self.place.stopping() or due_date(job, db, self.place.now()) is None:
                return
            with lock(self.place.database, of_job(job.name)):
                runs.bury(db, job.name)
                day = due_date(job, db, self.place.now())
                if day is None:
                    return
                ending = work(job, day, self._accounts(job), db, self.place)
                self.unsettled.append(ending)
                self.told.ended(ending)
                self._settle_all(db)

    def _settle_all(self, db: Database) -> None:
        """Record the ends of runs that are not recorded yet; while that fails, nothing begins."""
        while self.unsettled:
            settle(db, self.unsettled[0])
            del self.unsettled[0]

    def _accounts(self, job: Job) -> list[Account]:
        return [self.accounts[name] for name in job.accounts]

    def _beat(self, started: datetime) -> None:
        try:
            with self.database() as db:
                runs.beat(db, os.getpid(), started, self.place.now())
        except StoreError as trouble:
            self.told.trouble(f"heartbeat: {trouble}")

    def _beat_no_more(self) -> None:
        try:
            with self.database() as db:
                runs.beat_no_more(db)
        except StoreError as trouble:
            self.told.trouble(f"heartbeat: {trouble}")


def _clock() -> BackgroundScheduler:
    # A look that takes long makes APScheduler warn every minute that it skips the next one.
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
    return BackgroundScheduler(
        timezone=UTC,
        executors={"default": ThreadPoolExecutor(1)},
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
    )


def _heed_clock_set_back(clock: BackgroundScheduler, now: datetime) -> None:
    """APScheduler waits for a time of day; a clock set back would make it wait all that longer."""
    look = clock.get_job(_LOOK)
    if look and look.next_run_time > now + timedelta(minutes=2):
        clock.modify_job(_LOOK, next_run_time=now)
