"""How many deals are won of those decided: by when they closed, and by when they were created."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from connector.metrics.closings import OURS, Beside, ClosedOn, Closings, Creations, Reading, windows
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

    split: Split
    reading: Reading = OURS
    beside: Period | None = None
    trend: bool = False

    @property
    def fields(self) -> frozenset[str]:
        """The deal fields whose history it takes to answer."""
        dates = {Field.CLOSE_DATE} if self.reading.closed_on is ClosedOn.FIELD else set()
        return frozenset({Field.AMOUNT, *dates, *self.split.fields})


@dataclass(frozen=True, slots=True)
class Turn:
    """What closed in one funnel in a week, month or quarter, and in the one before it."""

    funnel: int
    period: Period
    now: Decided
    before: Decided


@dataclass(frozen=True, slots=True)
class WinRates:
    """Deals by funnel and group: those that closed in the period, and those created in it.

    Of `closed`, the first window is the report's period, the second the one beside it. `undated`
    decided deals have no close date; `marked` says whether any stage is for cancelled ones.
    """

    question: WinRateQuestion
    closed: Mapping[int, Mapping[Group, Beside[Decided]]]
    created: Mapping[int, Mapping[Group, Decided]]
    trend: tuple[Turn, ...]
    undated: int
    marked: bool


def win_rates(scope: Scope, question: WinRateQuestion, deals: Iterable[DealHistory]) -> WinRates:
    """Count deals in one pass."""
    grouping, reading = question.split.grouping(scope), question.reading
    turns = tuple(_turns(scope)) if question.trend else ()
    closings = Closings(scope, Decided, windows(scope, question.beside), grouping, reading)
    creations = Creations(scope, grouping, reading)
    trend = Closings(scope, Decided, [period.window for period in turns], reading=reading)
    counters = (closings, creations, trend) if turns else (closings, creations)
    for deal in deals:
        for counter in counters:
            counter.take(deal)
    by, privacy = question.split.by, scope.privacy
    return WinRates(
        question,
        by_funnel(closings.cells, lambda beside: beside.size, by, privacy),
        by_funnel(creations.cells, lambda cell: cell.decided, by, privacy),
        tuple(_trend(turns, trend)),
        closings.undated,
        any(stage.cancelled for funnel in scope.funnels for stage in funnel.stages),
    )


def _turns(scope: Scope) -> Iterator[Period]:
    """Of week, month and quarter the one that runs, and the three before it."""
    for span in (Span.WEEK, Span.MONTH, Span.QUARTER):
        # An instant knows what came before it, and so belongs to the period that ends with it.
        period = around(scope.as_of - 1, span, scope.zone, scope.fiscal_year_start)
        for _ in range(4):
            yield period
            period = before(period, scope.fiscal_year_start)


def _trend(turns: Sequence[Period], closings: Closings[Decided]) -> Iterator[Turn]:
    for (funnel, _), cell in sorted(closings.cells.items()):
        for (period, now), (earlier, then) in pairwise(zip(turns, cell.windows, strict=True)):
            if period.span is earlier.span:
                yield Turn(funnel, period, now, then)
