"""Kill -9 anywhere: what a run leaves behind when it is killed at any of its points."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from connector.jobs.apply import apply
from connector.jobs.planning import plan_correction
from connector.jobs.pull import pull
from connector.jobs.reading import read_live
from connector.reconcile.plan import EVERY_STAGE, Hazard
from connector.reconcile.planfile import dump, load
from connector.store import check, close, open_database
from tests.faults.crashes import killed_pulls
from tests.faults.worlds import InNutshell

KILLED = Path(__file__).with_name("killed.py")
ALL = [(hazard, EVERY_STAGE) for hazard in Hazard]
KEYS = {"READ": "pat-sandbox-read", "WRITE": "pat-sandbox-write"}
# How many of all points a test kills at; `make kills` takes more of them, up to every one.
POINTS = int(os.environ.get("KILL_POINTS", "10"))


def run_until(small, point, *job):
    """Run a job that is killed at a point; returns how many points it passed if it lived."""
    command = [sys.executable, str(KILLED), str(small.folder / "config.toml"), str(point), *job]
    done = subprocess.run(
        command, env={**os.environ, **KEYS}, capture_output=True, text=True, check=False
    )
    assert done.returncode in (0, -signal.SIGKILL), done.stderr
    return int(done.stdout) if done.returncode == 0 else None


def chosen(total, most):
    """So many points, spread evenly over all, the first and the last among them."""
    most = min(most, total)
    return sorted({1 + round(n * (total - 1) / (most - 1)) for n in range(most)})


def content(database):
    """Everything the database says of deals, in an order of its own."""
    with sqlite3.connect(database) as db:
        rows = [
            db.execute(f"SELECT * FROM {view} ORDER BY 1, 2, 3, 4, 5").fetchall()
            for view in ("deals_all", "stage_visits", "deal_changes")
        ]
    db.close()
    return rows


def breaches(database):
    db = open_database(database)
    found = check.check(db)
    close(db)
    return found


def pulled(small):
    """Pull to the end, as the next run would."""
    db = open_database(small.database)
    pull(small.account, small.connect("READ"), db)
    close(db)


def test_a_pull_killed_anywhere_shows_no_half_state_and_the_next_one_completes(make_small):
    """After a kill at any point the old state stands whole; the next pull ends as a calm one."""
    calm = make_small("calm", deals=120)
    total = run_until(calm, 0, "pull")
    expected = content(calm.database)
    for point in chosen(total, POINTS):
        calm.database.unlink()
        for left in calm.folder.glob("connector.db-*"):
            left.unlink()
        assert run_until(calm, point, "pull") is None
        assert breaches(calm.database) == ()
        assert content(calm.database) in ([[], [], []], expected)
        pulled(calm)
        assert content(calm.database) == expected
        assert breaches(calm.database) == ()


def test_a_pull_of_nutshell_killed_anywhere_is_completed_by_the_next_one(tmp_path):
    """Though its events are read apart from its leads, a pull that goes on joins the same."""
    done = killed_pulls(tmp_path, InNutshell, POINTS, seed=7)
    assert done.returncode == 0, done.stderr
    nothing_wrong = {"unsound": [], "half": [], "incomplete": []}
    assert json.loads(done.stdout) == {"kills": POINTS, **nothing_wrong}


def prepared(small):
    """The account pulled and planned, with every hazard allowed; returns the plan's file."""
    pulled(small)
    db = open_database(small.database)
    reading = read_live(small.account, small.connect("READ"))
    made = plan_correction(reading, small.processes, db, ALL)
    close(db)
    file = small.folder / "plan.json"
    file.write_text(dump(made.plan, made.impact, datetime.now(UTC)), "utf-8")
    return file


def drift_left(small):
    return read_live(small.account, small.connect("READ")).drift(small.processes)


def test_an_apply_killed_anywhere_is_finished_by_the_same_plan_or_a_new_one(make_small):
    """Killed at any point, the same plan again or a new one ends as desired, no stage twice."""
    calm = make_small("calm")
    total = run_until(calm, 0, "apply", str(prepared(calm)))
    assert drift_left(calm) == ()
    for number, point in enumerate(chosen(total, POINTS)):
        small = make_small(f"killed-at-{point}")
        plan = prepared(small)
        assert run_until(small, point, "apply", str(plan)) is None
        finish(small, plan if number % 2 else prepared(small))
        assert drift_left(small) == ()
        assert len(small.portal.pipelines["sales"].stages) == 6
        assert breaches(small.database) == ()


def finish(small, plan):
    db = open_database(small.database)
    text = plan.read_text("utf-8")
    assert apply(small.account, small.connect(), db, load(text), text).complete
    close(db)
