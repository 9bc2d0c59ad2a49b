"""The scheduler through what nights bring: kills, locks, a full disk, a CRM that is down."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from contextlib import closing, suppress
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from connector import schedule
from connector.errors import Locked, StoreError
from connector.store import lock, open_database, runs
from tests.jobs.nights import Nights, a_job, down

KEYS = {"READ": "pat-sandbox-read", "WRITE": "pat-sandbox-write"}
CONNECTOR = (sys.executable, "-m", "connector")
JOB = """
[[jobs]]
name = "nightly"
at = "03:10"
timezone = "Europe/Oslo"
do = ["pull", "drift"]
"""
DONE_ONCE = ("2026-11-22", "done")


@pytest.fixture
def nights(small, tmp_path):
    return Nights(small, (a_job("pull drift", folder=tmp_path / "reports"),))


def test_every_night_has_one_run(nights):
    """A week of nights, looked at every quarter of an hour, has seven runs, each for its date."""
    nights.pass_to(2026, 11, 28, 12)
    assert nights.records() == [(f"2026-11-{day}", "done") for day in range(22, 29)]


# A zone, a time its clocks leap over or show twice, and the dates in 2027 on which they do.
CHANGES = {
    "America/New_York": ("01:30", (3, 14), (11, 7)),
    "Asia/Kolkata": ("00:00",),
    "Australia/Lord_Howe": ("02:15", (4, 4), (10, 3)),
    "Europe/Helsinki": ("03:30", (3, 28), (10, 31)),
    "Europe/Oslo": ("02:30", (3, 28), (10, 31)),
}


def test_five_zones_have_one_run_a_date_over_their_clock_changes(small):
    """Jobs of five zones, at hours that come twice or never: each date has one record."""
    jobs = tuple(
        replace(a_job("report", name=zone.lower().replace("/", "-"), at=at), zone=ZoneInfo(zone))
        for zone, (at, *_) in CHANGES.items()
    )
    changes = sorted({date(2027, *day) for _, *days in CHANGES.values() for day in days})
    nights = Nights(small, jobs)
    for change in changes:
        start = datetime(2027, change.month, change.day, tzinfo=UTC) - timedelta(days=1)
        small.clock.advance(start - small.clock.now())
        for _ in range(30):
            small.clock.advance(timedelta(hours=2))
            nights.scheduler.look()
    found = Counter(nights.rows("job, day FROM job_runs"))
    assert set(found.values()) == {1}
    assert {(job.name, day.isoformat()) for job in jobs for day in changes} <= found.keys()


def test_a_restart_every_hour_changes_nothing(nights):
    """However often the scheduler is started anew, a date has one run."""
    for hour in range(48):
        nights.pass_to(2026, 11, 21 + hour // 24, hour % 24)
        nights.start()
    assert nights.records() == [DONE_ONCE]


def test_a_crm_down_for_three_nights_leaves_three_reasons_and_then_works_again(nights):
    """Each night that failed says why, none is tried again by day, and the fourth one works."""
    nights.pass_to(2026, 11, 21, 12)
    nights.connect = down
    nights.pass_to(2026, 11, 24, 12)
    nights.connect = None
    nights.pass_to(2026, 11, 25, 12)
    assert [outcome for _, outcome in nights.records()] == ["failed"] * 3 + ["done"]
    assert all("cannot be reached" in reason for reason in nights.reasons()[:3])
    assert nights.reasons()[3] is None


def test_nothing_begins_while_the_database_is_locked_and_it_is_caught_up_after(nights):
    """A run that cannot be recorded does not begin; once it can, it is caught up."""
    nights.pass_to(2026, 11, 22, 3)
    sent = len(nights.small.sandbox.requests)
    with closing(sqlite3.connect(nights.small.database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        nights.scheduler.database = lambda: Impatient(nights.small.database)
        nights.pass_to(2026, 11, 22, 4)
        assert "database is locked" in nights.told[0]
        assert len(nights.small.sandbox.requests) == sent
        other.rollback()
    nights.pass_to(2026, 11, 22, 5)
    assert nights.records() == [DONE_ONCE]


def test_a_run_by_hand_waits_for_a_locked_database(nights):
    """--once says that the database is locked, tries again, and serves the night when it can."""
    nights.pass_to(2026, 11, 22, 2, 40)
    other = sqlite3.connect(nights.small.database, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    nights.scheduler.database = lambda: Impatient(nights.small.database)
    threading.Timer(0.5, other.rollback).start()
    assert nights.scheduler.run_once(nights.jobs[0], again=False).outcome == "done"
    other.close()
    assert "trying again" in nights.told[0]
    assert nights.told[-1] == "done"
    assert nights.records() == [DONE_ONCE]


def test_a_run_by_hand_gives_a_locked_database_up_and_has_done_nothing(nights):
    """After its patience --once says what was wrong; no request was sent."""
    nights.pass_to(2026, 11, 22, 2, 40)
    sent = len(nights.small.sandbox.requests)
    nights.scheduler.database = lambda: Impatient(nights.small.database)
    nights.scheduler.patience = 0.2
    with closing(sqlite3.connect(nights.small.database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match="locked"):
            nights.scheduler.run_once(nights.jobs[0], again=False)
    assert len(nights.small.sandbox.requests) == sent


def test_a_run_by_hand_is_told_also_where_it_cannot_be_recorded(nights):
    """The outcome of --once is out before the database is asked to keep it."""
    small = nights.small
    nights.pass_to(2026, 11, 22, 2, 40)
    nights.scheduler.patience = 0.2
    nights.scheduler.database = lambda: Impatient(small.database)
    job = a_job("plan", folder=nights.jobs[0].folder)
    with closing(sqlite3.connect(small.database, isolation_level=None)) as other:
        nights.before_processes = lambda: other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match="locked"):
            nights.scheduler.run_once(job, again=False)
    assert nights.told[0] == "done"


class Impatient:
    """The database, for who waits a moment where others wait half a minute for a lock."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __enter__(self):
        self.db = open_database(self.path)
        self.db.execute("PRAGMA busy_timeout = 50")
        return self.db

    def __exit__(self, *_: object) -> None:
        self.db.close()


