"""One process at a time works on an account."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

from filelock import FileLock, Timeout

from connector.errors import Locked, StoreError

SCHEDULER = "the scheduler"


def of_job(name: str) -> str:
    """What the lock of a job is held by."""
    return f"job {name}"


@contextmanager
def lock(path: Path, account: str) -> Iterator[None]:
    """Hold an account or a job of the database at `path`; raises `Locked` when another run has it.

    Raises `StoreError` where no file can be written beside the database. The lock ends with
    the process that holds it, however that ends.
    """
    base, holder = _files(path, account)
    held = FileLock(f"{base}.lock", timeout=0)
    try:
        held.acquire()
    except Timeout:
        # A folder that lets nobody create files looks like a held lock, but has no lock file.
        if not Path(f"{base}.lock").exists():
            raise _unwritable(path) from None
        raise Locked(
            f"{account}: another run works on it{_described(holder)}; wait until that ends"
        ) from None
    except OSError:
        raise _unwritable(path) from None
    try:
        holder.write_text(f"process {os.getpid()} since {datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC")
        yield
    finally:
        holder.unlink(missing_ok=True)
        held.release()


def held_by(path: Path, account: str) -> str | None:
    """Who holds an account of the database at `path`: its process and since when."""
    base, told = _files(path, account)
    if not told.exists():
        return None
    # Only a killed run leaves this file without its lock, so hardly ever is the lock taken here.
    probe = FileLock(f"{base}.lock", timeout=0)
    try:
        with probe:
            return None
    except Timeout:
        return _described(told).strip(" ()")


def _unwritable(path: Path) -> StoreError:
    return StoreError(
        f"{path}: no file can be written into {path.parent}; correct `database` in the"
        " configuration file, or the permissions of the folder"
    )


def _files(path: Path, account: str) -> tuple[Path, Path]:
    base = path.with_name(f"{path.name}.{quote(account, safe='')}")
    return base, base.with_name(f"{base.name}.holder")


def _described(holder: Path) -> str:
    # The holder writes this file just after it got the lock, and a killed one leaves it behind.
    try:
        return f" ({holder.read_text()})"
    except OSError:
        return ""
