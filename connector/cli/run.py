"""`connector run`: the jobs of config.toml on a clock, once, or how they stand."""

import signal
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from threading import Event
from typing import TYPE_CHECKING

import click

from connector.cli.app import App
from connector.cli.durations import DURATION
from connector.cli.options import format_option
from connector.cli.output import complain
from connector.config import Job
from connector.errors import ConnectorError, FileFaults, NotFound
from connector.model import Process
from connector.report.document import Document
from connector.report.runs import FightLine, JobLine, RunLine, StepLine, jobs_document, run_document

if TYPE_CHECKING:
    from connector.jobs.due import Standing
    from connector.jobs.nightly import Ending
    from connector.schedule import Scheduler
    from connector.store.runs import Run

PARTLY_DONE = 5
_EXIT = {"done": 0, "partly": PARTLY_DONE}


@click.command()
@click.argument("name", required=False)
@click.option("--once", is_flag=True, help="Run job NAME now, if the run of its date is to come.")
@click.option("--again", is_flag=True, help="With --once: also if its date had its run already.")
@click.option("--status", is_flag=True, help="Show how the jobs stand; 1 if one stands badly.")
@click.option(
    "--max-age",
    type=DURATION,
    metavar="TIME",
    help="With --status: how old a success may be, such as 26h; two days without it.",
)
@format_option
@click.pass_obj
def run(
    app: App,
    name: str | None,
    once: bool,
    again: bool,
    status: bool,
    max_age: timedelta | None,
    form: str | None,
) -> int:
    """Run the jobs of config.toml, each once a date, until Ctrl-C or SIGTERM.

    What was missed is caught up once. docs/scheduling.md shows how to keep it running, and how to
    let systemd, cron or the Windows Task Scheduler call `connector run NAME --once` instead.
    """
    if (again and not once) or (max_age and not status) or (once and status):
        raise click.UsageError("--again goes with --once, --max-age with --status, alone")
    jobs = _jobs(app, name)
    if status:
        return _status(app, jobs, max_age, form)
    if once:
        return _once(app, jobs, again, form)
    if name is not None:
        raise click.UsageError(f"say --once to run {name} now; without a name all jobs are kept")
    _keep_running(app, jobs)
    return 0


def _jobs(app: App, name: str | None) -> tuple[Job, ...]:
    """The job of this name, or all; raises `NotFound` where there is none."""
    jobs = app.config.jobs
    if not jobs:
        raise NotFound(
            f"{app.config_path} has no [[jobs]]; config.example.toml shows what one looks like"
        )
    chosen = tuple(job for job in jobs if name in (None, job.name))
    if not chosen:
        known = ", ".join(job.name for job in jobs)
        raise NotFound(f"no job {name!r} in {app.config_path}; there is {known}")
    return chosen


def _keep_running(app: App, jobs: tuple[Job, ...]) -> None:
    app.output.say(f"{len(jobs)} jobs; Ctrl-C ends it, connector run --status tells how it goes")
    with _signals() as stop:
        _scheduler(app, jobs, stop, lambda ending: app.output.say(_told(ending))).run(stop)
    app.output.say("stopped; what was cut short is taken up again at the next start")


@contextmanager
def _signals() -> Iterator[Event]:
    """Set by the first Ctrl-C or SIGTERM; the second one ends the process at once."""
    stop = Event()

    def heed(sign: int, _: object) -> None:
        stop.set()
        signal.signal(sign, signal.SIG_DFL)

    before = {sign: signal.signal(sign, heed) for sign in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for sign, handler in before.items():
            signal.signal(sign, handler)


def _scheduler(
    app: App, jobs: tuple[Job, ...], stop: Event, ended: Callable[["Ending"], None]
) -> "Scheduler":
    from connector.jobs.shift import Workplace
    from connector.schedule import Scheduler, Told

    return Scheduler(
        jobs,
        {account.name: account for account in app.config.accounts},
        Workplace(app.config, app.connect, app.read_processes, stop.is_set),
        app.database,
        Told(ended, complain),
    )


def _told(ending: "Ending") -> str:
    from connector.report.clean import clean

    requests = sum(step.requests for step in ending.steps)
    why = f": {ending.reason}" if ending.reason else ""
    return clean(
        f"{ending.at:%Y-%m-%d %H:%M} UTC {ending.job}, run of {ending.day}: {ending.outcome},"
        f" {requests} requests, {ending.seconds:.1f} s{why}"
    )


def _once(app: App, jobs: tuple[Job, ...], again: bool, form: str | None) -> int:
    if len(jobs) > 1:
        raise click.UsageError(f"which job? there is {', '.join(job.name for job in jobs)}")
    (job,) = jobs

    def tell(ending: "Ending") -> None:
        app.output.answer([_run_document(ending)], form)

    with _signals() as stop:
        ending = _scheduler(app, jobs, stop, tell).run_once(job, again=again)
    if ending is None:
        app.output.say(f"{job.name}: its date had its run already; --again runs it once more")
        return 0
    if ending.reason:
        complain(ending.reason)
    return _EXIT.get(ending.outcome, ConnectorError.exit_code)


def _run_document(ending: "Ending") -> Document:
    steps = tuple(
        StepLine(s.account, s.step, s.outcome, s.requests, s.seconds, s.note) for s in ending.steps
    )
    requests = sum(step.requests for step in steps)
    line = RunLine(ending.day, ending.at, ending.outcome, requests, ending.seconds, ending.reason)
    return run_document(ending.job, line, steps)


def _status(app: App, jobs: Iterable[Job], max_age: timedelta | None, form: str | None) -> int:
    from connector.jobs.standing import know_all, open_fights, scheduler_life, standings

    now = datetime.now(UTC)
    with app.database() as db:
        know_all(db, jobs, now)
        stand = tuple(standings(db, app.config.database, jobs, now, max_age))
        life = scheduler_life(db, app.config.database)
        fights = [
            FightLine(each.account, each.zone, each.fight)
            for each in open_fights(app.config.accounts, _sound_processes(app), db)
        ]
    lines = [_job_line(each) for each in stand]
    sign = life.sign.beat if life.sign else None
    alive = life.holder is not None
    app.output.answer([jobs_document(lines, sign, alive, lines[0].zone, fights)], form)
    return ConnectorError.exit_code if any(each.too_old for each in stand) else 0


def _sound_processes(app: App) -> tuple[Process, ...]:
    """The processes; a fault in one is told and hides no job."""
    try:
        return app.processes
    except FileFaults as error:
        complain(str(error))
        return ()


def _job_line(each: "Standing") -> JobLine:
    last = _run_line(each.last) if each.last else None
    success = each.success.started if each.success else None
    return JobLine(each.job.name, str(each.job.zone), last, success, each.next, each.too_old)


def _run_line(run: "Run") -> RunLine:
    return RunLine(run.day, run.started, run.outcome, run.requests, run.seconds, run.reason)
