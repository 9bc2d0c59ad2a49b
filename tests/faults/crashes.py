"""Kills, disks and locks: what a run leaves behind when the machine lets it down."""

import ctypes
import json
import os
import resource
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from pathlib import Path

from connector.reconcile.plan import Hazard
from connector.sandbox import Fault, Hits, VirtualClock, wire
from tests.faults.account import ROOT, Account, Ran, calm_content, ended
from tests.faults.row import Measured, Row, judged
from tests.faults.worlds import KEYS, NOW, InHubSpot, World
from tests.jobs.conftest import PROCESS, small_portal

CLEAN = "db check clean, no half pull visible, the next run completes"
ONE_WRITER = "one writer per account, the others exit 7 or wait; nothing applied twice"
KILLS = int(os.environ.get("KILLS", "250"))
INTERRUPTIONS = 6
HOLDING = 20.0  # seconds until the request to be interrupted has come, at most
CROWD = 20
BUSY_SECONDS = 30.0


def kills(folder: Path, crm: type[World]) -> Measured:
    """Pulls killed at seeded points, half of them in one account and half in another."""
    with ThreadPoolExecutor(2) as pool:
        done = list(
            pool.map(lambda seed: killed_pulls(folder / str(seed), crm, KILLS // 2, seed), (7, 8))
        )
    if failed := [each.stderr[-300:] for each in done if each.returncode]:
        return Measured(False, failed[0])
    told = [json.loads(each.stdout) for each in done]
    died = sum(each["kills"] for each in told)
    broken = {name: told[0][name] + told[1][name] for name in ("unsound", "half", "incomplete")}
    return judged(
        f"{died} of {KILLS} died before their end; "
        + ", ".join(f"{name} {numbers}" for name, numbers in broken.items()),
        all_died=died >= KILLS // 2 * 2,
        check_clean=not broken["unsound"],
        no_half_pull=not broken["half"],
        next_run_completes=not broken["incomplete"],
    )


def killed_pulls(
    folder: Path, crm: type[World], kills: int, seed: int
) -> subprocess.CompletedProcess[str]:
    """So many killed pulls of an account of its own; what `killing` prints of them."""
    account, clock = Account.of_company(folder, crm, deals=60), VirtualClock(NOW)
    with account.served(clock=clock):
        account.pull()
        base = account.database.rename(folder / "base.db")
        clock.advance(timedelta(hours=2))
        writer = account.world.writer(seed=seed)
        for _ in range(30):
            writer.edit()
        words = [folder / "config.toml", base, str(kills), str(seed)]
        return subprocess.run(
            [sys.executable, "-m", "tests.faults.killing", *words],
            cwd=ROOT,
            env={**os.environ, **KEYS},
            capture_output=True,
            text=True,
            check=False,
        )


def interrupted(folder: Path, crm: type[World]) -> Measured:
    """Somebody presses Ctrl-C at several moments of a pull."""
    account, codes, unsound = Account.of_company(folder, crm), [], 0
    for number in range(2, 2 + INTERRUPTIONS):
        _forget(account)
        waiting = threading.Event()
        hold = Fault(wire.stall(head=False), Hits(first=number, times=1))
        told = lambda at, last=number, waiting=waiting: waiting.set() if at >= last else None  # noqa: E731
        with account.served([hold], before=told):
            process = account.started(["pull"], stderr=subprocess.DEVNULL)
            waiting.wait(HOLDING)
            time.sleep(0.1)
            process.send_signal(signal.SIGINT)
            codes.append(ended(process)[0])
        unsound += not account.sound() or any(account.content())
    with account.served():
        again = account.pull()
    return judged(
        f"exits {_counted(codes)}, {unsound} left half a state",
        exit_130=set(codes) == {130},
        check_clean=unsound == 0,
        next_run_completes=again.code == 0 and account.content() == calm_content(crm),
    )


def disk_full(folder: Path, crm: type[World]) -> Measured:
    """No file may grow beyond ever more bytes, until the whole database fits."""
    failed, unsound, sizes = 0, 0, [n * 1024 for n in (8, 60, 200, 400, 800, 1600, 3200, 6400)]
    account = Account.of_company(folder, crm)
    with account.served():
        for size in sizes:
            _forget(account)
            ran = account.pull(limit=lambda size=size: _no_file_beyond(size))  # type: ignore[misc]
            failed += ran.code == 1
            whole_or_nothing = account.content() in (calm_content(crm), [[], [], []])
            unsound += not (account.sound() and whole_or_nothing and ran.code in (0, 1))
        _forget(account)
        account.pull(limit=lambda: _no_file_beyond(sizes[2]))
        again = account.pull()
    return judged(
        f"{failed} of {len(sizes)} pulls failed, {unsound} left half a state: {ran.last_words}",
        some_failed=failed > 0,
        check_clean=unsound == 0,
        next_run_completes=again.code == 0 and account.content() == calm_content(crm),
    )


def _forget(account: Account) -> None:
    for left in account.folder.glob("connector.db*"):
        left.unlink()


def _no_file_beyond(size: int) -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


def locked_for_a_while(folder: Path, crm: type[World]) -> Measured:
    """Another program holds the database for three seconds of a pull."""
    account = _once_pulled(folder, crm)
    with account.served(), closing(_locking(account)) as other:
        release = threading.Timer(3, other.rollback)
        release.start()
        ran = account.pull("--full")
        release.join()
    return judged(
        f"exit {ran.code} after {ran.seconds:.0f} s: {ran.last_words}",
        waits=ran.code == 0 and ran.seconds > 2,
        equal=account.content() == calm_content(crm),
        check_clean=account.sound(),
    )


def locked_for_good(folder: Path, crm: type[World]) -> Measured:
    """Another program never lets the database go."""
    account = _once_pulled(folder, crm)
    with account.served(), closing(_locking(account)):
        ran = account.pull("--full")
    with account.served():
        again = account.pull("--full")
    return judged(
        f"exit {ran.code} after {ran.seconds:.0f} s: {ran.last_words}",
        exit_1=ran.code == 1,
        in_time=ran.seconds < 2 * BUSY_SECONDS,
        check_clean=account.sound(),
        next_run_completes=again.code == 0 and account.content() == calm_content(crm),
    )


def _once_pulled(folder: Path, crm: type[World]) -> Account:
    account = Account.of_company(folder, crm)
    with account.served():
        account.pull()
    return account


def _locking(account: Account) -> sqlite3.Connection:
    other = sqlite3.connect(account.database, check_same_thread=False, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    return other


def read_only(folder: Path, crm: type[World]) -> Measured:
    """Nothing in the folder may be written any more."""
    account = _once_pulled(folder, crm)
    files = [account.folder, *account.folder.iterdir()]
    out = [account.folder / name for name in ("out.txt", "err.txt")]
    with account.served():
        for file in files:
            file.chmod(0o555 if file.is_dir() else 0o666 if file in out else 0o444)
        ran = account.pull("--full", limit=_without_power)
        for file in files:
            file.chmod(0o755 if file.is_dir() else 0o644)
        again = account.pull("--full")
    return judged(
        f"exit {ran.code}: {ran.last_words}",
        exit_1=ran.code == 1,
        names_the_file="connector.db" in ran.err,
        check_clean=account.sound(),
        next_run_completes=again.code == 0 and account.content() == calm_content(crm),
    )


def _without_power() -> None:
    """Have file permissions hold for root too (PR_CAPBSET_DROP of CAP_DAC_OVERRIDE)."""
    if os.geteuid() == 0:
        ctypes.CDLL(None).prctl(24, 1, 0, 0, 0)


# --- many commands at once ------------------------------------------------------------------------


def pulls_at_once(folder: Path, crm: type[World]) -> Measured:
    """Twenty pulls of one account, none with a database yet."""
    account = Account.of_company(folder, crm)
    with account.served():
        ends = _at_once(account, CROWD, "pull")
        again = account.pull()
    codes = sorted(each.code for each in ends)
    return judged(
        f"exits {_counted(codes)}, slowest {max(each.seconds for each in ends):.0f} s",
        one_at_least=codes[0] == 0,
        others_exit_7_or_wait=set(codes) <= {0, 7},
        next_run_completes=again.code == 0,
        equal=account.content() == calm_content(crm),
        check_clean=account.sound(),
    )


def applies_at_once(folder: Path, crm: type[World]) -> Measured:
    """Twenty times the same plan, and in another account once."""
    alone, once = _applied(Account(folder / "alone", _drifted()), 1)
    crowded = Account(folder / "crowded", _drifted())
    codes, writes = _applied(crowded, CROWD)
    return judged(
        f"exits {_counted(codes)}, {writes} writes, where one apply alone makes {once}",
        applied=alone == [0] and codes[0] == 0,
        others_exit_7_or_wait=set(codes) <= {0, 7},
        nothing_applied_twice=writes == once,
        check_clean=crowded.sound(),
    )


def _drifted() -> InHubSpot:
    return InHubSpot(small_portal(VirtualClock(NOW), 30))


def _applied(account: Account, times: int) -> tuple[list[int], int]:
    """The exit codes of so many applies of one plan at once, and how many writes they sent."""
    (account.folder / "mappings" / "sales.toml").write_text(PROCESS, "utf-8")
    with account.served() as sandbox:
        account.pull()
        allowed = [word for hazard in Hazard for word in ("--allow", f"{hazard}:*")]
        account.command("plan", "-o", "plan.json", *allowed)
        mark = json.loads((account.folder / "plan.json").read_text("utf-8"))["fingerprint"]
        sandbox.requests.clear()
        ends = _at_once(account, times, "apply", "plan.json", "--confirm", mark)
        writes = sum(
            method in ("PATCH", "POST") and "/pipelines/" in path
            for method, path in sandbox.requests
        )
    return sorted(each.code for each in ends), writes


def _at_once(account: Account, times: int, *words: str) -> list[Ran]:
    began = time.monotonic()
    processes = []
    for number in range(times):
        files = [(account.folder / f"{number}.{name}").open("wb") for name in ("out", "err")]
        processes.append(account.started(words, stdout=files[0], stderr=files[1]))
        for file in files:
            file.close()
    ends = []
    for number, process in enumerate(processes):
        code, peak = ended(process)
        err = (account.folder / f"{number}.err").read_text("utf-8")
        ends.append(Ran(code, "", err, time.monotonic() - began, peak))
    return ends


def _counted(codes: list[int]) -> str:
    return ", ".join(f"{codes.count(code)} × {code}" for code in sorted(set(codes)))


ROWS = (
    Row("seeded kill -9 in a pull", CLEAN, kills),
    Row("Ctrl-C at six requests of a pull", CLEAN, interrupted),
    Row("disk full, at eight sizes", CLEAN, disk_full),
    Row("database locked for three seconds", CLEAN, locked_for_a_while),
    Row("database locked for good", CLEAN, locked_for_good),
    Row("read-only file and folder", CLEAN, read_only, quick=True),
    Row("20 pulls at once", ONE_WRITER, pulls_at_once),
    Row("20 times the same apply at once", ONE_WRITER, applies_at_once, crms=(InHubSpot,)),
)
