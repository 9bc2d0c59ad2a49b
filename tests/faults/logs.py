"""Nutshell's listing of leads and its log of events, well formed and wrong."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from connector.sandbox import Fault, Hits, VirtualClock
from connector.sandbox.faults import Effect
from connector.sandbox.http import Response
from connector.sandbox.nutshell import kinds, lying
from connector.sandbox.nutshell.error_pages import not_allowed, page
from connector.sandbox.nutshell.instance import ADMIN
from tests.faults.account import Account
from tests.faults.bodies import refused
from tests.faults.pages import EQUAL, ordered
from tests.faults.row import Measure, Measured, Row, judged
from tests.faults.worlds import NOW, InNutshell, World

REFUSED = "refused with the cause named, nothing promoted, the next run completes"
AS_NOW = "what leads are now is right; a read of the whole log brings every change"
BLIND = "marked suspect, nothing taken for gone"
MUCH = 10**9
NOW_QUERY = "SELECT deal, name, pipeline, stage, amount, gone_at IS NULL FROM deals_all"


def answered(response: Response) -> Effect:
    """The same answer to whatever was asked."""
    return lambda strike: response


def lacking(effect: Effect) -> Measure:
    """A log that leaves events out tells no lead to be what it is not, and a full read mends it."""

    def measure(folder: Path, crm: type[World]) -> Measured:
        account = Account.of_company(folder, crm)
        with account.served([Fault(effect, Hits((kinds.Kind.EVENTS,)))]) as sandbox:
            first = account.pull()
            before = sorted(account.rows(NOW_QUERY))
            second = account.pull("--full")
        sound = account.sound()
        with account.served():
            third = account.pull("--full")
        return judged(
            f"exits {[first.code, second.code, third.code]}, struck {sandbox.strikes[0]} times",
            struck=sandbox.strikes[0] > 0,
            exit_0=first.code == second.code == third.code == 0,
            right_now=before == sorted(account.rows(NOW_QUERY)),
            check_clean=sound and account.sound(),
            every_change=_changes(folder / "calm", crm) <= account.lives().rows,
        )

    return measure


def _changes(folder: Path, crm: type[World]) -> set[Any]:
    """Every change whose instant the whole log tells."""
    account = Account.of_company(folder, crm)
    with account.served():
        account.pull()
    rows = account.rows("SELECT deal, field, value, at FROM deal_changes WHERE not_before IS NULL")
    return set(rows)


def missed_at_night(folder: Path, crm: type[World]) -> Measured:
    """Events the log of a night leaves out are found by the next read of everything."""
    account, clock = Account.of_company(folder, crm), VirtualClock(NOW)
    with account.served(clock=clock):
        account.pull()
    clock.advance(timedelta(hours=2))
    changed = sorted(account.present())[::2]
    for number, deal in enumerate(changed):
        account.world.raise_amount(deal, MUCH + number)
    fault = Fault(lying.withheld(0.5), Hits((kinds.Kind.EVENTS,)))
    with account.served([fault], clock=clock) as sandbox:
        night = account.pull()
    missed = len(changed) - _raised(account)
    with account.served(clock=clock):
        full = account.pull("--full")
    return judged(
        f"exits {[night.code, full.code]}, {missed} of {len(changed)} missed at first, then"
        f" {len(changed) - _raised(account)}",
        struck=sandbox.strikes[0] > 0,
        exit_0=night.code == full.code == 0,
        found=_raised(account) == len(changed),
        check_clean=account.sound(),
    )


def _raised(account: Account) -> int:
    return account.count(f"SELECT COUNT(*) FROM deals_all WHERE CAST(amount AS REAL) >= {MUCH}")


def restricted(*words: str) -> Measure:
    """The user behind the key may see own leads only, all of a sudden."""

    def measure(folder: Path, crm: type[World]) -> Measured:
        account, clock = Account.of_company(folder, crm), VirtualClock(NOW)
        with account.served(clock=clock):
            account.pull()
        known = account.known()
        clock.advance(timedelta(hours=2))
        _restrict(account, restricted=True)
        with account.served(clock=clock):
            ran = account.pull(*words)
        kept = account.known()
        _restrict(account, restricted=False)
        with account.served(clock=clock):
            again = account.pull("--full")
        return judged(
            f"exit {ran.code}, then {again.code}: {ran.last_words}",
            exit_5=ran.code == 5,
            names_the_way_out="doctor" in ran.err,
            nothing_gone=kept == known,
            mended=again.code == 0 and account.known() == known,
        )

    return measure


def _restrict(account: Account, *, restricted: bool) -> None:
    users = account.world.instance.people.users
    number = next(number for number, user in users.items() if user.email == ADMIN)
    users[number] = replace(users[number], restricted=restricted, administrator=not restricted)


_ROWS = (
    Row("a page is 404, in HTML", REFUSED, refused(answered(page(404, "Not Found")), "404")),
    Row("a page is 405, the text of an error", REFUSED, refused(answered(not_allowed()), "405")),
    Row("a page of leads once more", EQUAL, ordered("page-again"), quick=True),
    Row("40 leads a page, whatever was asked for", EQUAL, ordered("leads-capped")),
    Row("70 events a page, whatever was asked for", EQUAL, ordered("events-capped")),
    Row("max_id leaves out the event it names", EQUAL, ordered("exclusive")),
    Row("links of the log that lead elsewhere", EQUAL, ordered("misleading")),
    Row("stages and pipelines as bare lists", EQUAL, ordered("bare-lists")),
    Row("meta.count and total a tenth too high", EQUAL, ordered("total-high")),
    Row("meta.count and total a tenth too low", EQUAL, ordered("total-low")),
    Row("no meta.count and no total", EQUAL, ordered("uncounted")),
    Row("a tenth of the events missing", AS_NOW, lacking(lying.withheld(0.1))),
    Row("a log that reaches back a month", AS_NOW, lacking(lying.forgetful(30 * 86_400))),
    Row("a log without any event", AS_NOW, lacking(lying.withheld(1.0))),
    Row("half of a night's events missing", AS_NOW, missed_at_night),
    Row("the key's user restricted, a full read", BLIND, restricted("--full")),
    Row("the key's user restricted, a night", BLIND, restricted()),
)
ROWS = tuple(replace(row, crms=(InNutshell,)) for row in _ROWS)
