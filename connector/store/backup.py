"""Copies of the database that are whole, also while others write to it."""

import os
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

from sqlite_utils import Database

from connector.errors import StoreError


def back_up(db: Database, copy: Path) -> int:
    """Copy the database as it is at one instant, and answer with the number of bytes.

    The copy is proved before it gets its name, and never takes the place of another file. It can
    only be read by whoever made it, as it holds what the database holds.
    """
    _refuse_existing(copy)
    try:
        handle, name = tempfile.mkstemp(".part", f"{copy.name}.", copy.parent)
        os.close(handle)
    except OSError as error:
        raise StoreError(f"{copy}: cannot be written: {error.strerror}") from error
    part = Path(name)
    try:
        _copy(db, part)
        _prove(part)
        _give_name(part, copy)
        return copy.stat().st_size
    except (sqlite3.Error, OSError) as error:
        raise StoreError(f"{copy}: there is no backup: {error}") from error
    finally:
        for left in (part, Path(f"{part}-wal"), Path(f"{part}-shm")):
            left.unlink(missing_ok=True)


def _copy(db: Database, part: Path) -> None:
    # All pages in one step: others may write meanwhile, and what is copied is what was there when
    # it began.
    with closing(sqlite3.connect(part)) as target:
        db.conn.backup(target)


def _prove(part: Path) -> None:
    with closing(sqlite3.connect(part)) as copy:
        found = [row[0] for row in copy.execute("PRAGMA integrity_check(3)")]
        if found != ["ok"]:
            raise StoreError(
                f"the database is damaged, so it was not backed up: {'; '.join(found)}."
                " Keep the backups there are, and see: connector db check"
            )


def _give_name(part: Path, copy: Path) -> None:
    """Rename without ever replacing, which only a link does everywhere but on Windows."""
    try:
        os.link(part, copy)
    except FileExistsError:
        _refuse_existing(copy)
        raise
    except OSError:
        # A file system without links, such as that of many a USB stick.
        _refuse_existing(copy)
        part.rename(copy)


def _refuse_existing(copy: Path) -> None:
    if copy.exists():
        raise StoreError(f"{copy}: is there already; a backup never replaces a file")
