"""The reports of runs of jobs: how one went, and how every job stands."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from connector.reconcile.fights import Fight
from connector.report.document import (
    Cell,
    Column,
    Count,
    CrmText,
    Document,
    Fact,
    Instant,
    Missing,
    Note,
    Place,
    Table,
    Term,
    Tone,
)
from connector.report.fights import fight_words
from connector.report.layout import Row

_OUTCOMES = {
    "done": Term("done", "done", Tone.GOOD),
    "partly": Term("partly", "partly done", Tone.CAUTION),
    "failed": Term("failed", "failed", Tone.BAD),
    "stopped": Term("stopped", "stopped", Tone.CAUTION),
    "killed": Term("killed", "killed", Tone.BAD),
    "running": Term("running", "running"),
    "skipped": Term("skipped", "skipped", Tone.CAUTION),
}
_STEPS = (
    Column("account", "Account"),
    Column("step", "Step"),
    Column("outcome", "Ended"),
    Column("requests", "Requests"),
    Column("seconds", "Seconds"),
    Column("note", "Note", Place.UNDER),
)
_JOBS = (
    Column("job", "Job"),
    Column("last_day", place=Place.DATA),
    Column("last_started", "Last run"),
    Column("outcome", "Ended"),
    Column("requests", place=Place.DATA),
    Column("seconds", place=Place.DATA),
    Column("next", "Next run"),
    Column("health", "Success"),
    Column("last_success", place=Place.DATA),
    Column("reason", "Because", Place.UNDER),
)
_FRESH = Term("fresh", "fresh", Tone.GOOD)
_TOO_OLD = Term("too-old", "too old", Tone.BAD)
_NOT_YET = Term("never", "never", Tone.CAUTION)
_OVERDUE = Term("never", "never", Tone.BAD)
_NEVER = Missing("never")
_NO_SIGN = Missing("none")
_NOT_STARTED = "No scheduler runs. Start one: connector run (docs/scheduling.md)."


_FIGHTS = (
    Column("account", "Account"),
    Column("drift", "Drift"),
    Column("told", "What", Place.UNDER),
)


@dataclass(frozen=True, slots=True)
class StepLine:
    """One step of a run, as its report tells it; `outcome` is a code of the records."""

    account: str
    step: str
    outcome: str
    requests: int
    seconds: float
    note: str


@dataclass(frozen=True, slots=True)
class RunLine:
    """One run of a job, as reports tell it."""

    day: date
    started: datetime
    outcome: str
    requests: int
    seconds: float | None
    reason: str


@dataclass(frozen=True, slots=True)
class JobLine:
    """How a job stands: its newest run, when it last succeeded, and when it runs next."""

    job: str
    zone: str
    last: RunLine | None
    success: datetime | None
    next: datetime
    too_old: bool


@dataclass(frozen=True, slots=True)
class FightLine:
    """A correction of an account that somebody turned back; its time is told in a zone."""

    account: str
    zone: str
    fight: Fight


def run_document(job: str, run: RunLine, steps: Sequence[StepLine]) -> Document:
    """One run of a job, step by step."""
    rows = tuple(
        (
            step.account,
            step.step,
            _OUTCOMES[step.outcome],
            Count(step.requests),
            Count(round(step.seconds)),
            step.note or None,
        )
        for step in steps
    )
    return Document(
        name="run",
        version=1,
        title=f"{job}: the run of {run.day}",
        facts=(
            Fact("job", "Job", job),
            Fact("day", "Date", run.day.isoformat()),
            Fact("outcome", "Ended", _OUTCOMES[run.outcome]),
            Fact("requests", "Requests", Count(run.requests)),
            Fact("seconds", "Seconds", Count(round(run.seconds or 0))),
        ),
        blocks=(Table("steps", _STEPS, rows, empty="There was no account to do anything for."),),
    )


def jobs_document(
    lines: Sequence[JobLine],
    heartbeat: datetime | None,
    alive: bool,
    zone: str,
    fights: Sequence[FightLine] = (),
) -> Document:
    """Every job in a line, whether the scheduler lives, told in a zone, and open fights."""
    beat = _NO_SIGN if heartbeat is None else Instant(heartbeat, zone)
    return Document(
        name="jobs",
        version=1,
        title="Jobs",
        facts=(
            Fact("scheduler_alive", "Scheduler runs", alive),
            Fact("sign_of_life", "Last sign of life", beat),
            Fact("open_fights", "Turned back", Count(len(fights))),
        ),
        blocks=(
            Table("jobs", _JOBS, tuple(map(_job, lines)), empty="config.toml has no [[jobs]]."),
            Table("fights", _FIGHTS, tuple(map(_fight, fights)), "Turned back by somebody"),
            *([] if alive or any(map(_served, lines)) else [Note(_NOT_STARTED)]),
        ),
    )


def _job(line: JobLine) -> Row:
    return (
        line.job,
        *_last(line),
        Instant(line.next, line.zone),
        _health(line),
        Instant(line.success, line.zone) if line.success else _NEVER,
        (line.last and line.last.reason) or None,
    )


def _served(line: JobLine) -> bool:
    """Whether something starts the job, be it a timer: it went well lately."""
    return line.success is not None and not line.too_old


def _health(line: JobLine) -> Term:
    """How the last success stands; one that never came is missed once its time is over."""
    if line.success is None:
        return _OVERDUE if line.too_old else _NOT_YET
    return _TOO_OLD if line.too_old else _FRESH


def _fight(line: FightLine) -> Row:
    fight = line.fight
    return line.account, CrmText(fight.drift.id), fight_words(fight, line.zone)


def _last(line: JobLine) -> tuple[Cell, ...]:
    """Date, start, outcome, requests and seconds of the newest run."""
    run = line.last
    if run is None:
        return None, _NEVER, None, None, None
    return (
        run.day.isoformat(),
        Instant(run.started, line.zone),
        _OUTCOMES[run.outcome],
        Count(run.requests),
        None if run.seconds is None else Count(round(run.seconds)),
    )
