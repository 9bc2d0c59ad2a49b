"""Opening the database: create it, migrate it, refuse what is not ours, and write to it safely."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from filelock import FileLock
from sqlite_utils import Database

from connector.errors import NewerDatabase, StoreError
from connector.store.schema import migrations

BUSY_SECONDS = 30


def open_database(path: Path) -> Database:
    """The database at a path, created or migrated to this version where it must be.

    A copy of an existing file is kept beside it before each migration. A file lock makes one
    process of several migrate, while the others wait.
    """
    try:
        db = _connect(path)
    except (sqlite3.Error, OSError) as error:
        raise StoreError(f"{path}: cannot be opened as a database: {error}") from error
    try:
        with FileLock(f"{path}.opening.lock"):
            _bring_up_to_date(db, path)
    except (sqlite3.Error, OSError) as error:
        db.close()
        raise StoreError(f"{path}: cannot be used as a database: {error}") from error
    except StoreError:
        db.close()
        raise
    return db


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


def _file_of(db: Database) -> str:
    return str(
        db.execute("SELECT file FROM pragma_database_list WHERE name = 'main'").fetchone()[0]
    )


def _connect(path: Path) -> Database:
    db = Database(sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None))
    db.execute("PRAGMA foreign_keys = ON")
    # A journal entry must be on the disk before its request leaves; every commit is cheap beside
    # the request of the CRM it belongs to.
    db.execute("PRAGMA synchronous = FULL")
    return db


def _bring_up_to_date(db: Database, path: Path) -> None:
    _refuse_strange(db, path)
    pending = migrations.pending(db)
    if not pending:
        return
    if db.table_names():
        _back_up(db, path.with_name(f"{path.name}.before-{pending[0].name}.bak"))
    db.execute("PRAGMA journal_mode = WAL")
    with writing(db):
        migrations.apply(db)


def _refuse_strange(db: Database, path: Path) -> None:
    applied = {migration.name for migration in migrations.applied(db)}
    if not applied and db.table_names():
        raise StoreError(f"{path}: is a database of something else; choose another file")
    known = {migration.name for migration in migrations.applied(db)} - {
        migration.name for migration in migrations.pending(db)
    }
    if newer := applied - known:
        raise NewerDatabase(f"{path}: was written by connector {max(newer)}; install it or a later")


def _back_up(db: Database, copy: Path) -> None:
    with closing(sqlite3.connect(copy)) as target:
        db.conn.backup(target)
