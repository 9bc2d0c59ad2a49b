"""Kills pulls with SIGKILL at seeded points and moments, and looks at what they leave behind.

    python -m tests.faults.killing CONFIG BASE KILLS SEED

Every pull is a forked child. BASE is a database of an earlier pull: every second one goes on from
it, the others begin with nothing. After each kill the database must be sound and say what it said
before or what it says at the end; then a pull of this process completes it. Prints what did not.
"""

import json
import os
import random
import shutil
import signal
import sys
import time
from pathlib import Path
from typing import Any, NamedTuple

from connector.jobs.pull import pull
from connector.store import close, open_database
from tests.faults.account import Account
from tests.faults.worlds import connected


class Points:
    """Counts SQL statements, and kills the process at the chosen one."""

    def __init__(self, fatal: int) -> None:
        self.passed = 0
        self._fatal = fatal

    def __call__(self, _: object) -> None:
        self.passed += 1
        if self.passed == self._fatal:
            os.kill(os.getpid(), signal.SIGKILL)


def pulled(account: Account, point: Points) -> None:
    """One pull to its end, every SQL statement a point."""
    configured, db = account.configured, open_database(account.database)
    db.conn.set_trace_callback(point)
    pull(configured, connected(configured, configured.base_url), db)
    db.conn.set_trace_callback(None)
    close(db)


def reset(account: Account, base: Path | None) -> None:
    """The database as the base has it, or none."""
    for left in account.folder.glob("connector.db*"):
        left.unlink()
    if base:
        shutil.copy(base, account.database)


class Calm(NamedTuple):
    """A pull that nobody kills: where it starts, what it changes, its statements and its time."""

    start: Path | None
    before: Any
    after: Any
    points: int
    seconds: float


def calm(account: Account, start: Path | None) -> Calm:
    """Such a pull from a base, or from nothing."""
    reset(account, start)
    before, point, began = account.content(), Points(0), time.monotonic()
    pulled(account, point)
    return Calm(start, before, account.content(), point.passed, time.monotonic() - began)


def killed(account: Account, chance: random.Random, calm: Calm) -> bool:
    """Whether a pull in a child was killed before its end, at a statement or at a moment."""
    at_statement = chance.random() < 0.5
    fatal = chance.randint(1, calm.points) if at_statement else 0
    child = os.fork()
    if child == 0:
        pulled(account, Points(fatal))
        os._exit(0)
    if not at_statement:
        time.sleep(chance.uniform(0, calm.seconds))
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)


def main(config: str, base: str, kills: int, seed: int) -> None:
    account = Account(Path(config).parent, None)  # its CRM is served by who started this
    chance = random.Random(seed)
    told: dict[str, Any] = {"kills": 0, "unsound": [], "half": [], "incomplete": []}
    calms = [calm(account, start) for start in (None, Path(base))]
    number = 0
    while told["kills"] < kills:
        number += 1
        like = calms[number % 2]
        reset(account, like.start)
        told["kills"] += killed(account, chance, like)
        if account.database.exists() and not account.sound():
            told["unsound"].append(number)
        if account.content() not in (like.before, like.after):
            told["half"].append(number)
        pulled(account, Points(0))
        if account.content() != like.after or not account.sound():
            told["incomplete"].append(number)
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