def test_a_full_disk_is_the_reason_and_the_next_night_goes_on(nights):
    """A pull that finds no room fails with that reason; with room again the next one is whole."""
    nights.pass_to(2026, 11, 22, 3)
    nights.pages = nights.rows("page_count FROM pragma_page_count")[0][0] + 1
    nights.pass_to(2026, 11, 22, 4)
    assert nights.records() == [("2026-11-22", "failed")]
    assert "database or disk is full" in nights.reasons()[0]
    assert nights.steps()[1] == ("small", "drift", "skipped")
    nights.pages = None
    nights.pass_to(2026, 11, 23, 4)
    assert nights.records()[1:] == [("2026-11-23", "done")]


def test_an_end_that_cannot_be_recorded_is_recorded_when_it_can(nights):
    """When the database is locked just as a run ends, its end is written down at the next look."""
    small = nights.small
    nights.pass_to(2026, 11, 22, 3)
    other = sqlite3.connect(small.database, isolation_level=None, check_same_thread=False)
    nights.scheduler.database = lambda: Impatient(small.database)
    nights.before_processes = lambda: other.execute("BEGIN IMMEDIATE")
    nights.jobs = nights.scheduler.jobs = (a_job("plan", folder=nights.jobs[0].folder),)
    nights.pass_to(2026, 11, 22, 3, 15)
    assert nights.records() == [("2026-11-22", "running")]
    other.rollback()
    other.close()
    nights.before_processes = lambda: None
    nights.pass_to(2026, 11, 22, 4)
    assert nights.records() == [DONE_ONCE]


