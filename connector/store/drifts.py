"""When drifts were seen, and which of them somebody accepted."""

from collections.abc import Iterable
from datetime import date, datetime

from sqlite_utils import Database

from connector.reconcile.acceptance import Acceptance
from connector.reconcile.sightings import Mark, Sighting, Sightings
from connector.store.database import writing
from connector.store.encoding import storable
from connector.store.instants import from_ms, optional_instant, to_ms

_PLACE = "account = :account AND drift = :drift AND desired = :desired AND live = :live"


def sightings(db: Database, account: int) -> Sightings:
    """The last sighting of every drift the account ever had."""
    rows = db.execute(
        "SELECT drift, desired, live, first_seen, last_seen, gone FROM drift_sightings"
        " WHERE id IN (SELECT MAX(id) FROM drift_sightings WHERE account = ?"
        " GROUP BY drift, desired, live)",
        (account,),
    )
    return {
        Mark(*mark): Sighting(from_ms(first), from_ms(last), optional_instant(gone))
        for *mark, first, last, gone in rows
    }


def record(db: Database, account: int, found: Iterable[Mark], at: datetime) -> Sightings:
    """Note which drifts a reading of the whole account found; answers with what was known before.

    What was there before and is not found now is gone. Where the clock was set back, the reading
    counts as of the one before it, so that nothing ends before it began.
    """
    found = frozenset(found)
    with writing(db):
        before = sightings(db, account)
        at = max([at, *(sighting.gone or sighting.last for sighting in before.values())])
        there = {mark for mark, sighting in before.items() if sighting.gone is None}
        for mark in there - found:
            _update(db, account, mark, "gone", at)
        for mark in there & found:
            _update(db, account, mark, "last_seen", at)
        for mark in sorted(found - there, key=lambda mark: mark.drift):
            db.execute(
                "INSERT INTO drift_sightings (account, drift, desired, live, first_seen, last_seen)"
                " VALUES (:account, :drift, :desired, :live, :at, :at)",
                _values(account, mark, at),
            )
    return before


def accept(db: Database, account: int, acceptance: Acceptance) -> None:
    """Note an acceptance; it takes the place of an earlier one of the same drift."""
    with writing(db):
        _end(db, account, acceptance.mark.drift, acceptance.at)
        db.execute(
            "INSERT INTO drift_acceptances"
            " (account, drift, desired, live, reason, accepted_by, at, until)"
            " VALUES (:account, :drift, :desired, :live, :reason, :by, :at, :until)",
            _values(account, acceptance.mark, acceptance.at)
            | {
                "reason": storable(acceptance.reason),
                "by": storable(acceptance.by),
                "until": acceptance.until.isoformat(),
            },
        )


def reopen(db: Database, account: int, drift: str, at: datetime) -> bool:
    """End the acceptance of a drift; whether there was one."""
    with writing(db):
        return _end(db, account, drift, at)


def acceptances(db: Database, account: int) -> tuple[Acceptance, ...]:
    """Every acceptance nobody ended, expired ones too, oldest first."""
    rows = db.execute(
        "SELECT drift, desired, live, reason, accepted_by, at, until FROM drift_acceptances"
        " WHERE account = ? AND ended IS NULL ORDER BY at, id",
        (account,),
    )
    return tuple(
        Acceptance(Mark(*mark), reason, by, from_ms(at), date.fromisoformat(until))
        for *mark, reason, by, at, until in rows
    )


def _values(account: int, mark: Mark, at: datetime) -> dict[str, str | int]:
    return {
        "account": account,
        "drift": mark.drift,
        "desired": mark.desired,
        "live": mark.live,
        "at": to_ms(at),
    }


def _update(db: Database, account: int, mark: Mark, column: str, at: datetime) -> None:
    db.execute(
        f"UPDATE drift_sightings SET {column} = :at WHERE {_PLACE} AND gone IS NULL",
        _values(account, mark, at),
    )


def _end(db: Database, account: int, drift: str, at: datetime) -> bool:
    ended = db.execute(
        "UPDATE drift_acceptances SET ended = ? WHERE account = ? AND drift = ? AND ended IS NULL",
        (to_ms(at), account, storable(drift)),
    )
    return bool(ended.rowcount)
