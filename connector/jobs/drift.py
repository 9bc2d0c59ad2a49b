"""Drift: what differs in an account, how long it has, and what of it somebody accepted."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, tzinfo
from zoneinfo import ZoneInfo

from sqlite_utils import Database

from connector.errors import NotFound
from connector.jobs.fights import CLOCK_TICK, find_fights
from connector.jobs.history import find_origins
from connector.jobs.reading import Reading
from connector.model import Process, Remote
from connector.reconcile.acceptance import (
    Acceptance,
    Sifted,
    Standing,
    last_found,
    sift,
    standing,
)
from connector.reconcile.drift import Drift
from connector.reconcile.fights import Fight
from connector.reconcile.origin import Origins
from connector.reconcile.sightings import Seen, Status, mark_of, seen
from connector.store import accounts, drifts, journal


@dataclass(frozen=True, slots=True)
class Found:
    """The drift of one reading; `seen` is by the id of every drift, accepted ones too.

    `older` open drifts were left out because they were there before, None: all are in; `fights` are
    those that connector corrected and somebody turned back; `run_since` is the last run that wrote
    to the account after a stored reading.
    """

    reading: Reading
    sifted: Sifted
    seen: Mapping[str, Seen]
    older: int | None = None
    origins: Origins = field(default_factory=Origins)
    fights: tuple[Fight, ...] = ()
    run_since: int | None = None

    def only_new(self) -> "Found":
        """Without the open drifts that the last recorded reading had already."""
        new = tuple(d for d in self.sifted.open if self.seen[d.id].status is not Status.OPEN)
        return replace(
            self,
            sifted=replace(self.sifted, open=new),
            older=len(self.sifted.open) - len(new),
        )


def find_drift(
    reading: Reading, processes: tuple[Process, ...], db: Database, *, record: bool
) -> Found:
    """The drift of a reading, told from what was seen and accepted before.

    With `record`, for live readings, later ones are told from this one.
    """
    found = reading.drift(processes)
    if record:
        account = accounts.remember(db, reading.account, reading.remote)
        before = drifts.record(db, account, map(mark_of, found), reading.at)
    else:
        known = accounts.find(db, reading.account)
        before = {} if known is None else drifts.sightings(db, known)
    return Found(
        reading,
        sift_accepted(reading, found, db),
        {drift.id: seen(drift, before, reading.at) for drift in found},
        origins=find_origins(reading, found, db),
        fights=find_fights(found, reading.account, db, None if record else reading.at),
        run_since=None if record else _run_since(reading, db),
    )


def _run_since(reading: Reading, db: Database) -> int | None:
    account = accounts.find(db, reading.account)
    writes = () if account is None else journal.writes(db, account)
    return max(
        (each.run for each in writes if each.sent_at >= reading.at - CLOCK_TICK), default=None
    )


def sift_accepted(reading: Reading, found: tuple[Drift, ...], db: Database) -> Sifted:
    """The drifts of a reading, those accepted on its day apart."""
    account = accounts.find(db, reading.account)
    given = () if account is None else drifts.acceptances(db, account)
    return sift(found, given, day_in(reading.remote, reading.at))


def accept(
    reading: Reading,
    processes: tuple[Process, ...],
    db: Database,
    drift: str,
    reason: str,
    by: str,
    until: date,
) -> None:
    """Accept a drift with the values it has now, through a day in the account's time zone.

    Raises `NotFound` where there is no such drift now.
    """
    there = {each.id: each for each in reading.drift(processes)}
    if drift not in there:
        raise NotFound(f"no drift {drift!r} now; connector drift lists those there are")
    given = Acceptance(mark_of(there[drift]), reason, by, reading.at, until)
    drifts.accept(db, accounts.remember(db, reading.account, reading.remote), given)


def reopen(account: str, drift: str, db: Database, at: datetime) -> None:
    """End the acceptance of a drift; raises `NotFound` with those there are."""
    key = accounts.find(db, account)
    if key is None or not drifts.reopen(db, key, drift, at):
        given = () if key is None else drifts.acceptances(db, key)
        known = ", ".join(each.mark.drift for each in given) or "none"
        raise NotFound(f"{drift!r} is not accepted; accepted in {account}: {known}")


@dataclass(frozen=True, slots=True)
class Given:
    """The acceptances of an account, each with how it stands by the last recorded reading."""

    account: str
    zone: str
    acceptances: tuple[tuple[Acceptance, Standing], ...]


def read_accepted(account: str, db: Database, now: datetime) -> Given:
    """What is accepted in an account; nothing where the database does not know it."""
    key = accounts.find(db, account)
    if key is None:
        return Given(account, "UTC", ())
    remote = accounts.remote(db, key, now)
    sightings, today = drifts.sightings(db, key), day_in(remote, now)
    return Given(
        account,
        remote.time_zone,
        tuple(
            (each, standing(each, last_found(each, sightings), today))
            for each in drifts.acceptances(db, key)
        ),
    )


def day_in(remote: Remote, at: datetime) -> date:
    """The day it is in an account, or in UTC where nobody knows a zone of that name."""
    zone: tzinfo
    try:
        zone = ZoneInfo(remote.time_zone)
    except (KeyError, ValueError, OSError):
        zone = UTC
    return at.astimezone(zone).date()
