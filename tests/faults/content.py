"""Values nobody should have typed, and what no CRM should have kept."""

from datetime import timedelta
from pathlib import Path

from connector.sandbox import VirtualClock
from connector.sandbox.hostile import hostile
from tests.faults.account import Account
from tests.faults.row import Measured, Row, judged
from tests.faults.worlds import NOW, InHubSpot, World

STORED = "stored or quarantined with count and reason; no crash; no phantom change"
ODD_DEALS, ROUNDS = 1_000, 3


def odd_values(folder: Path, crm: type[World]) -> Measured:
    """Odd deals are pulled again and again, touched in between: nothing new comes of it."""
    account, clock = Account(folder, InHubSpot(hostile(NOW, ODD_DEALS))), VirtualClock(NOW)
    codes = []
    with account.served(clock=clock):
        codes.append(account.pull().code)
        first = account.count("SELECT COUNT(*) FROM deal_changes")
        for number in range(ROUNDS):
            clock.advance(timedelta(hours=2))
            for deal in list(account.world.portal.deals):
                account.world.portal.set(deal, "description", f"Round {number}")
            codes.append(account.pull(*(["--full"] if number else [])).code)
    phantoms = account.count("SELECT COUNT(*) FROM deal_changes") - first
    aside = account.count("SELECT COUNT(*) FROM set_aside")
    reasons = account.count("SELECT COUNT(*) FROM set_aside WHERE reason = ''")
    read = account.count("SELECT COUNT(*) FROM deals_all")
    unread = account.count("SELECT COUNT(DISTINCT record) FROM set_aside WHERE field IS NULL")
    return judged(
        f"exits {codes}; {read} stored, {unread} set aside whole, {aside} values in all;"
        f" {phantoms} phantom changes in {ROUNDS * ODD_DEALS:,} round trips",
        no_crash=all(code in (0, 5) for code in codes),
        all_accounted_for=read + unread >= ODD_DEALS,
        with_a_reason=reasons == 0,
        no_phantom_change=phantoms == 0,
        check_clean=account.sound(),
    )


ROWS = (Row("odd names, amounts, currencies, ids", STORED, odd_values, crms=(InHubSpot,)),)
