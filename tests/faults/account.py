"""An account to break: a CRM, a folder as a user has it, and real `connector` commands in it."""

import contextlib
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from connector.config import Account as Configured
from connector.config import load_config
from connector.sandbox import Clock, Fault, Sandbox, VirtualClock
from connector.store import check, close, open_database
from tests.faults.worlds import DEALS, KEYS, NOW, World

LONGEST = 420.0
ROOT = Path(__file__).parents[2]
VIEWS = ("deals_all", "stage_visits", "deal_changes")

CONFIG = """\
version = 1
database = "connector.db"
mappings = "mappings"

[accounts.small]
{account}
base_url = "{url}"
requests_per_10s = 100000
"""


class Ran(NamedTuple):
    """One command that ended: its exit code, what it wrote, its time and its peak memory."""

    code: int
    out: str
    err: str
    seconds: float
    mib: float

    @property
    def last_words(self) -> str:
        """The last line on stderr."""
        return (self.err.strip().splitlines() or [""])[-1][:200]


class Lives(NamedTuple):
    """What a database tells of deals, each row with the deal it is of.

    `guesses` are the changes only known to lie in a span, and where that begins.
    """

    rows: set[Any]
    guesses: dict[Any, str]


def unlike(before: Lives, after: Lives) -> set[str]:
    """The deals of which two databases differ, but for the instant of what was a guess before."""
    told = {
        (guess, row)
        for guess, since in before.guesses.items()
        for row in after.rows - before.rows
        if row[:3] == guess[:3] and since <= row[3] <= guess[3]
    }
    explained = {row for pair in told for row in pair}
    return {row[0] for row in (before.rows ^ after.rows) - explained}


@dataclass
class Account:
    """A folder with configuration and database, and the CRM its account is of."""

    folder: Path
    world: World

    @classmethod
    def of_company(cls, folder: Path, crm: type[World], deals: int = DEALS) -> "Account":
        """An account with the deals of an invented company."""
        return cls(folder, crm.of_company(deals))

    def __post_init__(self) -> None:
        (self.folder / "mappings").mkdir(parents=True, exist_ok=True)

    @property
    def database(self) -> Path:
        return self.folder / "connector.db"

    @property
    def configured(self) -> Configured:
        return load_config(self.folder / "config.toml", {**os.environ, **KEYS}).accounts[0]

    @contextmanager
    def served(
        self,
        faults: Iterable[Fault] = (),
        *,
        seed: int = 0,
        clock: Clock | None = None,
        before: Callable[[int], None] | None = None,
        index_lag: float = 0.0,
    ) -> Iterator[Sandbox]:
        """The CRM on HTTP, with faults, and the configuration pointing there.

        By default its clock stands still, so that two reads of one state tell the same.
        """
        with Sandbox(
            **self.world.served,
            clock=clock or VirtualClock(NOW),
            faults=faults,
            seed=seed,
            before=before,
            index_lag=index_lag,
        ) as sandbox:
            self.point_at(sandbox.url)
            yield sandbox

    def point_at(self, url: str) -> None:
        """Write the configuration."""
        text = CONFIG.format(url=url, account=self.world.account)
        (self.folder / "config.toml").write_text(text, "utf-8")

    def command(self, *words: str, limit: Callable[[], None] | None = None) -> Ran:
        """Run one `connector` command to its end; `limit` is called in its process first."""
        out, err = self.folder / "out.txt", self.folder / "err.txt"
        began = time.monotonic()
        with out.open("wb") as stdout, err.open("wb") as stderr:
            process = self.started(words, stdout=stdout, stderr=stderr, preexec_fn=limit)
            code, peak = ended(process)
        seconds = time.monotonic() - began
        told = (file.read_text("utf-8", errors="replace") for file in (out, err))
        here = str(self.folder)
        texts = [text.replace(f"{here}/", "").replace(here, "its folder") for text in told]
        return Ran(code, *texts, seconds, peak)

    def started(self, words: Sequence[str], **options: Any) -> subprocess.Popen[bytes]:
        """A `connector` command under way."""
        command = [sys.executable, "-m", "connector", "--no-input", *words]
        return subprocess.Popen(command, cwd=self.folder, env={**os.environ, **KEYS}, **options)

    def pull(self, *words: str, limit: Callable[[], None] | None = None) -> Ran:
        """`connector pull`."""
        return self.command("pull", *words, limit=limit)

    def content(self) -> list[list[Any]]:
        """Everything the database says of deals, in an order of its own."""
        if not self.database.exists() or not self.rows("SELECT 1 FROM sqlite_schema LIMIT 1"):
            return [[] for _ in VIEWS]
        return [sorted(self.rows(f"SELECT * FROM {view}"), key=repr) for view in VIEWS]

    def lives(self) -> Lives:
        """Stays, values and ends of all deals.

        A deal's modified date is left out: no search tells that of an archived deal, and nothing
        else follows from it.
        """
        queries = (
            "SELECT deal, name, pipeline, stage, amount, gone_at, gone_how FROM deals_all",
            "SELECT deal, number, stage_id, entered_at, left_at, ended FROM stage_visits",
            "SELECT deal, field, value, at FROM deal_changes",
        )
        changes = self.rows("SELECT deal, field, value, at, not_before FROM deal_changes")
        return Lives(
            {row for query in queries for row in self.rows(query)},
            {row[:4]: row[4] for row in changes if row[4] is not None},
        )

    def rows(self, query: str) -> list[Any]:
        """What a query answers."""
        with closing(sqlite3.connect(self.database)) as db:
            return db.execute(query).fetchall()

    def mentions(self, text: str) -> bool:
        """Whether a text stands in any file of the database."""
        files = self.folder.glob("connector.db*")
        return any(text.encode() in file.read_bytes() for file in files)

    def count(self, query: str) -> int:
        """The number a query answers."""
        return int(self.rows(query)[0][0])

    def sound(self) -> bool:
        """Whether `db check` finds nothing."""
        db = open_database(self.database)
        try:
            return check.check(db) == ()
        finally:
            close(db)

    def present(self) -> set[str]:
        """The deals that the CRM lists as active."""
        return self.world.present()

    def recorded(self) -> set[str]:
        """The deals that the database holds, gone ones too."""
        return {deal for (deal,) in self.rows("SELECT deal FROM deals_all")}

    def known(self) -> set[str]:
        """The deals that the database holds for live."""
        return {deal for (deal,) in self.rows("SELECT deal FROM deals_all WHERE gone_at IS NULL")}


def ended(process: subprocess.Popen[bytes]) -> tuple[int, float]:
    """The exit code of a process and its peak memory in MiB; one that never ends is killed."""
    deadline, peak = time.monotonic() + LONGEST, 0.0
    while process.poll() is None:
        peak = max(peak, _peak_mib(process.pid))
        if time.monotonic() > deadline:
            process.kill()
        time.sleep(0.01)
    return process.returncode, peak


def _peak_mib(pid: int) -> float:
    """The peak memory of a running program; what wait4 tells is that of its parent before it."""
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmHWM"):
                return int(line.split()[1]) / 1024
    return 0.0


@cache
def calm_content(crm: type[World], deals: int = DEALS) -> list[list[Any]]:
    """What the database says of the invented company after a pull without faults."""
    with TemporaryDirectory() as folder:
        account = Account.of_company(Path(folder), crm, deals)
        with account.served():
            ran = account.pull()
        if ran.code:
            raise RuntimeError(f"a calm pull failed: {ran.err}")
        return account.content()
