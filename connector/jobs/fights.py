"""Fights: drifts of an account that connector corrected before, going by its journal."""

from collections.abc import Iterable

from sqlite_utils import Database

from connector.reconcile import Drift
from connector.reconcile.fights import Correction, Fight, fights
from connector.store import accounts, journal
from connector.store.journal import State

# What may have reached the CRM, and whether we know that it did.
_SETTLED = {State.DONE: True, State.SENT: False, State.UNKNOWN: False}


def find_fights(drifts: Iterable[Drift], account: str, db: Database) -> tuple[Fight, ...]:
    """The drifts of an account that our journal says were corrected before."""
    key = accounts.find(db, account)
    if key is None:
        return ()
    corrections = [
        Correction(run.id, entry.change, entry.sent_at, _SETTLED[entry.state])
        for run in journal.runs(db, key)
        for entry in journal.entries(db, run.id)
        if entry.state in _SETTLED
    ]
    return fights(drifts, corrections)
