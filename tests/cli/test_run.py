import json
import sqlite3
import time
from contextlib import closing

import pytest

JOBS = """
[[jobs]]
name = "nightly"
at = "03:10"
timezone = "Europe/Oslo"
do = ["pull", "drift", "report"]

[[jobs]]
name = "repairs"
at = "04:10"
do = ["apply"]
auto = ["label", "probability"]
"""


@pytest.fixture
def scheduled(project):
    """The project with two jobs."""
    config = project.folder / "config.toml"
    config.write_text(config.read_text("utf-8") + JOBS, "utf-8")
    return project


def test_a_job_is_run_once_a_date(scheduled):
    """--once runs a job, the second time that date it says so and sends nothing; --again does."""
    first = scheduled.json("run", "nightly", "--once")
    assert (first["outcome"], len(first["steps"])) == ("done", 3)
    sent = len(scheduled.sandbox.requests)
    assert first["requests"] == sent
    assert scheduled.ok("run", "nightly", "--once") == ""
    assert "--again" in scheduled.err
    assert len(scheduled.sandbox.requests) == sent
    assert scheduled.json("run", "nightly", "--once", "--again")["outcome"] == "done"


def test_a_job_that_fails_ends_with_1_and_its_reason(scheduled):
    """A failed run ends with 1 and says why on stderr, without the key."""
    scheduled.portal.keys.clear()
    assert scheduled.run("run", "nightly", "--once") == 1
    assert "nordlys: pull:" in scheduled.err
    assert "pat-sandbox" not in scheduled.out + scheduled.err


def test_a_job_that_never_ran_is_given_its_first_period(scheduled):
    """A new job stands at "never" with 0; when its time is over without a success, with 1."""
    assert [job["health"] for job in scheduled.json("run", "--status")["jobs"]] == ["never"] * 2
    assert "connector run" in scheduled.ok("run", "--status")
    with closing(sqlite3.connect(scheduled.folder / "connector.db")) as db, db:
        db.execute("UPDATE jobs SET since = since - 3 * 86400000")
    assert scheduled.run("--json", "run", "--status") == 1
    assert [job["health"] for job in json.loads(scheduled.out)["jobs"]] == ["never"] * 2


def test_status_is_0_once_every_job_succeeded(scheduled):
    """run --status is 0 once each job has a success, and leaves timers their ways."""
    scheduled.ok("run", "nightly", "--once")
    scheduled.ok("run", "repairs", "--once")
    report = scheduled.json("run", "--status")
    assert [job["health"] for job in report["jobs"]] == ["fresh", "fresh"]
    assert not report["scheduler_alive"]
    assert report["notes"] == []
    assert scheduled.run("run", "--status", "--max-age", "26h") == 0


def test_repairs_are_made_once_and_then_reported(scheduled):
    """A correction made by a job and turned back shows in run and drift, and is not made again."""
    scheduled.ok("pull")
    before = {row["id"]: row["live"] for row in scheduled.json("drift")["drifts"]}
    scheduled.ok("run", "repairs", "--once")
    after = {row["id"] for row in scheduled.json("drift")["drifts"]}
    corrected = sorted(before.keys() - after)
    assert corrected
    writes = len(scheduled.writes())
    undo = scheduled.folder / "undo.json"
    scheduled.ok("plan", "--undo", "1", "-o", str(undo))
    mark = json.loads(undo.read_text("utf-8"))["fingerprint"]
    scheduled.ok("apply", str(undo), "--confirm", mark)
    turned_back = len(scheduled.writes())
    assert turned_back > writes

    again = scheduled.json("run", "repairs", "--once", "--again")
    assert len(scheduled.writes()) == turned_back
    assert f"({len(corrected)} turned back by somebody)" in again["steps"][0]["note"]
    notes = [note["text"] for note in scheduled.json("drift")["notes"]]
    assert len([note for note in notes if "though connector made it" in note]) == len(corrected)
    planned = [note["text"] for note in scheduled.json("plan")["notes"]]
    assert len([note for note in planned if "though connector made it" in note]) == len(corrected)

    time.sleep(1.1)  # within a second nobody knows which came first
    scheduled.ok("pull")
    assert scheduled.run("--json", "run", "--status") in (0, 1)
    stands = json.loads(scheduled.out)
    assert stands["open_fights"] == len(corrected)
    assert sorted(fight["drift"] for fight in stands["fights"]) == corrected


def test_a_job_nobody_knows_is_answered_with_those_there_are(scheduled):
    """A wrong name, a missing one and no jobs at all each say what there is."""
    assert scheduled.run("run", "nihgtly", "--once") == 1
    assert "nightly, repairs" in scheduled.err
    assert scheduled.run("run", "--once") == 2
    assert scheduled.run("run", "nightly") == 2
    assert "--once" in scheduled.err


def test_without_jobs_the_example_is_named(project):
    """A configuration without jobs is told where to see one."""
    assert project.run("run") == 1
    assert "config.example.toml" in project.err


@pytest.mark.parametrize("wrong", ["26", "h", "0h", "1 day", "-1h"])
def test_a_length_of_time_is_a_number_and_a_unit(scheduled, wrong):
    """--max-age says what a length of time looks like."""
    assert scheduled.run("run", "--status", f"--max-age={wrong}") == 2
    assert "26h" in scheduled.err
