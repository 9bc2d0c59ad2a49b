"""Nights of one account, on the virtual clock of its sandbox."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from threading import Event
from typing import Any
from zoneinfo import ZoneInfo

import urllib3
from sqlite_utils import Database

from connector.config import Account, Job, Step
from connector.crm.hubspot.adapter import HubSpot
from connector.crm.hubspot.exchanges import PoolExchanges
from connector.crm.pace import Pace
from connector.crm.transport import Bounds, Transport
from connector.jobs.shift import Connect, Workplace
from connector.model import Capability, Process
from connector.schedule import Scheduler, Told
from connector.store import close, open_database

OSLO = ZoneInfo("Europe/Oslo")


@dataclass
class Nights:
    """A scheduler without its clock: `pass_to` moves the time on and looks once a quarter."""

    small: Any
    jobs: tuple[Job, ...]
    accounts: dict[str, Account] = field(default_factory=dict)
    connect: Connect | None = None
    stop: Event = field(default_factory=Event)
    told: list[str] = field(default_factory=list)
    before_processes: Callable[[], object] = lambda: None
    pages: int | None = None  # the most pages the database may have: a full disk

    def __post_init__(self) -> None:
        self.accounts = self.accounts or {"small": self.small.account}
        self.start()

    def start(self) -> None:
        """A scheduler as after a restart: it knows what is in the database and nothing else."""
        self.scheduler = Scheduler(
            self.jobs,
            self.accounts,
            Workplace(
                self.small.config,
                lambda account, write=False: self._connect(account, write),
                self.read_processes,
                self.stop.is_set,
                self.small.clock.now,
            ),
            self.database,
            Told(lambda ending: self.told.append(ending.outcome), self.told.append),
        )
        self.scheduler.look()

    @contextmanager
    def database(self) -> Iterator[Database]:
        db = open_database(self.small.database)
        if self.pages is not None:
            db.execute(f"PRAGMA max_page_count = {self.pages}")
        try:
            yield db
        finally:
            close(db)

    def pass_to(self, *moment: int) -> None:
        """Let the time pass to a moment in Oslo, with a look every quarter of an hour."""
        end = datetime(*moment, tzinfo=OSLO)  # type: ignore[misc, arg-type]
        while self.small.clock.now() < end:
            step = min(timedelta(minutes=15), end - self.small.clock.now())
            self.small.clock.advance(step)
            self.scheduler.look()

    def read_processes(self) -> tuple[Process, ...]:
        self.before_processes()
        processes: tuple[Process, ...] = self.small.processes
        return processes

    def records(self) -> list[tuple[str, str]]:
        """Date and outcome of every run so far."""
        return [(day, outcome) for day, outcome, _ in self.rows("day, outcome, job FROM job_runs")]

    def reasons(self) -> list[str]:
        return [reason for (reason,) in self.rows("reason FROM job_runs")]

    def steps(self) -> list[tuple[str, str, str]]:
        return self.rows("account, step, outcome FROM job_steps")

    def notes(self, step: str) -> list[str]:
        return [note for (note,) in self.rows(f"note FROM job_steps WHERE step = '{step}'")]

    def rows(self, query: str) -> list[Any]:
        with sqlite3.connect(self.small.database) as db:
            found = db.execute(f"SELECT {query}").fetchall()
        db.close()
        return found

    def _connect(self, account: Account, write: bool) -> Any:
        if self.connect is not None:
            return self.connect(account, write=write)
        return self.small.connect("WRITE" if write else "READ")


def a_job(do: str, *auto: str, name: str = "nightly", at: str = "03:10", **more: Any) -> Job:
    steps = tuple(map(Step, do.split()))
    kinds = frozenset(map(Capability, auto))
    accounts = more.pop("accounts", ("small",))
    return Job(name, time.fromisoformat(at), OSLO, steps, accounts, kinds, **more)


def down(account: Account, *, write: bool = False) -> HubSpot:
    """A CRM nobody answers for, given up after one try."""
    bounds = Bounds(attempts=1)
    return HubSpot(
        Transport(
            "HubSpot",
            PoolExchanges(
                "http://127.0.0.1:1",
                urllib3.PoolManager(),
                {"Authorization": "Bearer pat-nothing"},
                bounds,
            ),
            Pace(1000, 10.0),
            bounds=bounds,
        ),
        {},
    )
