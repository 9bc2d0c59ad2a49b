"""How long it takes to win a deal, to lose one, and to get the decision once it is asked for."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Self

from connector.metrics.deal_history import DealHistory
from connector.metrics.funnel import Place
from connector.metrics.grouping import Group, Split, by_funnel
from connector.metrics.outcomes.closings import EVER, Beside, Closings, windows
from connector.metrics.periods import Period
from connector.metrics.scope import Scope
from connector.metrics.statistics.kaplan_meier import Curve, kaplan_meier
from connector.metrics.statistics.lengths import EXACT, by_length
from connector.metrics.statistics.numbers import Numbers
from connector.model import Outcome


@dataclass(slots=True)
class Lengths:
    """From the CRM's creation to the closing, in milliseconds; `negative` ones are left out."""

    won: Numbers = field(default_factory=Numbers)
    lost: Numbers = field(default_factory=Numbers)
    negative: int = 0

    def take(self, deal: DealHistory, outcome: Outcome) -> None:
        """Count one closed deal."""
        length = deal.visits[-1].entered - deal.created
        if length < 0:
            self.negative += 1
        elif outcome is Outcome.WON:
            self.won.add(length)
        else:
            self.lost.add(length)

    def __add__(self, other: Self) -> "Lengths":
        return Lengths(self.won + other.won, self.lost + other.lost, self.negative + other.negative)

    @property
    def decided(self) -> int:
        """The deals won or lost."""
        return len(self.won) + len(self.lost) + self.negative


@dataclass(slots=True)
class Decisions:
    """From the first entry into the stage where the decision is asked for, in milliseconds.

    To the closing of decided deals; to the instant of the report, or to when the deal was archived
    or merged, for the others.
    """

    decided_after: Numbers = field(default_factory=Numbers)
    waiting: Numbers = field(default_factory=Numbers)

    def __add__(self, other: Self) -> "Decisions":
        return Decisions(self.decided_after + other.decided_after, self.waiting + other.waiting)

    @property
    def asked(self) -> int:
        """All deals in which the decision was asked for."""
        return len(self.decided_after) + len(self.waiting)

    @property
    def binned(self) -> bool:
        """Whether the curve counts lengths by the hour, each off by half an hour at most."""
        return self.asked > EXACT

    def curve(self) -> Curve:
        """The Kaplan–Meier curve of waiting for the decision, in seconds."""
        decided = by_length(self.decided_after, binned=self.binned)
        waiting = by_length(self.waiting, binned=self.binned)
        lengths = sorted(decided.keys() | waiting.keys())
        return kaplan_meier(
            [length / 1000 for length in lengths],
            [decided[length] for length in lengths],
            [waiting[length] for length in lengths],
        )


class Asking:
    """Measures how long deals wait for the decision that was first asked for in the period."""

    def __init__(self, scope: Scope, split: Split):
        self._as_of = scope.as_of
        self._window = scope.period.window if scope.period else EVER
        self._group = split.finder(scope)
        self._asks = frozenset(
            (number, step)
            for number, funnel in enumerate(scope.funnels)
            for step, stage in enumerate(funnel.stages)
            if stage.ask
        )
        self.cells: dict[tuple[int, Group], Decisions] = defaultdict(Decisions)

    @property
    def funnels(self) -> frozenset[int]:
        """The positions of funnels with a stage where the decision is asked for."""
        return frozenset(funnel for funnel, _ in self._asks)

    def take(self, deal: DealHistory) -> None:
        """Count one deal, if its decision was asked for in the period."""
        place = deal.visits[-1].place if deal.visits and self._asks else None
        if place is None or (asked := self._asked(deal, place.funnel)) is None:
            return
        if self._window.holds(asked):
            cell = self.cells[place.funnel, self._group(deal)]
            closing = deal.closing
            if closing:
                cell.decided_after.add(closing.entered - asked)
            else:
                cell.waiting.add((deal.gone or self._as_of) - asked)

    def _asks_here(self, place: Place) -> bool:
        # What the CRM counts as closed is no stage to wait in, whatever the process says of it.
        return place.outcome is Outcome.OPEN and (place.funnel, place.step) in self._asks

    def _asked(self, deal: DealHistory, funnel: int) -> int | None:
        """When a deal first came into the stage of its funnel where the decision is asked for."""
        for visit in deal.visits:
            place = visit.place
            if place and place.funnel == funnel and self._asks_here(place):
                return visit.entered
        return None


@dataclass(frozen=True, slots=True)
class Cycles:
    """Lengths by funnel and group, of deals closed in the report's period and in the one beside it.

    `decisions` are those asked for in the period; `asking` are the funnels, by position, that have
    a stage for it.
    """

    split: Split
    beside: Period | None
    closed: Mapping[int, Mapping[Group, Beside[Lengths]]]
    decisions: Mapping[int, Mapping[Group, Decisions]]
    asking: frozenset[int]


def cycles(
    scope: Scope, split: Split, beside: Period | None, deals: Iterable[DealHistory]
) -> Cycles:
    """Measure deals in one pass."""
    closings = Closings(scope, Lengths, windows(scope, beside), split.finder(scope))
    asking = Asking(scope, split)
    for deal in deals:
        closings.take(deal)
        asking.take(deal)
    return Cycles(
        split,
        beside,
        by_funnel(closings.cells, lambda each: each.size, split.by, scope.privacy),
        by_funnel(asking.cells, lambda each: each.asked, split.by, scope.privacy),
        asking.funnels,
    )
