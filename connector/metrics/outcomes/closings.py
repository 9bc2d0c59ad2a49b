"""Deals counted by the period they closed in, and by the one they were created in."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, Protocol, Self, TypeVar

from connector.metrics.deal_history import DealHistory, Visit
from connector.metrics.funnel import Place
from connector.metrics.grouping import Group, Split
from connector.metrics.outcomes.decided import Decided
from connector.metrics.periods import Period, Span, Window, around
from connector.metrics.scope import Scope
from connector.model import Outcome

EVER = Window(-(2**63), 2**63)
_COHORTS = {Span.YEAR: Span.QUARTER, Span.HALF: Span.QUARTER, Span.QUARTER: Span.MONTH}


class ClosedOn(StrEnum):
    """What a deal's close date is: the instant of its last closing change, or the CRM's field."""

    CHANGE = "change"
    FIELD = "field"


class Cancelled(StrEnum):
    """Whether cancelled deals count as lost, or not as decided at all.

    They are those in a stage the process marks as cancelled, or that the CRM itself calls so.
    """

    IN = "in"
    OUT = "out"


@dataclass(frozen=True, slots=True)
class Reading:
    """Which of the vendors' readings of a win rate is asked for."""

    closed_on: ClosedOn = ClosedOn.CHANGE
    cancelled: Cancelled = Cancelled.IN


OURS = Reading()


def windows(scope: Scope, beside: Period | None) -> tuple[Window, ...]:
    """The window of a report, all of time where it has none, and the one held beside it."""
    asked = scope.period.window if scope.period else EVER
    return (asked, beside.window) if beside else (asked,)


class Tally(Protocol):
    """What is counted of the deals of a group; `decided` is how many were won or lost."""

    @property
    def decided(self) -> int:
        """How many deals it speaks of."""

    def take(self, deal: DealHistory, outcome: Outcome) -> None:
        """Count one deal."""

    def __add__(self, other: Self, /) -> Self:
        """Both groups as one."""


Counted = TypeVar("Counted", bound=Tally)
Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Beside(Generic[Counted]):
    """The same group of deals in several windows."""

    windows: tuple[Counted, ...]

    def __add__(self, other: "Beside[Counted]") -> "Beside[Counted]":
        pairs = zip(self.windows, other.windows, strict=True)
        return Beside(tuple(one + another for one, another in pairs))

    @property
    def size(self) -> int:
        """The fewest decided deals in any window that has some."""
        return min((each.decided for each in self.windows if each.decided), default=0)


class Closings(Generic[Key, Counted]):
    """Counts decided deals by the windows in which they closed, by funnel and group.

    `tally` makes what one group is counted in, `group` finds it. `undated` counts the decided deals
    whose close date nobody filled in.
    """

    def __init__(
        self,
        scope: Scope,
        tally: Callable[[], Counted],
        windows: Sequence[Window],
        group: Callable[[DealHistory], Key],
        reading: Reading = OURS,
    ):
        self._tally = tally
        self._windows = tuple(windows)
        self._group = group
        self._by_field = reading.closed_on is ClosedOn.FIELD
        self._skipped = _skipped(scope, reading)
        self.cells: dict[tuple[int, Key], Beside[Counted]] = defaultdict(self._empty)
        self.undated = 0

    def take(self, deal: DealHistory) -> None:
        """Count one deal, if it is closed."""
        closing = deal.closing
        if closing is None or closing.place is None:
            return
        place = closing.place
        if self._skipped(place):
            return
        at = self._closed_at(deal, closing)
        if at is None:
            self.undated += 1
            return
        cell = None
        for number, (start, end) in enumerate(self._windows):
            if start <= at < end:
                if cell is None:
                    cell = self.cells[place.funnel, self._group(deal)].windows
                cell[number].take(deal, place.outcome)

    def _closed_at(self, deal: DealHistory, closing: Visit) -> int | None:
        if not self._by_field:
            return closing.entered
        return deal.closes[-1][1] if deal.closes else None

    def _empty(self) -> Beside[Counted]:
        return Beside(tuple(self._tally() for _ in self._windows))


class Creations:
    """Counts deals created in a period, decided or not, by funnel and group.

    Not split, the groups are the cohorts of the period: its quarters or months.
    """

    def __init__(self, scope: Scope, split: Split, reading: Reading = OURS):
        self._window = scope.period.window if scope.period else EVER
        self._group = split.finder(scope) if split.by else Cohorts(scope).of
        self._skipped = _skipped(scope, reading)
        self.cells: dict[tuple[int, Group], Decided] = defaultdict(Decided)

    def take(self, deal: DealHistory) -> None:
        """Count one deal, if it was created then."""
        start, end = self._window
        if not start <= deal.created < end or not deal.visits:
            return
        place = deal.visits[-1].place
        if place is not None and not self._skipped(place):
            self.cells[place.funnel, self._group(deal)].take(deal, place.outcome)


class Cohorts:
    """Finds the quarter a deal was created in; within a quarter the month, and no less."""

    def __init__(self, scope: Scope):
        self._scope = scope
        self._starts: list[int] = []
        self._periods: list[tuple[int, Group]] = []

    def of(self, deal: DealHistory) -> Group:
        """The cohort of a deal, named after its period."""
        index = bisect_right(self._starts, deal.created) - 1
        if index < 0 or deal.created >= self._periods[index][0]:
            index = self._learn(deal.created)
        return self._periods[index][1]

    def _learn(self, at: int) -> int:
        period = self._around(at)
        index = bisect_right(self._starts, at)
        self._starts.insert(index, period.window.start)
        self._periods.insert(index, (period.window.end, Group(period.label, period.label)))
        return index

    def _around(self, at: int) -> Period:
        scope = self._scope
        asked = scope.period.span if scope.period else Span.DAYS
        if scope.period and asked in (Span.MONTH, Span.WEEK):
            return scope.period
        span = _COHORTS.get(asked, Span.QUARTER)
        return around(at, span, scope.zone, scope.fiscal_year_start)


def _skipped(scope: Scope, reading: Reading) -> Callable[[Place], bool]:
    """Whether deals in a stage do not count: where the CRM, too, counts it as lost."""
    if reading.cancelled is Cancelled.IN:
        return lambda place: False
    stages = frozenset(
        (number, step)
        for number, funnel in enumerate(scope.funnels)
        for step, stage in enumerate(funnel.stages)
        if stage.cancelled
    )
    called_off = scope.called_off
    return lambda place: (
        place.outcome is Outcome.LOST
        and ((place.funnel, place.step) in stages or place.stage in called_off)
    )
