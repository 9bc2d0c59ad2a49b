"""What is lost: how soon, after how much time in which stage, and for what reason."""

from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from statistics import median

from connector.metrics.deal_history import DealHistory, Visit
from connector.metrics.flow.route import OUTSIDE, Route, Routes
from connector.metrics.grouping import ALL, By, Group, Split, pooled, split
from connector.metrics.periods import Window
from connector.metrics.scope import Scope
from connector.metrics.statistics.aalen_johansen import Estimate, cumulative_incidence
from connector.metrics.statistics.lengths import DAY, EXACT, by_length
from connector.metrics.statistics.sample_sizes import ENOUGH_TO_TELL
from connector.model import Outcome

LOST_REASON = "lost_reason"
DAYS = (30, 60, 90)

_EVER = Window(-(2**63), 2**63)
# The reason of a deal that has none.
UNTOLD = ""


@dataclass(slots=True)
class Lives:
    """How long deals took from their creation until they ended one way, or until now; in ms."""

    lost: "array[int]" = field(default_factory=lambda: array("q"))
    won: "array[int]" = field(default_factory=lambda: array("q"))
    undecided: "array[int]" = field(default_factory=lambda: array("q"))

    def __add__(self, other: "Lives") -> "Lives":
        return Lives(self.lost + other.lost, self.won + other.won, self.undecided + other.undecided)

    def of(self, outcome: Outcome) -> "array[int]":
        """The lengths of deals that are so."""
        if outcome is Outcome.LOST:
            return self.lost
        return self.won if outcome is Outcome.WON else self.undecided

    def __len__(self) -> int:
        return len(self.lost) + len(self.won) + len(self.undecided)


@dataclass(frozen=True, slots=True)
class ToLose:
    """How soon a group of deals is lost; the shares are incidences, with winning competing.

    `by` holds the share lost within each of `DAYS`, None where no deal was followed so long, and
    all are None below ten decided; `longest` is how long the longest was followed, in ms.
    """

    lost: int
    won: int
    undecided: int
    median: float | None
    by: tuple[Estimate | None, ...]
    end: Estimate | None
    longest: int
    binned: bool


@dataclass(slots=True)
class Spent:
    """The stays of decided deals in one stage, and the time they took, in ms."""

    stays: int = 0
    time: int = 0


@dataclass(frozen=True, slots=True)
class FunnelLosses:
    """The losses of one funnel; reasons are counted by the step a deal was lost from, or OUTSIDE.

    `spent_lost` is what went into lost deals, `spent_won` into won ones, by step.
    `reasons_of_reps` holds all of the lost deals of those reps that may be told apart.
    """

    to_lose: Mapping[Group, ToLose]
    spent_lost: Mapping[int, Spent]
    spent_won: Mapping[int, Spent]
    reasons: Mapping[int, Counter[str]]
    reasons_of_reps: Mapping[Group, Counter[str]]


@dataclass(frozen=True, slots=True)
class Losses:
    """The losses of each funnel; `negative` deals were closed before they were created."""

    funnels: tuple[FunnelLosses, ...]
    products: Split
    reps: Split
    reasons_known: bool
    negative: int


class _Losing:
    """What is counted of one funnel."""

    def __init__(self) -> None:
        self.lives: dict[Group, Lives] = defaultdict(Lives)
        self.spent_lost: dict[int, Spent] = defaultdict(Spent)
        self.spent_won: dict[int, Spent] = defaultdict(Spent)
        self.reasons: dict[int, Counter[str]] = defaultdict(Counter)
        self.reps: dict[Group, Counter[str]] = defaultdict(Counter)


