import multiprocessing
import os
import sqlite3
from contextlib import closing
from multiprocessing.synchronize import Barrier
from pathlib import Path

import pytest
from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from connector.errors import NewerDatabase, StoreError
from connector.store import close, open_database
from connector.store.database import bring_up_to_date, writing


def test_a_new_database_is_created_ready(db):
    """Opening a path without a file makes one with durable commits and checked references."""
    assert {"deals", "changes", "visits", "journal"} <= set(db.table_names())
    pragmas = {
        name: db.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("journal_mode", "foreign_keys", "synchronous", "busy_timeout")
    }
    assert pragmas == {
        "journal_mode": "wal",
        "foreign_keys": 1,
        "synchronous": 2,
        "busy_timeout": 30_000,
    }


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps rights elsewhere")
def test_a_new_database_is_for_its_owner_alone(path):
    """Whatever the umask grants, nobody else can read the database or what lies beside it."""
    before = os.umask(0)
    try:
        db = open_database(path)
        with writing(db):
            db.execute("CREATE TABLE something (x)")
    finally:
        os.umask(before)
    kept = [each for each in path.parent.iterdir() if each.suffix != ".lock"]
    assert {each.name for each in kept} >= {path.name, f"{path.name}-wal"}
    assert [each.name for each in kept if each.stat().st_mode & 0o077] == []
    close(db)


def test_opening_again_changes_nothing(path):
    """A database that is up to date is neither migrated nor copied."""
    for _ in range(2):
        close(open_database(path))
    assert not list(path.parent.glob("*.bak"))


def _open_together(paths: list[Path], start: Barrier) -> None:
    for path in paths:
        start.wait()
        close(open_database(path))


def test_many_processes_may_open_at_once(tmp_path):
    """Of processes that open a new database at the same time, one makes it and none fails."""
    context = multiprocessing.get_context("spawn")
    paths = [tmp_path / f"{number}.db" for number in range(20)]
    start = context.Barrier(3, timeout=60)
    processes = [context.Process(target=_open_together, args=(paths, start)) for _ in range(3)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0, 0, 0]
    for path in paths:
        with closing(sqlite3.connect(path)) as connection:
            assert connection.execute("SELECT name FROM _sqlite_migrations").fetchall() == [
                ("0.1.0",)
            ]


def test_a_copy_is_kept_before_a_migration(db, path):
    """An existing file is copied beside itself, whole, before a later version changes it."""
    later = Migrations("connector")
    later(name="0.1.0")(lambda db: None)
    later(name="7.0.0")(lambda db: db.execute("DROP TABLE visits"))
    bring_up_to_date(db, path, later)
    copy = Database(path.with_name("connector.db.before-7.0.0.bak"))
    assert ("visits" in copy.table_names(), "visits" in db.table_names()) == (True, False)
    close(copy)


def test_a_failing_migration_leaves_the_database_as_it_was(db, path):
    """A migration that breaks half way takes back what it did."""

    def broken(db: Database) -> None:
        db.execute("DROP TABLE visits")
        db.execute("DROP TABLE no_such_table")

    later = Migrations("connector")
    later(name="0.1.0")(lambda db: None)
    later(name="7.0.0")(broken)
    with pytest.raises(StoreError, match="no_such_table"):
        bring_up_to_date(db, path, later)
    assert "visits" in db.table_names()


def test_a_database_of_a_later_version_is_refused(db, path):
    """What a later connector wrote is not touched, and the message names that version."""
    later = Migrations("connector")
    later(name="0.1.0")(lambda db: None)
    later(name="7.0.0")(lambda db: None)
    bring_up_to_date(db, path, later)
    with pytest.raises(NewerDatabase, match=r"connector\.db: was written by connector 7\.0\.0"):
        open_database(path)


@pytest.mark.parametrize("content", [b"name,amount\n" * 100, b"SQLite format 3\0" + b"x" * 5000])
def test_what_is_no_database_is_refused(path, content):
    """A file that is no database is named and left as it is."""
    path.write_bytes(content)
    with pytest.raises(StoreError, match=r"connector\.db: cannot be used as a database"):
        open_database(path)
    assert path.read_bytes() == content


def test_a_database_of_something_else_is_refused(path):
    """A database of another program gets none of our tables."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE songs (title)")
    with pytest.raises(StoreError, match="database of something else"):
        open_database(path)


def test_a_path_that_cannot_be_a_file_is_refused(tmp_path):
    """A folder, or a file in a folder that is not there, is named in the refusal."""
    for path in (tmp_path, tmp_path / "missing" / "connector.db"):
        with pytest.raises(StoreError, match=str(path)):
            open_database(path)


def test_a_write_is_whole_or_nothing(db, path):
    """What was written before a fault is taken back, and the fault names the file."""
    account = "INSERT INTO accounts VALUES (1, 'norge', 'hubspot', '1', 'Nordlys', '', '', '')"
    with pytest.raises(StoreError, match=r"connector\.db: nothing was written"), writing(db):
        db.execute(f"{account}, (1, 'again', 'hubspot', '1', 'Nordlys', '', '', '')")
    with pytest.raises(KeyboardInterrupt), writing(db):
        _interrupted(db, account)
    assert db.table("accounts").count == 0


def _interrupted(db: Database, statement: str) -> None:
    db.execute(statement)
    raise KeyboardInterrupt