def test_a_run_that_is_asked_to_stop_ends_between_pages_and_is_taken_up_again(nights):
    """Stopped in the middle of a pull, the run says so; the next start goes on and ends it."""
    small = nights.small

    class Stopping:
        """The account's CRM, whose first page of deals brings somebody who stops the scheduler."""

        def __init__(self, crm):
            self._crm = crm
            self.can = crm.can

        def __getattr__(self, name):
            return getattr(self._crm, name)

        def deals(self, since, bookmark=None):
            for page in self._crm.deals(since, bookmark):
                nights.stop.set()
                yield page

    nights.connect = lambda account, write=False: Stopping(small.connect("READ"))
    nights.pass_to(2026, 11, 22, 3, 15)
    assert nights.records() == [("2026-11-22", "stopped")]
    assert nights.steps() == [("small", "pull", "stopped")]
    nights.connect = None
    nights.stop.clear()
    nights.start()
    assert nights.records() == [("2026-11-22", "stopped"), DONE_ONCE]


def test_the_scheduler_catches_up_what_was_killed_once(nights):
    """A run that stands open at a start was killed; it is marked so and its date is caught up."""
    nights.pass_to(2026, 11, 22, 3)
    for _ in range(3):
        with nights.database() as db, suppress(StoreError):
            runs.begin(db, "nightly", date(2026, 11, 22), nights.small.clock.now())
        nights.small.clock.advance(timedelta(minutes=20))
        nights.start()
    assert nights.records() == [("2026-11-22", "killed"), DONE_ONCE]


def test_a_run_by_hand_by_day_does_not_take_the_run_of_the_coming_night(nights):
    """Run once and once again in the afternoon, the date that is over counts; the night is kept."""
    nights.pass_to(2026, 11, 21, 23, 30)
    (job,) = nights.jobs
    assert nights.scheduler.run_once(job, again=False).outcome == "done"
    assert nights.scheduler.run_once(job, again=False) is None
    assert nights.scheduler.run_once(job, again=True).outcome == "done"
    nights.pass_to(2026, 11, 22, 12)
    assert [day for day, _ in nights.records()] == ["2026-11-21"] * 2 + ["2026-11-22"]


def test_a_timer_that_fires_a_little_early_serves_the_date_that_is_meant(nights):
    """Called at 02:40 for 03:10, --once runs the date of that night, not the one before."""
    nights.pass_to(2026, 11, 22, 2, 40)
    (job,) = nights.jobs
    assert nights.scheduler.run_once(job, again=False).day == date(2026, 11, 22)


@pytest.fixture
def at_night(small):
    """The folder with a job, as it is at a quarter past three, and its database made."""
    config = small.folder / "config.toml"
    config.write_text(config.read_text("utf-8") + JOB, "utf-8")
    return small


def command(small, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*CONNECTOR, "--config", str(small.folder / "config.toml"), "run", *arguments],
        env={**os.environ, **KEYS},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def outcomes(small) -> list[tuple[str, str | None]]:
    with closing(sqlite3.connect(small.database)) as db:
        return db.execute("SELECT outcome, reason FROM job_runs").fetchall()


def wait_for(what, seconds: float = 90) -> None:
    for _ in range(int(seconds * 50)):
        if what():
            return
        time.sleep(0.02)
    raise AssertionError("it did not come to be")


def slow(small) -> None:
    """Let every answer of the CRM take long enough to be killed or stopped in the middle."""
    small.sandbox._latency = 1.0


def running(small) -> bool:
    return small.database.exists() and [outcome for outcome, _ in outcomes(small)][-1:] == [
        "running"
    ]


