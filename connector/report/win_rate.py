"""The report of win rates."""

from collections.abc import Iterator

from connector.metrics.closings import Beside, Cancelled, ClosedOn
from connector.metrics.decided import Decided, Trend, trend
from connector.metrics.grouping import Group
from connector.metrics.periods import Span
from connector.metrics.proportions import Interval as Ends
from connector.metrics.sample_sizes import ENOUGH_TO_TELL
from connector.metrics.win_rate import WinRates
from connector.report.amounts import SEVERAL, money
from connector.report.definitions import definitions
from connector.report.document import (
    Block,
    Cell,
    Column,
    Count,
    CrmText,
    Document,
    Fact,
    Interval,
    Missing,
    Note,
    Place,
    Share,
    Table,
    Term,
    Tone,
    phrase,
)
from connector.report.groups import group_cells, group_columns, group_notes
from connector.report.head import Head, head_facts, head_notes
from connector.report.layout import Row

_READINGS = {
    ClosedOn.CHANGE: Term("change", "the last change into a won or lost stage"),
    ClosedOn.FIELD: Term("field", "the CRM's close-date field"),
}
_CANCELLED = {
    Cancelled.IN: Term("in", "count as lost"),
    Cancelled.OUT: Term("out", "do not count"),
}
_TRENDS = {
    Trend.UP: Term("up", "up", Tone.GOOD),
    Trend.DOWN: Term("down", "down", Tone.BAD),
    Trend.UNCLEAR: Term("unclear", "not clearly"),
}
_TOO_FEW = Missing("too few")
_COUNTS = (Column("won", "Won"), Column("lost", "Lost"))
_RATE = (Column("win_rate", "Win rate"), Column("interval", "95 % interval"))
_VALUES = (
    Column("won_value", "Won value"),
    Column("lost_value", place=Place.DATA),
    Column("value_win_rate", "By value"),
    Column("without_amount", place=Place.DATA),
    Column("unpriced", place=Place.DATA),
)
_BEFORE = (
    Column("before_won", "Won before"),
    Column("before_lost", "Lost before"),
    Column("before_win_rate", "Rate before"),
    Column("change", "Changed"),
)
_UNDECIDED = (
    Column("undecided", "Undecided"),
    Column("gone", place=Place.DATA),
    Column("mature", "Settled"),
)
_FEW = f"Rates take at least {ENOUGH_TO_TELL} decided deals; below that there are counts only."
_UNDATED = "{deals} decided deals have no close date in the CRM's field and are in no period."
_UNMARKED = (
    "No stage is marked as cancelled, so nothing was left out. Give such a lost stage"
    " cancelled = true in its process file."
)
_NO_VALUE = "The CRM holds no amount for any lost deal here, so the win rate by value is undefined."
_MISSING = "{without} of the decided deals have no amount, which counts as nothing in the values"
_UNPRICED = ", and {unpriced} one in a currency without a rate"
_DEFINITIONS = (
    ("Win rate", "won + lost", "won / (won + lost); 95 % interval after Wilson"),
    ("By value", "won + lost", "won value / (won value + lost value), at the amounts as of then"),
    (
        "Closed in the period",
        "won + lost",
        "by the last change into a won or lost stage; a deal closed several times counts once, as"
        " it stands; reopened ones are open; archived later still counts",
    ),
    (
        "Created in the period",
        "all created",
        "by the CRM's creation; settled once nine of ten are won or lost, before that the rate"
        " will still move",
    ),
)


def win_rate_document(head: Head, rates: WinRates) -> Document:
    """Win rates by close date and by creation."""
    reading = rates.question.reading
    return Document(
        name="win-rate",
        version=1,
        title="Win rate",
        facts=(
            *head_facts(head),
            Fact("closed_on", "Closed on", _READINGS[reading.closed_on]),
            Fact("cancelled", "Cancelled deals", _CANCELLED[reading.cancelled]),
        ),
        blocks=(*head_notes(head), *_blocks(head, rates)),
    )


def _blocks(head: Head, rates: WinRates) -> Iterator[Block]:
    question = rates.question
    yield from group_notes(
        head, question.split, {group for row in rates.closed.values() for group in row}
    )
    yield _closed(head, rates)
    yield from _notes(head, rates)
    if question.beside:
        yield _compared(head, rates)
    if rates.trend:
        yield _trend(head, rates)
    yield _created(head, rates)
    yield definitions(*_DEFINITIONS)


def _closed(head: Head, rates: WinRates) -> Table:
    by = rates.question.split.by
    rows = tuple(
        (*group_cells(head.scope.funnels[funnel], group, by), *_rates(beside.windows[0]))
        + _values(head, beside.windows[0])
        for funnel, groups in rates.closed.items()
        for group, beside in groups.items()
    )
    columns = (*group_columns(by), *_COUNTS, *_RATE, *_VALUES)
    return Table("closed", columns, rows, "Closed in the period", "No deal closed in it.")


def _compared(head: Head, rates: WinRates) -> Table:
    by = rates.question.split.by
    rows = tuple(
        (*group_cells(head.scope.funnels[funnel], group, by), *_change(*beside.windows))
        for funnel, groups in rates.closed.items()
        for group, beside in groups.items()
    )
    columns = (*group_columns(by), *_COUNTS, _RATE[0], *_BEFORE)
    return Table("compared", columns, rows, "Beside the other period")


def _trend(head: Head, rates: WinRates) -> Table:
    columns = (
        *group_columns(None, "Period"),
        Column("span", place=Place.DATA),
        *_COUNTS,
        *_RATE,
        Column("change", "Changed"),
    )
    rows = []
    for funnel, beside in rates.trend.items():
        told = list(zip(rates.periods, beside.windows, strict=True))
        for ((span, period), now), before in zip(told, [*told[1:], None], strict=True):
            same = before is not None and before[0][0] is span
            group = Group(period.label, period.label)
            rows.append(
                (
                    *group_cells(head.scope.funnels[funnel], group, None),
                    Term(span, span),
                    *_rates(now),
                    _changed(before[1], now) if same else None,
                )
            )
    return Table(
        "trend", columns, tuple(rows), "Week, month and quarter, each beside the one before"
    )
