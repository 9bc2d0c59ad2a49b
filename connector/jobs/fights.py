"""Fights: drifts of an account that connector corrected before, going by its journal."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlite_utils import Database

from connector.reconcile.drift import Drift
from connector.reconcile.fights import Correction, Fight, fights
from connector.store import accounts, journal
from connector.store.journal import MAY_HAVE_ARRIVED, State

# CRMs tell the time in whole seconds, so of two instants closer than that either may be the later.
CLOCK_TICK = timedelta(seconds=1)


def find_fights(
    drifts: Iterable[Drift], account: str, db: Database, stored_at: datetime | None = None
) -> tuple[Fight, ...]:
    """The drifts of an account that our journal says were corrected before.

    `stored_at` is when drifts of a stored reading were read: what was corrected since is no fight.
    """
    key = accounts.find(db, account)
    if key is None:
        return ()
    corrections = [
        Correction(run, entry.change, entry.sent_at, entry.state is State.DONE)
        for run, entry in journal.entries_by_run(db, key)
        if entry.state in MAY_HAVE_ARRIVED
        if stored_at is None or entry.sent_at < stored_at - CLOCK_TICK
    ]
    return fights(drifts, corrections)