def test_a_run_killed_with_9_is_caught_up_once_and_its_record_says_so(at_night):
    """After kill -9 in the middle of a run, the next start marks it killed and runs it again."""
    slow(at_night)
    open_database(at_night.database).close()
    with command(at_night, "nightly", "--once") as process:
        wait_for(lambda: running(at_night))
        assert status(at_night)["jobs"][0]["outcome"] == "running"
        process.send_signal(signal.SIGKILL)
    assert status(at_night)["jobs"][0]["outcome"] == "killed"
    at_night.sandbox._latency = 0
    with command(at_night, "nightly", "--once") as process:
        process.communicate()
        assert process.returncode == 0
    with command(at_night, "nightly", "--once") as process:
        assert "had its run already" in process.communicate()[1]
    found = outcomes(at_night)
    assert [outcome for outcome, _ in found] == ["killed", "done"]
    assert found[0][1].startswith("killed, or the machine went down")


def test_sigterm_ends_a_run_soundly_and_its_record_says_so(at_night):
    """SIGTERM lets a run end at its next sound place; the record says stopped, nothing is lost."""
    slow(at_night)
    open_database(at_night.database).close()
    with command(at_night, "nightly", "--once") as process:
        wait_for(lambda: running(at_night))
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate()
        assert process.returncode == 1
        assert "stopped as asked" in out + err
    assert [outcome for outcome, _ in outcomes(at_night)] == ["stopped"]


def test_two_processes_never_run_one_job(at_night):
    """While one process runs a job, another one is told so, and ends with 7."""
    slow(at_night)
    open_database(at_night.database).close()
    with command(at_night, "nightly", "--once") as first:
        wait_for(lambda: running(at_night))
        with command(at_night, "nightly", "--once") as second:
            err = second.communicate()[1]
            assert second.returncode == 7
            assert f"process {first.pid}" in err
        at_night.sandbox._latency = 0
        first.communicate()
    assert [outcome for outcome, _ in outcomes(at_night)] == ["done"]


def test_the_scheduler_gives_a_sign_of_life_and_ends_at_sigterm(at_night):
    """connector run leaves a heartbeat, runs alone, and ends with 0 at SIGTERM within seconds."""
    with command(at_night) as process:
        wait_for(at_night.database.exists)
        wait_for(lambda: heartbeat(at_night) is not None)
        with command(at_night) as second:
            second.communicate()
            assert second.returncode == 7
        process.send_signal(signal.SIGTERM)
        err = process.communicate(timeout=90)[1]
        assert process.returncode == 0
        assert "stopped" in err
    assert heartbeat(at_night) is None


def test_a_scheduler_is_dead_as_soon_as_it_was_killed(at_night):
    """After kill -9 its sign of life is fresh, and still status does not take it for alive."""
    with command(at_night) as process:
        wait_for(at_night.database.exists)
        wait_for(lambda: heartbeat(at_night) is not None)
        assert status(at_night)["scheduler_alive"]
        process.send_signal(signal.SIGKILL)
    told = status(at_night)
    assert (told["scheduler_alive"], told["sign_of_life"] is None) == (False, False)


def status(small) -> dict:
    with command(small, "--status", "--format", "json") as process:
        return json.loads(process.communicate()[0])


def heartbeat(small) -> runs.Heartbeat | None:
    db = open_database(small.database)
    try:
        return runs.heartbeat(db)
    finally:
        db.close()


def test_a_clock_set_back_does_not_put_the_scheduler_to_sleep():
    """Where APScheduler would wait for a day that is over, it is woken, and looks."""
    looked = threading.Event()
    clock = schedule._clock()
    now = datetime.now(UTC)
    clock.add_job(looked.set, "cron", second=0, id="look", next_run_time=now + timedelta(days=1))
    clock.start()
    try:
        schedule._heed_clock_set_back(clock, now)
        assert looked.wait(60)
    finally:
        clock.shutdown()


def test_a_scheduler_that_finds_another_one_says_whose(nights):
    """Two schedulers of one database are one too many."""
    with lock(nights.small.database, "the scheduler"), pytest.raises(Locked, match="process"):
        nights.scheduler.run(threading.Event())
