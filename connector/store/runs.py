"""Runs of jobs: which local date each was for, how it went, and whether the scheduler lives."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from enum import StrEnum

from sqlite_utils import Database

from connector.store.database import writing
from connector.store.encoding import storable
from connector.store.instants import from_ms, optional_instant, to_ms


class Outcome(StrEnum):
    """How a run of a job, or one step of it, ended; a run nobody ended was killed.

    PARTLY: some accounts were served and others not. SKIPPED: a step that could not follow another.
    """

    RUNNING = "running"
    DONE = "done"
    PARTLY = "partly"
    FAILED = "failed"
    STOPPED = "stopped"
    KILLED = "killed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class StepRun:
    """One step of a job for one account; `note` is what it found, or why it failed."""

    account: str
    step: str
    outcome: Outcome
    requests: int
    seconds: float
    note: str = ""


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a job for a local date; `reason` is empty where all went well."""

    id: int
    job: str
    day: date
    started: datetime
    finished: datetime | None
    outcome: Outcome
    requests: int
    seconds: float | None
    reason: str


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """The last sign of life of a scheduler: its process and when that began."""

    process: int
    started: datetime
    beat: datetime


_NEVER = datetime.max.replace(tzinfo=UTC)

_COLUMNS = "id, job, day, started, finished, outcome, requests, seconds, reason"
_KILLED = "killed, or the machine went down: it left no word of how it ended"


def know(db: Database, job: str, at: datetime) -> None:
    """Note since when a job is known; a clock that was ahead at first does not count."""
    if known_since(db).get(job, _NEVER) <= at:
        return
    with writing(db):
        db.execute("INSERT OR REPLACE INTO jobs VALUES (?, ?)", (job, to_ms(at)))


def known_since(db: Database) -> dict[str, datetime]:
    """Since when each job is known."""
    return {job: from_ms(since) for job, since in db.execute("SELECT job, since FROM jobs")}


def begin(db: Database, job: str, day: date, at: datetime, *, again: bool = False) -> int:
    """The key of a new run for a date; refused where the date has one, unless it is run again."""
    with writing(db):
        row = db.execute(
            "INSERT INTO runs (job, day, started, again) VALUES (?, ?, ?, ?) RETURNING id",
            (job, day.isoformat(), to_ms(at), again),
        ).fetchone()
    return int(row[0])


def note_step(db: Database, run: int, seq: int, step: StepRun) -> None:
    """Note how a step of a run ended, so that a killed run shows how far it came."""
    with writing(db):
        _put_step(db, run, seq, step)


def finish(
    db: Database,
    run: int,
    outcome: Outcome,
    steps: Iterable[StepRun],
    seconds: float,
    reason: str,
    at: datetime,
) -> None:
    """End a run, with all its steps."""
    steps = tuple(steps)
    with writing(db):
        for seq, step in enumerate(steps):
            _put_step(db, run, seq, step)
        db.execute(
            "UPDATE runs SET finished = ?, outcome = ?, requests = ?, seconds = ?, reason = ?"
            " WHERE id = ?",
            (
                to_ms(at),
                outcome,
                sum(step.requests for step in steps),
                seconds,
                storable(reason),
                run,
            ),
        )


def bury(db: Database, job: str) -> None:
    """Mark the runs of a job nobody ended as killed; only for who holds the lock of the job."""
    unended = db.execute("SELECT 1 FROM runs WHERE job = ? AND outcome = 'running'", (job,))
    if unended.fetchone() is None:
        return
    with writing(db):
        db.execute(
            "UPDATE runs SET outcome = ?, reason = ?, requests ="
            " (SELECT IFNULL(SUM(s.requests), 0) FROM run_steps s WHERE s.run = runs.id)"
            " WHERE job = ? AND outcome = 'running'",
            (Outcome.KILLED, _KILLED, job),
        )


def as_killed(run: Run) -> Run:
    """A run as it is told, and later buried, once nobody holds the lock of its job any more."""
    return replace(run, outcome=Outcome.KILLED, reason=_KILLED)


def of_days(db: Database, job: str, first: date) -> tuple[Run, ...]:
    """The runs of a job for a date and all later ones, oldest first."""
    return _runs(db, "job = ? AND day >= ? ORDER BY id", (job, first.isoformat()))


def last(db: Database, job: str, *outcomes: Outcome) -> Run | None:
    """The newest run of a job, of those that ended in one of these ways, or in any."""
    among = f"AND outcome IN ({', '.join('?' * len(outcomes))})" if outcomes else ""
    found = _runs(db, f"job = ? {among} ORDER BY id DESC LIMIT 1", (job, *outcomes))
    return found[0] if found else None


def steps(db: Database, run: int) -> tuple[StepRun, ...]:
    """The steps of a run, in order."""
    rows = db.execute(
        "SELECT account, step, outcome, requests, seconds, note FROM run_steps"
        " WHERE run = ? ORDER BY seq",
        (run,),
    )
    return tuple(
        StepRun(account, step, Outcome(outcome), *rest) for account, step, outcome, *rest in rows
    )


def beat(db: Database, process: int, started: datetime, at: datetime) -> None:
    """Leave a sign of life of the scheduler."""
    with writing(db):
        db.execute(
            "INSERT OR REPLACE INTO heartbeat VALUES (1, ?, ?, ?)",
            (process, to_ms(started), to_ms(at)),
        )


def beat_no_more(db: Database) -> None:
    """Take the sign of life away: the scheduler ended in order."""
    with writing(db):
        db.execute("DELETE FROM heartbeat")


def heartbeat(db: Database) -> Heartbeat | None:
    """The last sign of life of a scheduler that lives or died; one that ended left none."""
    row = db.execute("SELECT process, started, beat FROM heartbeat").fetchone()
    return None if row is None else Heartbeat(row[0], from_ms(row[1]), from_ms(row[2]))


def _put_step(db: Database, run: int, seq: int, step: StepRun) -> None:
    db.execute(
        "INSERT OR REPLACE INTO run_steps VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            run,
            seq,
            step.account,
            step.step,
            step.outcome,
            step.requests,
            step.seconds,
            storable(step.note),
        ),
    )


def _runs(db: Database, condition: str, values: tuple[str, ...]) -> tuple[Run, ...]:
    rows = db.execute(f"SELECT {_COLUMNS} FROM runs WHERE {condition}", values)
    return tuple(
        Run(
            key,
            job,
            date.fromisoformat(day),
            from_ms(started),
            optional_instant(finished),
            Outcome(outcome),
            requests,
            seconds,
            reason,
        )
        for key, job, day, started, finished, outcome, requests, seconds, reason in rows
    )
