"""Since when a drift's live value is there and who made it so, as columns of a report."""

from connector.model import BEGINNING
from connector.reconcile.drift import Drift
from connector.reconcile.origin import Origin, Origins
from connector.report.document import Cell, Column, CrmText, Instant, Missing, Place, phrase
from connector.report.hands import after, certainty, name_of, number_of, when, who

ORIGIN_COLUMNS = (
    Column("changed", "Changed", Place.UNDER),
    Column("changed_at", place=Place.DATA),
    Column("changed_after", place=Place.DATA),
    Column("changed_known", place=Place.DATA),
    Column("changed_by", place=Place.DATA),
    Column("changed_by_name", place=Place.DATA),
    Column("run", place=Place.DATA),
)
_UNKNOWN = Missing("not known; connector pull reads the history")


def origin_cells(drift: Drift, origins: Origins, zone: str) -> tuple[Cell, ...]:
    """The cells of `ORIGIN_COLUMNS` for one drift."""
    found = origins.of.get(drift.id)
    if found is None:
        return _UNKNOWN, *[None] * (len(ORIGIN_COLUMNS) - 1)
    return (
        _said(found, origins, zone),
        Instant(found.at, zone),
        after(found.not_before, zone),
        certainty(found.not_before),
        CrmText(found.by) if found.by is not None else None,
        name_of(found.by, origins.people),
        number_of(found.run),
    )


def _said(found: Origin, origins: Origins, zone: str) -> Cell:
    instant = when(found.at, found.not_before, zone)
    if found.not_before == BEGINNING:
        return instant
    hand = who(found.by, found.run, origins.people)
    link = "{when}, {hand}" if isinstance(hand, Missing) else "{when} by {hand}"
    return phrase(link, when=instant, hand=hand)
