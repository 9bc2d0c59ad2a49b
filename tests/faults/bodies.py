"""Bodies that are none, or only half of one."""

import json
import os
import subprocess
import sys
from pathlib import Path

from connector.sandbox import Fault, either
from connector.sandbox.faults import Effect
from connector.sandbox.named_faults import faults
from connector.sandbox.wire import Framing
from tests.faults.account import ROOT, Account, calm_content
from tests.faults.row import Measure, Measured, Row, judged
from tests.faults.worlds import KEYS, World

REFUSED = "refused with the cause named, nothing of that page promoted, memory ≤ 200 MB"
SET_ASIDE = "one bad record: quarantined, the page kept"
MEMORY_MIB = 200.0
_NAN = '{"dealname": "A", "dealstage": "met", "amount": NaN}'
_NESTED = '{"dealname": ' + "[" * 3000 + "]" * 3000 + "}"
_DEEP = either.spoiled(_NESTED, _NESTED)


def refused(fault: str | Effect, *causes: str) -> Measure:
    """A page that cannot be one ends the pull, the cause in its message; the next one completes."""

    def measure(folder: Path, crm: type[World]) -> Measured:
        account = Account.of_company(folder, crm)
        injected = faults(fault) if isinstance(fault, str) else [Fault(fault, crm.a_page)]
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
            next_run_completes=again.code == 0 and account.content() == calm_content(crm),
        )

    return measure


def cut_off(name: str) -> Measure:
    """A page that stops short is asked for again, or refused; half of it is never taken."""

    def measure(folder: Path, crm: type[World]) -> Measured:
        account = Account.of_company(folder, crm)
        with account.served(faults(name)) as sandbox:
            ran = account.pull()
        whole_or_nothing = account.content() == calm_content(crm) or not any(account.content())
        with account.served():
            again = account.pull()
        return judged(
            f"exit {ran.code}: {ran.last_words}",
            struck=sandbox.strikes[0] > 0,
            whole_or_nothing=whole_or_nothing,
            next_run_completes=again.code == 0 and account.content() == calm_content(crm),
        )

    return measure


def set_aside(properties: str, record: str) -> Measure:
    """One bad record costs itself: it is quarantined, and the page is kept."""

    def measure(folder: Path, crm: type[World]) -> Measured:
        account = Account.of_company(folder, crm)
        spoil = Fault(either.spoiled(properties, record), crm.a_page)
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
            mended_by_the_next=account.content() == calm_content(crm),
        )

    return measure


def cut_everywhere(framing: Framing, step: int) -> Measure:
    """A page truncated at every byte, each time in a pull of its own."""

    def measure(_: Path, crm: type[World]) -> Measured:
        done = subprocess.run(
            [sys.executable, "-m", "tests.faults.cut_pages", crm.name, framing, str(step)],
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


ROWS = (
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
    Row("100,000 levels of nesting", REFUSED, refused("deep", "nested deeper")),
    Row("one record nested 3,000 levels", REFUSED, refused(_DEEP, "nested deeper")),
    Row("a gzip bomb of 512 MiB", REFUSED, refused("bomb", "more than")),
    Row("NaN in one record", SET_ASIDE, set_aside(_NAN, '{"stage": NaN}'), quick=True),
    Row("one record's values are 7", SET_ASIDE, set_aside("7", "7")),
)