class LossCounter:
    """Counts deals one by one.

    Those created in the report's period tell how soon deals are lost, and those closed in it where
    the time went and why they were lost.
    """

    def __init__(self, scope: Scope, products: Split, reps: Split):
        self._scope = scope
        self._window = scope.period.window if scope.period else _EVER
        self._product = products.grouping(scope)
        self._rep = reps.grouping(scope)
        self._routes = Routes(scope.funnels)
        self.funnels = [_Losing() for _ in scope.funnels]
        self.negative = 0

    def take(self, deal: DealHistory) -> None:
        """Count one deal, in the funnel in which it is now."""
        last = deal.visits[-1] if deal.visits else None
        if last is None or last.place is None:
            return
        found = self.funnels[last.place.funnel]
        start, end = self._window
        if start <= deal.created < end:
            self._live(deal, last, last.place.outcome, found)
        if last.place.outcome is not Outcome.OPEN and start <= last.entered < end:
            route = self._routes.of(deal.visits)
            self._close(deal, last.place.funnel, route, found)

    def _live(self, deal: DealHistory, last: Visit, outcome: Outcome, found: _Losing) -> None:
        if outcome is Outcome.OPEN:
            until = self._scope.as_of if deal.gone is None else deal.gone
        else:
            until = last.entered
        if until < deal.created:
            self.negative += 1
            return
        lives = found.lives[self._product.of(deal) if self._product else ALL]
        lives.of(outcome).append(until - deal.created)

    def _close(self, deal: DealHistory, funnel: int, route: Route, found: _Losing) -> None:
        way = next(way for way in route.ways if way.funnel == funnel)
        visits, is_lost = deal.visits, route.final is Outcome.LOST
        by_step = found.spent_lost if is_lost else found.spent_won
        for stay in way.stays:
            spent = by_step[stay.step]
            spent.stays += 1
            spent.time += (visits[stay.last].left or 0) - visits[stay.visit].entered
        if is_lost:
            told = deal.values.get(LOST_REASON)
            reason = (told[-1][1] if told else None) or UNTOLD
            found.reasons[way.spots[-2] if len(way.spots) > 1 else OUTSIDE][reason] += 1
            if self._rep:
                found.reps[self._rep.of(deal)][reason] += 1


def losses(scope: Scope, deals: Iterable[DealHistory]) -> Losses:
    """Count deals in one pass."""
    products, reps = split(By.PRODUCT, scope), split(By.OWNER, scope)
    counter = LossCounter(scope, products, reps)
    for deal in deals:
        counter.take(deal)
    return Losses(
        tuple(_funnel(found, scope, products) for found in counter.funnels),
        products,
        reps,
        LOST_REASON in scope.fields,
        counter.negative,
    )


def _funnel(found: _Losing, scope: Scope, products: Split) -> FunnelLosses:
    lives = found.lives
    if products.by and lives:
        every = sum(lives.values(), Lives())
        lives = {ALL: every} | pooled(lives, len, products.by, scope.privacy)
    return FunnelLosses(
        {group: to_lose(of) for group, of in lives.items()},
        found.spent_lost,
        found.spent_won,
        found.reasons,
        pooled(found.reps, Counter.total, By.OWNER, scope.privacy),
    )


def to_lose(lives: Lives) -> ToLose:
    """Measure how soon deals are lost, by Aalen and Johansen, from creation."""
    binned = len(lives) > EXACT
    counted = [by_length(each, binned=binned) for each in (lives.lost, lives.won, lives.undecided)]
    lost, won = len(lives.lost), len(lives.won)
    by: tuple[Estimate | None, ...] = (None,) * len(DAYS)
    end = None
    if lost + won >= ENOUGH_TO_TELL:
        lengths = sorted(set().union(*counted))
        *ended, unended = ([each[length] for length in lengths] for each in counted)
        incidence = cumulative_incidence(lengths, ended, unended)
        by = tuple(incidence.at(0, days * DAY) for days in DAYS)
        end = incidence.last(0)
    return ToLose(
        lost,
        won,
        len(lives.undecided),
        median(lives.lost) if lost >= ENOUGH_TO_TELL else None,
        by,
        end,
        max((max(each) for each in (lives.lost, lives.won, lives.undecided) if each), default=0),
        binned,
    )
