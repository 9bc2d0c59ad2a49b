"""Time and connections: what keeps a pull waiting, and what breaks off."""

import contextlib
import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from connector.sandbox.named_faults import faults
from tests.faults.account import ROOT, Account, calm_content
from tests.faults.row import Measure, Measured, Row, judged
from tests.faults.worlds import KEYS, World

DEADLINE = 2.0
ON_TIME = "every call ends by its deadline ± 1 s, no thread left"
OUTLIVED = "final database equal to the calm run's, no thread left"


def bounded(account: Account, *, attempts: int = 1, exchange: float = DEADLINE) -> dict[str, Any]:
    """How a pull with short bounds ended."""
    words = [str(account.folder / "config.toml"), str(exchange), str(attempts), "60"]
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults.bounded_pull", *words],
        cwd=ROOT,
        env={**os.environ, **KEYS},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    if done.returncode:
        return {"seconds": 0.0, "error": done.stderr[-300:], "threads": -1}
    ended: dict[str, Any] = json.loads(done.stdout)
    return ended


def _on_time(ended: dict[str, Any], *, struck: bool = True) -> Measured:
    return judged(
        f"{ended['seconds']:.1f} s, {ended['threads']} threads left: {ended['error'][:120]}",
        struck=struck,
        said_no=bool(ended["error"]),
        by_the_deadline=DEADLINE - 1 <= ended["seconds"] <= DEADLINE + 1,
        no_thread_left=ended["threads"] == 0,
    )


def late(effect_name: str) -> Measure:
    """A pull whose CRM keeps it waiting ends with its deadline."""

    def measure(folder: Path, crm: type[World]) -> Measured:
        account = Account.of_company(folder, crm)
        with account.served(faults(effect_name)) as sandbox:
            ended = bounded(account)
        return _on_time(ended, struck=sandbox.strikes[0] > 0)

    return measure


def unconnected(folder: Path, crm: type[World]) -> Measured:
    """A host that takes no connection, and does not refuse one either."""
    account = Account.of_company(folder, crm)
    with _deaf() as url:
        account.point_at(url)
        return _on_time(bounded(account))


@contextmanager
def _deaf() -> Iterator[str]:
    """An address at which connection attempts are not answered: its queue is full."""
    with contextlib.ExitStack() as stack:
        listening = stack.enter_context(socket.socket())
        listening.bind(("127.0.0.1", 0))
        listening.listen(0)
        for _ in range(4):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(listening.getsockname())
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"


def outlived(name: str) -> Measure:
    """What passes by itself costs time and nothing else."""

    def measure(folder: Path, crm: type[World]) -> Measured:
        account = Account.of_company(folder, crm)
        with account.served(faults(name)) as sandbox:
            ended = bounded(account, attempts=8)
        return judged(
            f"{ended['seconds']:.1f} s, {ended['threads']} threads left {ended['error'][:100]}",
            struck=sandbox.strikes[0] > 0,
            completes=ended["error"] == "",
            no_thread_left=ended["threads"] == 0,
            equal=account.content() == calm_content(crm),
        )

    return measure


ROWS = (
    Row("connect timeout", ON_TIME, unconnected),
    Row("stall before the headers", ON_TIME, late("stall")),
    Row("stall in the body", ON_TIME, late("stall-body"), quick=True),
    Row("drip, a byte every 20 ms", ON_TIME, late("drip")),
    Row("reset in mid-page, a third of all", OUTLIVED, outlived("reset")),
    Row("refused for three seconds", OUTLIVED, outlived("away")),
    Row("every answer compressed", OUTLIVED, outlived("gzip")),
)
