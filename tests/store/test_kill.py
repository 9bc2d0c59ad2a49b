import os
import random
import shutil
import signal
import sys
import time
from contextlib import closing
from datetime import timedelta

import pytest

from connector.model import Field, Merged, Page
from connector.store import landing, open_database, promotion, pulls
from connector.store.check import check

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows cannot fork")

ANSWERS = (
    "SELECT * FROM deals_all ORDER BY deal",
    "SELECT * FROM deal_changes ORDER BY deal, field, at, value",
    "SELECT * FROM stage_visits ORDER BY deal, number",
    "SELECT * FROM pipeline_history ORDER BY pipeline_id, valid_from, position",
    "SELECT * FROM owners_now ORDER BY owner",
    "SELECT deals_new, changes_new FROM pulls_log WHERE state = 'complete'",
)
COUNT = 50
STEP = 5  # instructions of SQLite's virtual machine


@pytest.fixture
def pages(deal, day):
    """A night's changes: new deals, moved ones, an archived and a merged one, over four pages."""
    new = [deal(f"n{number}", ("met", 101)) for number in range(COUNT // 2)]
    moved = [deal(f"{number}", ("met", 1), ("offered", 101)) for number in range(COUNT // 2)]
    gone = deal("40", ("met", 1), archived_at=day(101))
    return (
        Page(tuple(new[:15]), bookmark="2"),
        Page(tuple(new[15:]), bookmark="3"),
        Page(tuple(moved), bookmark="4"),
        Page((gone,), (Merged("41", "42", day(101)),)),
    )


@pytest.fixture
def night(norge, sales, deal, day, path, pages):
    """A pulled database at rest, and what a run does to a copy of it."""
    norge.pull(*(deal(str(number), ("met", 1)) for number in range(COUNT)), at=100)
    norge.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def run(db, at) -> None:
        pull = pulls.begin(db, norge.id, at, Field.ALWAYS)
        start = 0 if pull.bookmark is None else int(pull.bookmark) - 1
        for page in pages[start:]:
            landing.land(db, pull, page)
        landing.finish(db, pull)
        promotion.promote(db, pull, (sales,), (), at)

    return run


def answers(db) -> list:
    return [db.execute(query).fetchall() for query in ANSWERS]


def killed_run(night, path, at, doom) -> bool:
    """Run in a process of its own, which `doom` prepares to die; whether it did."""
    process = os.fork()
    if not process:
        db = open_database(path)
        doom(db)
        night(db, at)
        os._exit(0)
    return os.WIFSIGNALED(os.waitpid(process, 0)[1])


def after_steps(steps: int):
    """Die in the midst of the statement that is at work after so many steps."""

    def doom(db) -> None:
        left = iter(range(steps))
        db.conn.set_progress_handler(
            lambda: next(left, None) is None and os.kill(os.getpid(), signal.SIGKILL), STEP
        )

    return doom


def after_seconds(seconds: float):
    """Die at an instant, which may lie within a commit."""

    def doom(db) -> None:
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_REAL, seconds)

    return doom


def measured(night, path, at) -> tuple[int, float]:
    """How many steps and seconds an undisturbed run takes."""
    steps: list[None] = []
    with closing(open_database(path)) as db:
        db.conn.set_progress_handler(lambda: steps.append(None), STEP)
        began = time.monotonic()
        night(db, at)
        return len(steps), time.monotonic() - began


def test_a_pull_killed_anywhere_shows_no_half_state(night, path, tmp_path, day):
    """Killed in 80 places, a pull is there whole or not at all, and the next one completes it.

    60 deaths come after evenly spread steps of SQLite, 20 after spans of time, which may be too
    long.
    """
    kept = shutil.copy(path, tmp_path / "kept.db")
    with closing(open_database(path)) as db:
        before = answers(db)
    steps, seconds = measured(night, path, day(102))
    with closing(open_database(path)) as db:
        undisturbed = answers(db)
    chance = random.Random(7)
    dooms = [after_steps(steps * number // 60) for number in range(60)]
    dooms += [after_seconds(max(seconds * chance.random(), 0.001)) for _ in range(20)]
    deaths = 0
    for number, doom in enumerate(dooms):
        copy = tmp_path / f"{number}.db"
        shutil.copy(kept, copy)
        deaths += killed_run(night, copy, day(102), doom)
        with closing(open_database(copy)) as db:
            assert check(db) == ()
            seen = answers(db)
            assert seen in (before, undisturbed)
            if seen == before:
                night(db, day(102) + timedelta(minutes=30))
            assert answers(db) == undisturbed
            assert check(db) == ()
    assert deaths >= 60
