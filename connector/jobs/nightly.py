"""One run of a job: claim its date, serve every account, and leave a record whatever happens."""

import logging
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlite_utils import Database

from connector.config import Account, Job, Step
from connector.errors import ConnectorError, StoreError
from connector.jobs.due import due
from connector.jobs.shift import Shift, Stopped, Workplace
from connector.store import runs
from connector.store.runs import Outcome, StepRun

_RECENT = timedelta(days=4)
_FAILED_PULL = "the pull failed, and this would tell of old data"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Ending:
    """How a run ended, ready to be recorded."""

    run: int
    job: str
    day: date
    outcome: Outcome
    steps: tuple[StepRun, ...]
    seconds: float
    reason: str
    at: datetime


def due_date(job: Job, db: Database, now: datetime, *, new_ones_wait: bool = True) -> date | None:
    """The date a run of the job is due for now, going by the records.

    A job that is new to the records waits for its next time, unless it is called by hand.
    """
    known = runs.of_days(db, job.name, (now - _RECENT).date())
    since = runs.known_since(db) if new_ones_wait else {}
    return next((each.day for each in due((job,), known, since, now)), None)


def work(
    job: Job,
    day: date,
    accounts: Sequence[Account],
    db: Database,
    place: Workplace,
    *,
    again: bool = False,
) -> Ending:
    """Run the job for a date, and answer with how it ended, still to be recorded by `settle`.

    Only for who holds the lock of the job. Raises `StoreError` where the run cannot be recorded:
    nothing was done then.
    """
    run = runs.begin(db, job.name, day, place.now(), again=again)
    began = time.monotonic()
    steps: list[StepRun] = []
    for step in _steps(job, accounts, db, place):
        steps.append(step)
        _note(db, run, len(steps) - 1, step)
    return Ending(
        run,
        job.name,
        day,
        _outcome(steps),
        tuple(steps),
        time.monotonic() - began,
        _reason(steps),
        place.now(),
    )


def settle(db: Database, ending: Ending) -> None:
    """Record how a run ended."""
    runs.finish(
        db, ending.run, ending.outcome, ending.steps, ending.seconds, ending.reason, ending.at
    )


def _steps(
    job: Job, accounts: Iterable[Account], db: Database, place: Workplace
) -> Iterator[StepRun]:
    """Every step for every account in turn, until all are done or somebody asked to stop."""
    for account in accounts:
        shift = Shift(job, account, db, place)
        pulled = True
        for step in job.do:
            if not pulled:
                yield StepRun(account.name, step, Outcome.SKIPPED, 0, 0.0, _FAILED_PULL)
                continue
            ended = _step(shift, step)
            yield ended
            if ended.outcome is Outcome.STOPPED:
                return
            pulled = step is not Step.PULL or ended.outcome is Outcome.DONE


def _step(shift: Shift, step: Step) -> StepRun:
    began, before = time.monotonic(), shift.requests
    try:
        shift.heed_stop()
        outcome, note = Outcome.DONE, shift.do(step)
    except Stopped:
        outcome, note = Outcome.STOPPED, "stopped as asked; what was done so far is kept"
    except ConnectorError as error:
        outcome, note = Outcome.FAILED, str(error)
    except Exception as fault:
        # Whatever is wrong with one step, the night goes on and its record says why.
        log.exception("%s of %s failed", step, shift.account.name)
        outcome, note = Outcome.FAILED, f"{type(fault).__name__}: {fault}"
    seconds = time.monotonic() - began
    return StepRun(shift.account.name, step, outcome, shift.requests - before, seconds, note)


def _note(db: Database, run: int, seq: int, step: StepRun) -> None:
    """Note a step at once, for the case of a kill; else the end of the run brings it again."""
    try:
        runs.note_step(db, run, seq, step)
    except StoreError:
        log.warning("step %d of run %d could not be noted yet", seq, run)


def _outcome(steps: Sequence[StepRun]) -> Outcome:
    if any(step.outcome is Outcome.STOPPED for step in steps):
        return Outcome.STOPPED
    bad = {step.account for step in steps if step.outcome is not Outcome.DONE}
    if not bad:
        return Outcome.DONE
    return Outcome.FAILED if bad == {step.account for step in steps} else Outcome.PARTLY


def _reason(steps: Iterable[StepRun]) -> str:
    return "; ".join(
        f"{step.account}: {step.step}: {step.note.removeprefix(f'{step.account}: ')}"
        for step in steps
        if step.outcome in (Outcome.FAILED, Outcome.STOPPED)
    )
