"""The wire: time, resets, and bodies that are none."""

import contextlib
import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from connector.sandbox import Fault, Hits
from connector.sandbox.hubspot import lying
from connector.sandbox.hubspot.kinds import HISTORIES
from connector.sandbox.named_faults import faults
from connector.sandbox.wire import Framing
from tests.faults.account import KEYS, Account, calm_content
from tests.faults.row import Measured, Row, judged

DEADLINE = 2.0
ON_TIME = "every call ends by its deadline ± 1 s, no thread left"
REFUSED = "refused with the cause named, nothing of that page promoted, memory ≤ 200 MB"
MEMORY_MIB = 200.0
ROOT = Path(__file__).parents[2]


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


def late(effect_name: str) -> Callable[[Path], Measured]:
    """A pull whose CRM keeps it waiting ends with its deadline."""

    def measure(folder: Path) -> Measured:
        account = Account.of_company(folder)
        with account.served(faults(effect_name)) as sandbox:
            ended = bounded(account)
        return _on_time(ended, struck=sandbox.strikes[0] > 0)

    return measure


def unconnected(folder: Path) -> Measured:
    """A host that takes no connection, and does not refuse one either."""
    account = Account.of_company(folder)
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


def outlived(name: str) -> Callable[[Path], Measured]:
    """What passes by itself costs time and nothing else."""

    def measure(folder: Path) -> Measured:
        account = Account.of_company(folder)
        with account.served(faults(name)) as sandbox:
            ended = bounded(account, attempts=6)
        return judged(
            f"{ended['seconds']:.1f} s, {ended['threads']} threads left {ended['error'][:100]}",
            struck=sandbox.strikes[0] > 0,
            completes=ended["error"] == "",
            no_thread_left=ended["threads"] == 0,
            equal=account.content() == calm_content(),
        )

    return measure


# --- bodies ---------------------------------------------------------------------------------------


def refused(fault: str | Fault, *causes: str) -> Callable[[Path], Measured]:
    """A page that cannot be one ends the pull, the cause in its message; the next one completes."""
    injected = faults(fault) if isinstance(fault, str) else [fault]

    def measure(folder: Path) -> Measured:
        account = Account.of_company(folder)
        with account.served(injected) as sandbox:
            ran = account.pull()
        nothing = not any(account.content())
        with account.served():
            again = account.pull()
        return judged(
            f"exit {ran.code}, {ran.mib:.0f} MiB: {ran.last_words}",
            struck=sandbox.strikes[0] > 0,
            exit_1=ran.code == 1,
            names_the_cause=any(cause in ran.err.lower() for cause in causes),
            nothing_promoted=nothing,
            memory=ran.mib <= MEMORY_MIB,
            next_run_completes=again.code == 0 and account.content() == calm_content(),
        )

    return measure


def cut_off(name: str) -> Callable[[Path], Measured]:
    """A page that stops short is asked for again, or refused; half of it is never taken."""

    def measure(folder: Path) -> Measured:
        account = Account.of_company(folder)
        with account.served(faults(name)) as sandbox:
            ran = account.pull()
        whole_or_nothing = account.content() == calm_content() or not any(account.content())
        with account.served():
            again = account.pull()
        return judged(
            f"exit {ran.code}: {ran.last_words}",
            struck=sandbox.strikes[0] > 0,
            whole_or_nothing=whole_or_nothing,
            next_run_completes=again.code == 0 and account.content() == calm_content(),
        )

    return measure


def set_aside(raw: str) -> Callable[[Path], Measured]:
    """One bad record costs itself: it is quarantined, and the page is kept."""

    def measure(folder: Path) -> Measured:
        account = Account.of_company(folder)
        spoil = Fault(lying.spoiled(raw, place=3), Hits(HISTORIES, first=2, times=1))
        with account.served([spoil]) as sandbox:
            ran = account.pull()
        aside = account.count("SELECT COUNT(DISTINCT record) FROM set_aside")
        missing = len(account.present() - account.known())
        with account.served():
            account.pull("--full")
        return judged(
            f"exit {ran.code}, {aside} set aside, {missing} missing: {ran.last_words}",
            struck=sandbox.strikes[0] == 1,
            completes=ran.code in (0, 5),
            one_quarantined=aside == 1,
            page_kept=missing <= 1,
            mended_by_the_next=account.content() == calm_content(),
        )

    return measure


def cut_everywhere(framing: Framing, step: int) -> Callable[[Path], Measured]:
    """A page truncated at every byte, each time in a pull of its own."""

    def measure(_: Path) -> Measured:
        done = subprocess.run(
            [sys.executable, "-m", "tests.faults.cut_pages", framing, str(step)],
            cwd=ROOT,
            env={**os.environ, **KEYS},
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        if done.returncode:
            return Measured(False, done.stderr[-300:])
        told = json.loads(done.stdout)
        return judged(
            f"{told['cuts']} cuts: {told['refused']} refused, {told['asked_again']} asked again,"
            f" {len(told['taken'])} taken for whole {told['taken'][:5]}",
            none_taken_for_whole=not told["taken"],
        )

    return measure


_NAN = '{"dealname": "A", "dealstage": "met", "amount": NaN}'
_DEEP = Fault(
    lying.spoiled('{"dealname": ' + "[" * 3000 + "]" * 3000 + "}"), Hits(HISTORIES, first=2)
)

ROWS = (
    Row("connect timeout", ON_TIME, unconnected),
    Row("stall before the headers", ON_TIME, late("stall")),
    Row("stall in the body", ON_TIME, late("stall-body"), quick=True),
    Row("drip, a byte every 20 ms", ON_TIME, late("drip")),
    Row("reset in mid-page, a third of all", "the pull outlives it", outlived("reset")),
    Row("refused for three seconds", "the pull outlives it", outlived("away")),
    Row("a page cut short of its length", REFUSED, cut_off("cut")),
    Row("a page cut, Content-Length agrees", REFUSED, cut_off("cut-honest"), quick=True),
    Row("a page cut, no Content-Length", REFUSED, cut_off("cut-closed")),
    Row("cut at every byte, length agrees", REFUSED, cut_everywhere(Framing.HONEST, 1)),
    Row("cut at every 3rd byte, no length", REFUSED, cut_everywhere(Framing.CLOSED, 3)),
    Row("cut at every 3rd byte, length lies", REFUSED, cut_everywhere(Framing.LYING, 3)),
    Row("wrong content type", REFUSED, refused("type", "text/plain")),
    Row("HTML with status 200", REFUSED, refused("html", "html"), quick=True),
    Row("an empty body with status 200", REFUSED, refused("empty", "empty")),
    Row("Latin-1 instead of UTF-8", REFUSED, refused("latin-1", "utf-8")),
    Row("UTF-16 instead of UTF-8", REFUSED, refused("utf-16", "utf-16")),
    Row("100,000 levels of nesting", REFUSED, refused("deep", "nest", "recursion")),
    Row("a gzip bomb of 512 MiB", REFUSED, refused("bomb", "more than")),
    Row("every answer compressed", "equal to the calm run's", outlived("gzip")),
    Row("NaN in one record", "quarantined, the page kept", set_aside(_NAN), quick=True),
    Row("one record's properties are 7", "quarantined, the page kept", set_aside("7")),
    Row("one record nested 3,000 levels", REFUSED, refused(_DEEP, "nest", "recursion")),
)
