"""The steps of a job for one account, each with what it has to say for the record."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Protocol

from sqlite_utils import Database

from connector.config import Account, Config, Job, Step
from connector.errors import ConnectorError, FileFaults
from connector.jobs.analytics.head import read_head
from connector.jobs.analytics.scope import Asked, frame
from connector.jobs.analytics.time_in_stage import TimeQuestion, read_time_in_stage
from connector.jobs.answers import drift_answer, plan_answer
from connector.jobs.apply import Application
from connector.jobs.drift import find_drift
from connector.jobs.planning import plan_correction, save_plan, within
from connector.jobs.pull import pull
from connector.jobs.reading import read_live
from connector.jobs.unattended import apply_unattended
from connector.jobs.work_orders import review_pull, tell
from connector.model import Crm, Process
from connector.reconcile.fights import Fight
from connector.reconcile.origin import Origins
from connector.report.analytics.time_in_stage import time_in_stage_document
from connector.report.as_markdown import to_markdown
from connector.report.cells import shown
from connector.report.document import Document
from connector.report.fights import fight_words
from connector.store import lock
from connector.store.journal import State
from connector.tomlfile import replace

_NO_ORIGINS = Origins()


class Stopped(Exception):
    """The scheduler was asked to stop, and this is a sound place to."""


class Counted(Crm, Protocol):
    """A CRM that counts the requests sent to it."""

    @property
    def requests(self) -> int:
        """How many requests were sent so far."""


class Connect(Protocol):
    """The way to the CRM of an account, with the key for writing only where one is needed."""

    def __call__(self, account: Account, *, write: bool = False) -> Counted:
        """A connection of its own."""


@dataclass(frozen=True, slots=True)
class Workplace:
    """What jobs work with: the configuration, the ways to CRMs and to the processes.

    `processes` reads the files anew, so that an edit counts from the next night on; `stopping` says
    whether somebody asked the work to end.
    """

    config: Config
    connect: Connect
    processes: Callable[[], tuple[Process, ...]]
    stopping: Callable[[], bool] = lambda: False
    now: Callable[[], datetime] = lambda: datetime.now(UTC)

    @property
    def database(self) -> Path:
        """The file of the database."""
        return self.config.database


class Shift:
    """One account's part of a run; connects to the CRM when a step first needs it."""

    def __init__(self, job: Job, account: Account, db: Database, place: Workplace):
        self.account = account
        self._job = job
        self._db = db
        self._place = place
        self._connections: list[Counted] = []

    @property
    def requests(self) -> int:
        """How many requests the steps sent so far."""
        return sum(connection.requests for connection in self._connections)

    def do(self, step: Step) -> str:
        """Do one step and say what came of it; raises `Stopped` where that is asked for."""
        match step:
            case Step.PULL:
                return self._pull()
            case Step.DRIFT:
                return self._drift()
            case Step.PLAN:
                return self._plan()
            case Step.REPORT:
                return self._report()
            case Step.APPLY:
                return self._apply()

    def heed_stop(self, *_: object) -> None:
        """Raise `Stopped` where somebody asked the work to end."""
        if self._place.stopping():
            raise Stopped

    @cached_property
    def _crm(self) -> Counted:
        return self._connect(write=False)

    def _connect(self, *, write: bool) -> Counted:
        connection = self._place.connect(self.account, write=write)
        self._connections.append(connection)
        return connection

    def _pull(self) -> str:
        with lock(self._place.database, self.account.name):
            done = pull(self.account, self._crm, self._db, landed=self.heed_stop)
            orders = self._review_orders()
        new = done.promoted
        aside = f", {new.quarantined} set aside" if new.quarantined else ""
        more = "".join(f"; {each}" for each in (*done.faults, *done.doubts, *orders))
        return f"{new.deals_new} new deals, {new.deals_changed} changed{aside}{more}"

    def _review_orders(self) -> tuple[str, ...]:
        """What came of the work orders, where there are any."""
        try:
            line = review_pull(self.account, self._place.processes(), self._db).line
        except FileFaults:
            return ("work orders were not looked at, for a process file has faults",)
        return (line,) if line else ()

    def _drift(self) -> str:
        reading = read_live(self.account, self._crm)
        found = find_drift(reading, self._place.processes(), self._db, record=True)
        file = self._write("drift.md", drift_answer(found))
        return _with_fights(
            f"{len(found.sifted.open)} drifts: {file}", found.fights, self._zone, found.origins
        )

    def _plan(self) -> str:
        reading = read_live(self.account, self._crm)
        made = plan_correction(reading, self._place.processes(), self._db)
        tell(made.work, reading, self._db)
        file = self._folder / "plan.json"
        save_plan(made, file, self._place.now())
        self._write("plan.md", plan_answer(within(made, self._place.config.privacy), str(file)))
        plan = made.plan
        return (
            f"{len(plan.changes)} changes, {len(plan.held)} held, {len(plan.refusals)} refused:"
            f" {file}"
        )

    def _report(self) -> str:
        processes, fault = self._sound_processes()
        laid = frame(self._place.config, processes, self._db, Asked((self.account,)))
        times = read_time_in_stage(laid, self._db, TimeQuestion())
        document = time_in_stage_document(read_head(laid, self._db), times)
        return f"{self._write('time-in-stage.md', document)}{fault}"

    def _sound_processes(self) -> tuple[tuple[Process, ...], str]:
        """The processes, or none and a word on it: a report goes by the CRM's own stages then."""
        try:
            return self._place.processes(), ""
        except FileFaults:
            return (), " by the CRM's stages, for a process file has faults"

    def _apply(self) -> str:
        with lock(self._place.database, self.account.name):
            done = apply_unattended(
                self.account,
                self._connect(write=True),
                self._db,
                self._place.processes(),
                self._job.auto,
                ended=self.heed_stop,
            )
        made = "nothing to correct" if done.application is None else _ended(done.application)
        told = _with_fights(made, done.fights, self._zone)
        if done.application and not done.application.complete:
            raise ConnectorError(told)
        return told

    @property
    def _folder(self) -> Path:
        return self._job.folder / self.account.name

    @property
    def _zone(self) -> str:
        return str(self._job.zone)

    def _write(self, name: str, document: Document) -> Path:
        file = self._folder / name
        replace(file, to_markdown(document))
        return file


def _ended(application: Application) -> str:
    """How many changes an application made, and why it did not make the others."""
    made = sum(each.state is State.DONE for each in application.applied)
    failed = [each for each in application.applied if each.state in (State.FAILED, State.UNKNOWN)]
    whys = "; ".join(f"{each.change.stage}: {each.note}" for each in failed)
    rest = f", {len(failed)} not: {whys}" if failed else ""
    broken = f", broken off: {application.fault}" if application.fault else ""
    return f"run {application.run}: {made} corrected{rest}{broken}"


def _with_fights(
    told: str, fights: tuple[Fight, ...], zone: str, origins: Origins = _NO_ORIGINS
) -> str:
    return " ".join((told, *_fought(fights, zone, origins)))


def _fought(fights: tuple[Fight, ...], zone: str, origins: Origins) -> Iterator[str]:
    if fights:
        yield f"({len(fights)} turned back by somebody)"
    for fight in fights:
        yield shown(fight_words(fight, zone, origins))
