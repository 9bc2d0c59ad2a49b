"""Opening the database: create it, migrate it, refuse what is not ours, and write to it safely."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from filelock import FileLock, Timeout
from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from connector.errors import NewerDatabase, StoreError
from connector.store.schema import migrations

BUSY_SECONDS = 30


def open_database(path: Path) -> Database:
    """The database at a path, created or migrated to this version where it must be.

    A copy of an existing file is kept beside it before it is migrated. When several processes open
    it at once, one migrates and the others wait.
    """
    db: Database | None = None
    try:
        _make_private(path)
        db = Database(sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None))
        _configure(db)
        with FileLock(f"{path}.opening.lock", timeout=BUSY_SECONDS):
            bring_up_to_date(db, path, migrations)
    except BaseException as error:
        if db is not None:
            db.close()
        if isinstance(error, sqlite3.Error | OSError):
            raise StoreError(f"{path}: cannot be used as a database: {error}") from error
        raise
    return db


def bring_up_to_date(db: Database, path: Path, versions: Migrations) -> None:
    """Make a database what the newest of `versions` says; nothing happens where it is already.

    Raises `NewerDatabase` where it was made by a version unknown here.
    """
    _refuse_strange(db, path, versions)
    pending = versions.pending(db)
    if not pending:
        return
    if db.table_names():
        _back_up(db, path.with_name(f"{path.name}.before-{pending[-1].name}.bak"))
    db.execute("PRAGMA journal_mode = WAL")
    with writing(db):
        versions.apply(db)


def close(db: Database) -> None:
    """End the connection."""
    db.close()


@contextmanager
def writing(db: Database) -> Iterator[None]:
    """One transaction that takes the write lock at once, so that it can never fail half way for it.

    Every write of connector goes through here; all of it is committed, or nothing.
    """
    try:
        db.execute("BEGIN IMMEDIATE")
        yield
        db.commit()
    except sqlite3.Error as error:
        db.rollback()
        raise StoreError(f"{_file_of(db)}: nothing was written: {error}") from error
    except BaseException:
        db.rollback()
        raise


def may_pass(error: StoreError) -> bool:
    """Whether it is trouble that ends by itself or by hand, such as a lock or a full disk."""
    return isinstance(error.__cause__, sqlite3.OperationalError | Timeout)


def _file_of(db: Database) -> str:
    return str(
        db.execute("SELECT file FROM pragma_database_list WHERE name = 'main'").fetchone()[0]
    )


def _make_private(path: Path) -> None:
    """Make a file that is not there yet for its owner alone.

    SQLite gives its -wal and -shm files the rights of the database; Windows keeps rights elsewhere.
    """
    if not path.exists():
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))


def _configure(db: Database) -> None:
    db.execute("PRAGMA foreign_keys = ON")
    # A journal entry must be on the disk before its request leaves; every commit is cheap beside
    # the request of the CRM it belongs to.
    db.execute("PRAGMA synchronous = FULL")


def _back_up(db: Database, copy: Path) -> None:
    _make_private(copy)
    with closing(sqlite3.connect(copy)) as target:
        db.conn.backup(target)


def _refuse_strange(db: Database, path: Path, versions: Migrations) -> None:
    applied = [migration.name for migration in versions.applied(db)]
    if not applied and db.table_names():
        raise StoreError(f"{path}: is a database of something else; choose another file")
    known = _known(versions)
    if newer := [version for version in applied if version not in known]:
        raise NewerDatabase(f"{path}: was written by connector {newer[-1]}; install that or later")


def _known(versions: Migrations) -> set[str]:
    """Every version there is a migration to: in an empty database all of them are pending."""
    with closing(Database(memory=True)) as empty:
        return {migration.name for migration in versions.pending(empty)}
