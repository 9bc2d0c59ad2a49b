"""How long drifts have been there and which of them are accepted, as parts of reports."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from connector.reconcile.acceptance import Acceptance, Accepted, Lapsed, Standing
from connector.reconcile.drift import Drift, DriftValue
from connector.reconcile.sightings import Seen, Status, value_of
from connector.report.cells import in_zone
from connector.report.document import (
    Cell,
    Column,
    Count,
    CrmText,
    Document,
    Fact,
    Instant,
    Items,
    Note,
    Place,
    Share,
    Table,
    Term,
    Tone,
    phrase,
)
from connector.report.drift_rows import DRIFT_COLUMNS, drift_cells
from connector.report.names import Names

STANDING_COLUMNS = (
    Column("status", "Status", Place.UNDER),
    Column("since", place=Place.DATA),
    Column("lapsed", place=Place.DATA),
)

_ACCEPTED = (
    *DRIFT_COLUMNS,
    Column("until", "Until"),
    Column("reason", "Because", Place.UNDER),
    Column("by", "By", Place.UNDER),
    Column("id", "Id", Place.UNDER),
)
_ACCEPTANCES = (
    Column("id", place=Place.HEADING),
    Column("standing", "Stands"),
    Column("until", "Until"),
    Column("desired", "Desired"),
    Column("live", "Live"),
    Column("by", "By"),
    Column("at", place=Place.DATA),
    Column("reason", "Because", Place.UNDER),
)
_STANDINGS = {
    Standing.IN_FORCE: Term(Standing.IN_FORCE, "in force", Tone.GOOD),
    Standing.EXPIRED: Term(Standing.EXPIRED, "expired", Tone.CAUTION),
    Standing.CHANGED: Term(Standing.CHANGED, "values changed", Tone.CAUTION),
    Standing.SETTLED: Term(Standing.SETTLED, "no longer there"),
}
_OUTDATED = (
    "Run {run} wrote to {account} after this reading. What it changed shows after: connector pull"
)
_STATUSES = {
    Status.NEW: "new",
    Status.OPEN: "still open since {since}",
    Status.BACK: "back again, was gone on {gone}",
}
_LAPSES = {
    Standing.EXPIRED: "was accepted until {until}",
    Standing.CHANGED: "accepted until {until}, but with other values",
}


@dataclass(frozen=True, slots=True)
class History:
    """What is known of the drifts of one report besides what they are.

    `seen` and `lapsed` are by drift id; `older` drifts were left out of a report of new ones, and
    None says that it is of all.
    """

    seen: Mapping[str, Seen] = field(default_factory=dict)
    accepted: Sequence[Accepted] = ()
    lapsed: Mapping[str, Lapsed] = field(default_factory=dict)
    older: int | None = None


def standing_cells(drift: Drift, history: History, zone: str) -> tuple[Cell, ...]:
    """The cells of `STANDING_COLUMNS` for one drift; days are those of a time zone."""
    known, lapsed = history.seen.get(drift.id), history.lapsed.get(drift.id)
    return (
        _status(known, lapsed, zone) if known else None,
        Instant(known.since, zone) if known else None,
        lapsed.why if lapsed else None,
    )


def accepted_blocks(accepted: Sequence[Accepted], names: Names) -> tuple[Table, ...]:
    """The drifts left out because somebody accepted them, if there are any."""
    rows = tuple(
        (
            *drift_cells(each.drift, names),
            each.acceptance.until.isoformat(),
            CrmText(each.acceptance.reason),
            CrmText(each.acceptance.by),
            CrmText(each.drift.id),
        )
        for each in accepted
    )
    return (Table("accepted", _ACCEPTED, rows, "Accepted for now"),) if rows else ()


def accepted_document(
    account: str, zone: str, given: Sequence[tuple[Acceptance, Standing]]
) -> Document:
    """Every acceptance of an account that nobody ended, each with how it stands."""
    rows = tuple(
        (
            CrmText(each.mark.drift),
            _STANDINGS[stands],
            each.until.isoformat(),
            _value(value_of(each.mark.desired)),
            _value(value_of(each.mark.live)),
            CrmText(each.by),
            Instant(each.at, zone),
            CrmText(each.reason),
        )
        for each, stands in given
    )
    return Document(
        name="accepted-drift",
        version=1,
        title=f"Accepted drift in {account}",
        facts=(Fact("account", "Account", account),),
        blocks=(
            Table("acceptances", _ACCEPTANCES, rows, empty="None."),
            *([Note("To end one: connector drift reopen ID")] if rows else []),
        ),
    )


def _value(value: DriftValue) -> Cell:
    match value:
        case tuple():
            return Items(tuple(map(CrmText, value)))
        case str():
            return CrmText(value)
        case None:
            return None
        case _:
            return Share(value)


def none_shown(history: History) -> str:
    """What an empty report says where there is drift all the same; nothing where there is none."""
    if history.older:
        return "No new drift."
    return "No drift but what is accepted." if history.accepted else ""


def left_out(history: History) -> tuple[Note, ...]:
    """What a report of new drifts alone says of the others."""
    if not history.older:
        return ()
    return (Note("Left out is what was there before. All: connector drift"),)


def outdated_note(account: str, run: int) -> Note:
    """That connector wrote to the account after the reading a report is about."""
    told = phrase(_OUTDATED, account=account, run=Count(run))
    return Note(told, Tone.CAUTION)


def _status(known: Seen, lapsed: Lapsed | None, zone: str) -> Term:
    """One line for how long a drift is there, and why its acceptance does not hold."""
    words = _STATUSES[known.status].format(
        since=_day(known.since, zone), gone=_day(known.gone, zone)
    )
    if lapsed:
        words += "; " + _LAPSES[lapsed.why].format(until=lapsed.acceptance.until)
    calm = known.status is Status.OPEN and lapsed is None
    return Term(known.status, words, Tone.PLAIN if calm else Tone.CAUTION)


def _day(at: datetime | None, zone: str) -> str:
    return f"{in_zone(Instant(at, zone)):%Y-%m-%d}" if at else ""
