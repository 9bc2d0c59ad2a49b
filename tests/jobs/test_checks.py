"""What doctor makes of values, at the edges of each rule."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from connector.config import Job
from connector.crm.hubspot.scopes import READING, WRITING, Key, Quota
from connector.crm.nutshell.sight import Sight
from connector.jobs import checks
from connector.jobs.due import standing
from connector.jobs.standing import Life
from connector.model import Owner, Remote
from connector.report.findings import Check, Code, Level
from connector.store.runs import Heartbeat, Outcome, Run

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
REMOTE = Remote("hubspot", "7", "A", "STANDARD", "UTC", "NOK", NOW)
JOB = Job("nightly", time(3, 10), ZoneInfo("Europe/Oslo"), (), ())


def verdict(finding):
    return finding.code, finding.level


@pytest.mark.parametrize(
    ("asked", "answered", "expected"),
    [
        (0, 0, (Code.CLOCK_RIGHT, Level.OK)),
        (29, 29, (Code.CLOCK_RIGHT, Level.OK)),
        (30, 31, (Code.CLOCK_AHEAD, Level.WARNING)),
        (301, 301, (Code.CLOCK_AHEAD, Level.PROBLEM)),
        (-31, -30, (Code.CLOCK_BEHIND, Level.WARNING)),
        (-400, -301, (Code.CLOCK_BEHIND, Level.PROBLEM)),
        (-90, 90, (Code.CLOCK_RIGHT, Level.OK)),
    ],
)
def test_clock(asked, answered, expected):
    """Off is only what the wait for an answer cannot explain."""
    here = NOW + timedelta(seconds=asked), NOW + timedelta(seconds=answered)
    assert verdict(checks.clock(*here, NOW)) == expected


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (None, (Code.QUOTA_UNTOLD, Level.OK)),
        (Quota(100, 1000), (Code.QUOTA_LEFT, Level.OK)),
        (Quota(99, 1000), (Code.QUOTA_LOW, Level.WARNING)),
    ],
)
def test_quota(told, expected):
    """Below a tenth the other integrations may use up what is left."""
    assert verdict(checks.quota(told)) == expected


MISSING, UNTRIED = (Code.SCOPES_MISSING, Level.PROBLEM), (Code.SCOPES_UNTRIED, Level.WARNING)


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        (Key(REMOTE, None, True, ()), [(Code.SCOPES_FIT, Level.OK)]),
        (Key(REMOTE, None, True, (), ("x",)), [(Code.SCOPES_SURPLUS, Level.WARNING)]),
        (Key(REMOTE, None, True, READING), [MISSING]),
        (Key(REMOTE, None, False, ()), [(Code.SCOPES_TRIED, Level.OK)]),
        (Key(REMOTE, None, False, READING[1:]), [MISSING]),
        (Key(REMOTE, None, False, (), untried=WRITING[:1]), [UNTRIED]),
        (Key(REMOTE, None, False, WRITING[1:], untried=WRITING[:1]), [MISSING, UNTRIED]),
    ],
)
def test_scopes(key, expected):
    """What is missing, what is too much, and what could not be found out are each told."""
    assert [verdict(each) for each in checks.scopes(Check.SCOPES, key)] == expected


KARI = Owner("1-users", "Kari Berg", "kari@example.com")


@pytest.mark.parametrize(
    ("user", "expected"),
    [
        (KARI, (Code.USER_FOUND, Level.OK)),
        (replace(KARI, archived=True), (Code.USER_DISABLED, Level.WARNING)),
        (None, (Code.USER_UNKNOWN, Level.WARNING)),
    ],
)
def test_user(user, expected):
    """Whose leaving ends a key should be known, and be nobody who has left."""
    assert verdict(checks.user("kari@example.com", Sight(REMOTE, user))) == expected


@pytest.mark.parametrize(
    ("restricted", "closed", "expected"),
    [
        (False, (), [(Code.SIGHT_WHOLE, Level.OK)]),
        (True, (), [(Code.SIGHT_RESTRICTED, Level.WARNING)]),
        (False, ("Sales",), [(Code.SIGHT_PIPELINES, Level.WARNING)]),
        (
            True,
            ("Sales",),
            [(Code.SIGHT_RESTRICTED, Level.WARNING), (Code.SIGHT_PIPELINES, Level.WARNING)],
        ),
    ],
)
def test_sight(restricted, closed, expected):
    """Each thing that tells of leads out of sight is a warning of its own."""
    found = checks.sight("kari@example.com", Sight(REMOTE, KARI, restricted, closed))
    assert [verdict(each) for each in found] == expected


@pytest.mark.parametrize(
    ("free", "database", "expected"),
    [
        (99_999_999, 0, (Code.DISK_FULL, Level.PROBLEM)),
        (100_000_000, 0, (Code.DISK_LOW, Level.WARNING)),
        (1_000_000_000, 0, (Code.DISK_ROOM, Level.OK)),
        (1_000_000_000, 1_000_000_001, (Code.DISK_LOW, Level.WARNING)),
    ],
)
def test_disk(free, database, expected):
    """A pull may need as much again as the database has, and never less than a little."""
    assert verdict(checks.disk(free, database)) == expected


@pytest.mark.parametrize(
    ("ago", "expected"),
    [
        (None, (Code.PULL_NEVER, Level.WARNING)),
        (timedelta(days=2), (Code.PULL_FRESH, Level.OK)),
        (timedelta(days=2, seconds=1), (Code.PULL_OLD, Level.WARNING)),
    ],
)
def test_last_pull(ago, expected):
    """Two days are one missed night."""
    finished = NOW - ago if ago else None
    assert verdict(checks.last_pull("norge", finished, NOW, "UTC")) == expected


@pytest.mark.parametrize(
    ("life", "expected"),
    [
        (Life(None, None), (Code.SCHEDULER_NONE, Level.OK)),
        (Life("process 1", None), (Code.SCHEDULER_ALIVE, Level.OK)),
        (Life("process 1", Heartbeat(1, NOW, NOW)), (Code.SCHEDULER_ALIVE, Level.OK)),
        (Life(None, Heartbeat(1, NOW, NOW)), (Code.SCHEDULER_SILENT, Level.WARNING)),
    ],
)
def test_scheduler(life, expected):
    """A scheduler that is not used is no trouble; one that died is, however short ago."""
    assert verdict(checks.scheduler(life)) == expected


@pytest.mark.parametrize(
    ("ago", "known", "expected"),
    [
        (1, 9, (Code.JOB_FRESH, Level.OK)),
        (3, 9, (Code.JOB_LATE, Level.WARNING)),
        (None, 1, (Code.JOB_NEVER, Level.OK)),
        (None, 9, (Code.JOB_NEVER, Level.WARNING)),
    ],
)
def test_job(ago, known, expected):
    """A job that has not gone well for two days is late; a new one gets its time."""
    at = NOW - timedelta(days=ago or 0)
    run = Run(1, "nightly", date(2026, 11, 20), at, at, Outcome.DONE, 0, 1.0, "") if ago else None
    stands = standing(JOB, run, run, NOW - timedelta(days=known), NOW)
    assert verdict(checks.job(stands)) == expected


def test_time_zones():
    """Each zone nobody here knows is told; names that lead out of the data are unknown too."""
    zones = ("Europe/Oslo", "Mars/Olympus", "../etc/passwd", "")
    assert [verdict(each) for each in checks.time_zones(zones)] == [
        (Code.ZONE_UNKNOWN, Level.PROBLEM)
    ] * 3
    assert [each.code for each in checks.time_zones(("Europe/Oslo",))] == [Code.ZONES_KNOWN]
    assert list(checks.time_zones(())) == []
