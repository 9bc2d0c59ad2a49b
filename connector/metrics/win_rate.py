"""How many deals are won of those decided: by when they closed, and by when they were created."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from connector.metrics.closings import EVER, OURS, Beside, ClosedOn, Closings, Creations, Reading
from connector.metrics.deal_history import DealHistory
from connector.metrics.decided import Decided
from connector.metrics.grouping import Group, Split, by_funnel
from connector.metrics.periods import Period, Span, around, before
from connector.metrics.scope import Scope
from connector.model import Field


@dataclass(frozen=True, slots=True)
class WinRateQuestion:
    """How win rates are asked for; `beside` is a period to hold the report's own against.

    With `trend`, weeks, months and quarters are held against the ones before.
    """

    split: Split = Split()
    reading: Reading = OURS
    beside: Period | None = None
    trend: bool = False

    @property
    def fields(self) -> frozenset[str]:
        """The deal fields whose history it takes to answer."""
        dates = {Field.CLOSE_DATE} if self.reading.closed_on is ClosedOn.FIELD else set()
        return frozenset({Field.AMOUNT, *dates, *self.split.fields})


@dataclass(frozen=True, slots=True)
class WinRates:
    """Deals by funnel and group: those that closed in the period, and those created in it.

    Of `closed`, the first window is the report's period, the second the one beside it. `trend` has
    the closings of `periods`. `undated` decided deals have no close date.
    """

    question: WinRateQuestion
    closed: Mapping[int, Mapping[Group, Beside]]
    created: Mapping[int, Mapping[Group, Decided]]
    periods: tuple[tuple[Span, Period], ...]
    trend: Mapping[int, Beside]
    undated: int


def win_rates(scope: Scope, question: WinRateQuestion, deals: Iterable[DealHistory]) -> WinRates:
    """Count deals in one pass."""
    grouping, reading = question.split.grouping(scope), question.reading
    asked = [scope.period] + ([question.beside] if question.beside else [])
    windows = [period.window if period else EVER for period in asked]
    periods = tuple(_trend_periods(scope)) if question.trend else ()
    closings = Closings(scope, windows, grouping, reading)
    creations = Creations(scope, grouping, reading)
    trend = Closings(scope, [period.window for _, period in periods], reading=reading)
    counters = (closings, creations, trend) if periods else (closings, creations)
    for deal in deals:
        for counter in counters:
            counter.take(deal)
    by, privacy = question.split.by, scope.privacy
    return WinRates(
        question,
        by_funnel(closings.cells, lambda beside: beside.size, by, privacy),
        by_funnel(creations.cells, lambda cell: cell.decided, by, privacy),
        periods,
        {funnel: cell for (funnel, _), cell in sorted(trend.cells.items())},
        closings.undated,
    )


def _trend_periods(scope: Scope) -> Iterator[tuple[Span, Period]]:
    """Of week, month and quarter the one that runs, the last one and the one before it."""
    for span in (Span.WEEK, Span.MONTH, Span.QUARTER):
        # An instant knows what came before it, and so belongs to the period that ends with it.
        period = around(scope.as_of - 1, span, scope.zone, scope.fiscal_year_start)
        for _ in range(3):
            yield span, period
            period = before(period, scope.fiscal_year_start)
