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
    """Hold an account of the database at `path`; raises `Locked` when another run has it.

    The lock ends with the process that holds it, however that ends.
    """
    base = path.with_name(f"{path.name}.{quote(account, safe='')}")
    holder = base.with_name(f"{base.name}.holder")
    held = FileLock(f"{base}.lock", timeout=0)
    try:
        held.acquire()
    except Timeout:
        raise Locked(
            f"{account}: another run works on this account{_described(holder)}; wait until it ends"
        ) from None
    try:
        holder.write_text(f"process {os.getpid()} since {datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC")
        yield
    finally:
        holder.unlink(missing_ok=True)
        held.release()


def _described(holder: Path) -> str:
    # The holder writes this file just after it got the lock, and a killed one leaves it behind.
    try:
        return f" ({holder.read_text()})"
    except OSError:
        return ""
