"""The words for when something in a pipeline changed and by whose hand."""

from collections.abc import Mapping
from datetime import datetime

from connector.model import BEGINNING
from connector.report.cells import in_zone
from connector.report.document import Cell, Count, CrmText, Instant, Missing, Term, phrase

EXACT = Term("exact", "exact")
BETWEEN = Term("between", "between two pulls")
BEFORE = Term("before-history", "before our history begins")


def certainty(not_before: datetime | None) -> Term:
    """How well an instant is known."""
    if not_before is None:
        return EXACT
    return BEFORE if not_before == BEGINNING else BETWEEN


def when(at: datetime, not_before: datetime | None, zone: str) -> Cell:
    """The instant, or the time in which it lies."""
    latest = Instant(at, zone)
    if not_before is None:
        return latest
    if not_before == BEGINNING:
        return phrase("before {latest}, where our history begins", latest=latest)
    earliest = f"{in_zone(Instant(not_before, zone)):%Y-%m-%d %H:%M}"
    return phrase("between {earliest} and {latest}", earliest=earliest, latest=latest)


def after(not_before: datetime | None, zone: str) -> Instant | None:
    """The earliest an inexact instant can be, where that is known."""
    return None if not_before in (None, BEGINNING) else Instant(not_before, zone)


def who(by: str | None, run: int | None, people: Mapping[str, str]) -> Cell:
    """By whose hand: connector's own, somebody's by name or at least by number, or nobody's known.

    A run of ours counts for more than the user the CRM logs, who is the owner of our key.
    """
    if run is not None:
        return phrase("connector, run {run}", run=Count(run))
    if by is None:
        return Missing("by whom is not known")
    return CrmText(people[by]) if by in people else phrase("user {by}", by=CrmText(by))


def name_of(by: str | None, people: Mapping[str, str]) -> CrmText | None:
    """The name of a user, where it is known."""
    return CrmText(people[by]) if by is not None and by in people else None


def number_of(run: int | None) -> Count | None:
    """The number of a run of connector, where it was one."""
    return None if run is None else Count(run)
