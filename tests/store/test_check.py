import pytest
from sqlite_utils import Database

from connector.model import Merged, Page
from connector.store import close, landing
from connector.store.check import RULES, check

BREAKS = [
    ("visits-touch", "UPDATE visits SET left_at = left_at - 1 WHERE number = 0", "deal 1"),
    ("visits-touch", "UPDATE visits SET entered_at = entered_at + 1 WHERE number = 1", "deal 1"),
    ("visits-touch", "UPDATE visits SET left_at = NULL WHERE number = 0", "deal 1"),
    ("visits-begin", "UPDATE visits SET entered_at = entered_at - 1 WHERE number = 0", "deal 1"),
    ("visits-begin", "DELETE FROM visits", "deal 1"),
    ("visits-begin", "DELETE FROM changes", "deal 1"),
    ("visits-end", "UPDATE visits SET left_at = entered_at WHERE left_at IS NULL", "deal 1"),
    ("visits-end", "UPDATE deals SET gone_at = NULL, gone_how = NULL", "deal 2"),
    ("visits-end", "UPDATE visits SET cut = NOT cut", "deal 1"),
    ("visits-end", "UPDATE visits SET stage = NULL", "deal 1"),
    ("visits-forward", "UPDATE visits SET left_at = entered_at - 1 WHERE number = 0", "deal 1"),
    ("current-values", "UPDATE deals SET stage = NULL", "deal 1"),
    ("current-values", "UPDATE deals SET amount = '6'", "deal 1"),
    ("current-values", "UPDATE deals SET close_date = '2026-01-01'", "deal 1"),
    ("current-values", "UPDATE changes SET value = 'sales'", "deal 1"),
    (
        "versions-overlap",
        "DROP INDEX one_live_version;"
        " INSERT INTO pipeline_versions (pipeline, label, valid_from)"
        " SELECT pipeline, label, valid_from + 1 FROM pipeline_versions",
        "pipeline sales",
    ),
    (
        "versions-forward",
        "UPDATE pipeline_versions SET valid_to = valid_from - 1",
        "pipeline sales",
    ),
    (
        "versions-known",
        "UPDATE pipeline_versions SET not_before = valid_from + 1",
        "pipeline sales",
    ),
    (
        "versions-differ",
        "UPDATE pipeline_versions SET valid_to = valid_from + 1;"
        " INSERT INTO pipeline_versions (pipeline, label, valid_from)"
        " SELECT pipeline, label, valid_to FROM pipeline_versions;"
        " INSERT INTO version_stages SELECT version + 1, position, stage, label, probability,"
        " outcome, slot, writable, weighted, configured, cancelled FROM version_stages",
        "pipeline sales",
    ),
    ("pulls-whole", "UPDATE pulls SET landed = 0", "pull 1"),
    ("pulls-whole", "UPDATE pulls SET state = 'abandoned' WHERE state = 'complete'", "pull 1"),
    ("pulls-whole", "UPDATE pulls SET watermark = NULL", "pull 1"),
    (
        "promoted-whole",
        "UPDATE pulls SET state = 'abandoned' WHERE state = 'complete'",
        "account norge",
    ),
    ("landing-empty", "UPDATE pulls SET state = 'abandoned' WHERE state = 'open'", "pull 2"),
    (
        "sightings-forward",
        "INSERT INTO drift_sightings (account, drift, desired, live, first_seen, last_seen)"
        " VALUES (1, 'norge:sales/order', '1', '2', 5, 4)",
        "drift norge:sales/order",
    ),
    ("foreign-keys", "PRAGMA foreign_keys = OFF; DELETE FROM stages", "deals row 1"),
    (
        "integrity",
        "PRAGMA ignore_check_constraints = ON;"
        " UPDATE version_stages SET outcome = 'maybe'; PRAGMA ignore_check_constraints = OFF",
        "file",
    ),
]


@pytest.fixture
def sound(norge, deal, day):
    read = deal("1", ("met", 1), ("offered", 3), amount="5", owner="7")
    norge.pull(
        read,
        deal("2", ("met", 1), owner="7"),
        deal("3", ("met", 1), archived_at=day(0.5)),
        at=10,
        merged=(Merged("2", "1", day(7)),),
    )
    landing.land(norge.db, norge.begin(11), Page((read,), bookmark="page 2"))
    return norge


def test_a_sound_database_has_no_breach(sound):
    """Deals alive, archived and merged, and a pull under way, break no rule."""
    assert check(sound.db) == ()


@pytest.mark.parametrize(("rule", "damage", "where"), BREAKS)
def test_what_is_broken_is_named(sound, rule, damage, where):
    """Each rule finds the damage done to it, and says where."""
    sound.db.executescript(damage)
    found = [breach.where for breach in check(sound.db) if breach.rule == rule]
    assert where in found


def test_every_rule_is_broken_here():
    """No rule goes untested."""
    assert {rule for rule, *_ in BREAKS} == set(RULES)


def test_a_damaged_file_is_a_breach_not_a_crash(sound, path):
    """Pages overwritten on the disk are told like any other breach."""
    sound.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with path.open("r+b") as file:
        file.seek(8 * 4096)
        file.write(b"x" * 4096 * 20)
    db = Database(path)
    assert "file" in {breach.where for breach in check(db)}
    close(db)
