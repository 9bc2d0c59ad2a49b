"""The cells of won and lost deals, of their rate and of what they were worth."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from connector.metrics.outcomes.decided import Decided, Trend, trends
from connector.report.analytics.amounts import money
from connector.report.analytics.head import Head
from connector.report.document import (
    Cell,
    Column,
    Count,
    Interval,
    Missing,
    Place,
    Share,
    Term,
    Tone,
)
from connector.report.layout import Row

_COUNTS = (Column("won", "Won"), Column("lost", "Lost"), Column("win_rate", "Win rate"))
_RATE = (*_COUNTS, Column("win_rate_interval", "95 % interval"))
_VALUES = (
    Column("won_value", "Won value"),
    Column("lost_value", place=Place.DATA),
    Column("value_win_rate", "By value"),
    Column("without_amount", place=Place.DATA),
    Column("unpriced", place=Place.DATA),
)
CLOSING = (*_RATE, *_VALUES)
COHORT = (
    *_RATE,
    Column("undecided", "Open"),
    Column("gone", place=Place.DATA),
    Column("mature", "Settled"),
    # Beside these there is no room for a sum.
    replace(_VALUES[0], place=Place.DATA),
    *_VALUES[1:],
)
TURNED = (
    *_COUNTS,
    Column("before_won", "Won before"),
    Column("before_lost", "Lost before"),
    Column("before_win_rate", "Rate before"),
    Column("change", "Changed"),
)
_TRENDS = {
    Trend.UP: Term("up", "up", Tone.GOOD),
    Trend.DOWN: Term("down", "down", Tone.BAD),
    Trend.UNCLEAR: Term("unclear", "not clearly"),
}
_TOO_FEW = Missing("too few")


def closing_cells(head: Head, cell: Decided) -> Row:
    """What stands in the columns of closed deals."""
    return (*_rate(cell), *_values(head, cell))


def cohort_cells(head: Head, cell: Decided) -> Row:
    """What stands in the columns of a cohort."""
    undecided = Count(cell.undecided), Count(cell.gone), cell.is_mature
    return (*_rate(cell), *undecided, *_values(head, cell))


def turned_cells(turns: Sequence[tuple[Decided, Decided]]) -> Iterator[Row]:
    """What stands in the columns of deals beside earlier ones, for the rows of a whole table."""
    for (before, now), became in zip(turns, trends(turns), strict=True):
        yield (*_plain(now), *_plain(before), _TRENDS[became] if became else None)


def _rate(cell: Decided) -> Row:
    few = _TOO_FEW if cell.decided else None
    ends = cell.interval
    return (
        Count(cell.won),
        Count(cell.lost),
        few if cell.rate is None else Share(cell.rate),
        Interval(Share(ends.low), Share(ends.high)) if ends else None,
    )


def _plain(cell: Decided) -> Row:
    return Count(cell.won), Count(cell.lost), _rate(cell)[2]


def _values(head: Head, cell: Decided) -> Row:
    return (
        money(head, cell.won_value),
        money(head, cell.lost_value),
        _value_rate(head, cell),
        Count(cell.without_amount),
        Count(cell.unpriced),
    )


def _value_rate(head: Head, cell: Decided) -> Cell:
    if head.scope.currency is None or cell.rate is None:
        return None
    return Missing("no lost value") if cell.value_rate is None else Share(cell.value_rate)
