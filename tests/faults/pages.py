"""Listings and searches that are well formed and wrong."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from connector.sandbox import Fault, Hits, Kind, Portal, VirtualClock
from connector.sandbox.hubspot import refusing
from connector.sandbox.hubspot.records import Stage
from connector.sandbox.named_faults import faults
from tests.faults.account import Account, calm_content, unlike
from tests.faults.row import Measure, Measured, Row, judged
from tests.faults.worlds import NOW, InHubSpot, World

EQUAL = "equal to the ordered run's; loops found"
MISSING = "nothing missing after a pull started later than the last edit plus the lag"
KEPT = "what an earlier pull saw is kept, the gap marked"
MANY = 10_500
REQUESTS_IN_A_RING = 60


def ordered(name: str) -> Measure:
    """A pull over pages in disorder ends as an ordered one."""

    def measure(folder: Path, crm: type[World]) -> Measured:
        account = Account.of_company(folder, crm)
        with account.served(faults(name)) as sandbox:
            ran = account.pull()
        return judged(
            f"exit {ran.code}, struck {sandbox.strikes[0]} times: {ran.last_words[:100]}",
            struck=sandbox.strikes[0] > 0,
            exit_0=ran.code == 0,
            equal=account.content() == calm_content(crm),
            check_clean=account.sound(),
        )

    return measure


def same_cursor(folder: Path, crm: type[World]) -> Measured:
    """A cursor that comes twice costs a pull at most, and the next one completes."""
    account = Account.of_company(folder, crm)
    with account.served(faults("same-cursor")) as sandbox:
        codes = [account.pull().code, account.pull().code]
    return judged(
        f"exits {codes}",
        struck=sandbox.strikes[0] == 1,
        second_completes=codes[1] == 0,
        equal=account.content() == calm_content(crm),
    )


def ring(folder: Path, crm: type[World]) -> Measured:
    """Cursors that lead in a circle end the pull, which says so."""
    account = Account.of_company(folder, crm)
    with account.served(faults("ring")) as sandbox:
        ran = account.pull()
    return judged(
        f"exit {ran.code} after {len(sandbox.requests)} requests: {ran.last_words}",
        struck=sandbox.strikes[0] > 0,
        found=len(sandbox.requests) < REQUESTS_IN_A_RING,
        told=ran.code == 1 and "cursor" in ran.err,
        nothing_promoted=not any(account.content()),
    )


def expired(folder: Path, crm: type[World]) -> Measured:
    """A pull that goes on behind a cursor that has expired begins that listing anew."""
    account = Account.of_company(folder, crm)
    broken_off = Fault(refusing.revoked(), Hits((Kind.LISTING,), first=3))
    with account.served([broken_off]):
        first = account.pull()
    with account.served(faults("expired-cursor")) as sandbox:
        codes = [account.pull().code, account.pull().code]
    return judged(
        f"broke off with {first.code}, then exits {codes}",
        struck=sandbox.strikes[0] == 1,
        completes_at_once=codes[0] == 0,
        equal=account.content() == calm_content(crm),
    )


# --- search ---------------------------------------------------------------------------------------


def searched(name: str) -> Measure:
    """A night whose search is wrong misses nothing that a full read would find."""

    def measure(folder: Path, crm: type[World]) -> Measured:
        account, clock = Account.of_company(folder, crm), VirtualClock(NOW)
        with account.served(clock=clock):
            account.pull()
        clock.advance(timedelta(hours=2))
        _raise_amounts(account.world.portal, sorted(account.present())[::2])
        with account.served(faults(name), clock=clock) as sandbox:
            codes = [account.pull().code, account.pull().code]
        after = account.lives()
        with account.served(clock=clock):
            account.pull("--full")
        return judged(
            f"exits {codes}, struck {sandbox.strikes[0]} times",
            struck=sandbox.strikes[0] > 0,
            completes=codes[-1] in (0, 5),
            as_a_full_read=not unlike(after, account.lives()),
        )

    return measure


def _raise_amounts(portal: Portal, deals: list[str]) -> None:
    for number, deal in enumerate(deals):
        portal.set(deal, "amount", str(1_000_000 + number))


def beyond_ten_thousand(folder: Path, crm: type[World]) -> Measured:
    """More changed deals than a search can return, all of them at one instant."""
    account, clock = Account(folder, InHubSpot(_many(MANY))), VirtualClock(NOW)
    with account.served(clock=clock):
        account.pull()
    clock.advance(timedelta(hours=2))
    _raise_amounts(account.world.portal, sorted(account.present()))
    with account.served(clock=clock) as sandbox:
        ran = account.pull()
        searches = sum(path.endswith("/search") for _, path in sandbox.requests)
    stale = account.count("SELECT COUNT(*) FROM deals_all WHERE CAST(amount AS REAL) < 1000000")
    return judged(
        f"exit {ran.code}, {searches} searches, {stale} of {MANY:,} stale",
        exit_0=ran.code == 0,
        nothing_missing=stale == 0 and len(account.known()) == MANY,
    )


def _many(deals: int) -> Portal:
    portal = Portal()
    portal.add_pipeline("Sales", [Stage("met", "Met", 0, "0.5", 0, 0)], id="sales", at=NOW)
    for number in range(deals):
        first = {"dealname": f"Deal {number}", "dealstage": "met", "pipeline": "sales"}
        portal.add_deal({**first, "amount": str(number)}, NOW - timedelta(days=5))
    return portal


def lagging(folder: Path, crm: type[World]) -> Measured:
    """A pull 61 s after the last edit, under an index 60 s behind; one before it saw nothing."""
    account, clock = Account.of_company(folder, crm), VirtualClock(NOW)
    with account.served(clock=clock, index_lag=60):
        account.pull()
        clock.advance(timedelta(hours=2))
        changed = sorted(account.present())[::3]
        _raise_amounts(account.world.portal, changed)
        codes = [account.pull().code]
        clock.advance(timedelta(seconds=61))
        codes.append(account.pull().code)
    rows = account.rows("SELECT deal FROM deals_all WHERE CAST(amount AS REAL) >= 1000000")
    missing = set(changed) - {deal for (deal,) in rows}
    return judged(
        f"exits {codes}, {len(missing)} of {len(changed)} missing",
        exit_0=codes == [0, 0],
        nothing_missing=not missing,
    )


def cut_history(folder: Path, crm: type[World]) -> Measured:
    """A history cut to its newest version, after moves that nobody read in between."""
    account, clock = Account.of_company(folder, crm), VirtualClock(NOW)
    with account.served(clock=clock):
        account.pull()
    before = set(map(tuple, account.rows("SELECT deal, field, value, at FROM deal_changes")))
    stages = [stage.id for stage in next(iter(account.world.portal.pipelines.values())).stages]
    moved = sorted(account.present())[:20]
    for stage in stages[:4]:
        clock.advance(timedelta(hours=1))
        for deal in moved:
            account.world.portal.move(deal, stage)
    with account.served(faults("history-cut"), clock=clock) as sandbox:
        ran = account.pull()
    after = set(map(tuple, account.rows("SELECT deal, field, value, at FROM deal_changes")))
    gaps = account.count("SELECT COUNT(DISTINCT deal) FROM history_gaps")
    return judged(
        f"exit {ran.code}, {len(before - after)} changes lost, {gaps} of {len(moved)} gaps marked",
        struck=sandbox.strikes[0] > 0,
        kept=before <= after,
        gaps_marked=gaps == len(moved),
        check_clean=account.sound(),
    )


_OF_HUBSPOT = (
    Row("overlapping pages", EQUAL, ordered("overlapping")),
    Row("pages in any order", EQUAL, ordered("permuted")),
    Row("the same cursor twice", EQUAL, same_cursor),
    Row("a ring of cursors", EQUAL, ring),
    Row("a cursor that expired", EQUAL, expired),
    Row("search out of order", MISSING, searched("search-shuffled")),
    Row("search without a tenth of the deals", MISSING, searched("search-withheld")),
    Row("search's total a tenth too high", MISSING, searched("total-high")),
    Row("search's total a tenth too low", MISSING, searched("total-low")),
    Row("search beyond 10,000", MISSING, beyond_ten_thousand),
    Row("index lag of 60 s", MISSING, lagging),
    Row("history cut to its newest version", KEPT, cut_history),
)
ROWS = (
    Row("pages that repeat records", EQUAL, ordered("repeated"), quick=True),
    Row("records in any order", EQUAL, ordered("shuffled")),
    *(replace(row, crms=(InHubSpot,)) for row in _OF_HUBSPOT),
)
