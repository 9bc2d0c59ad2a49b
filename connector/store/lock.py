"""One process at a time works on an account."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

from filelock import FileLock, Timeout

from connector.errors import Locked


@contextmanager
def lock(path: Path, account: str) -> Iterator[None]:
    """Hold an account or a job of the database at `path`; raises `Locked` when another run has it.

    The lock ends with the process that holds it, however that ends.
    """
    base, holder = _files(path, account)
    held = FileLock(f"{base}.lock", timeout=0)
    try:
        held.acquire()
    except Timeout:
        raise Locked(
            f"{account}: another run works on it{_described(holder)}; wait until that ends"
        ) from None
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


def _files(path: Path, account: str) -> tuple[Path, Path]:
    base = path.with_name(f"{path.name}.{quote(account, safe='')}")
    return base, base.with_name(f"{base.name}.holder")


def _described(holder: Path) -> str:
    # The holder writes this file just after it got the lock, and a killed one leaves it behind.
    try:
        return f" ({holder.read_text()})"
    except OSError:
        return ""
