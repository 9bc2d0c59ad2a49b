"""How many deals go on from each stage, by three rules, and how each stay in a stage ended."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import reduce
from itertools import pairwise
from operator import add
from typing import NamedTuple, Self

from connector.metrics.deal_history import DealHistory
from connector.metrics.flow.moves import Move, moves
from connector.metrics.flow.route import WON, Ending, Route, Routes, Way, begun_in
from connector.metrics.funnel import Funnel
from connector.metrics.grouping import ALL, By, Group, Grouping, Split, pooled
from connector.metrics.periods import Window
from connector.metrics.privacy import Privacy
from connector.metrics.scope import Scope
from connector.metrics.statistics.proportions import Interval, wilson
from connector.metrics.statistics.sample_sizes import ENOUGH_TO_TELL
from connector.model import Outcome

# So many different ways of deals are counted before they are summed up.
_COUNTED = 50_000


class Rule(StrEnum):
    """What counts as having gone on from stage A to stage B."""

    DIRECT = "direct"  # some stay in A ended in B
    REACHED = "reached"  # after the first entry to A: B, any later stage, or won
    STRICT = "strict"  # B and every stage before it, in any order


class Pair(NamedTuple):
    """Two steps of a funnel, from the first on to the second, which may be WON."""

    start: int
    onto: int


@dataclass(frozen=True, slots=True)
class Conversion:
    """Deals that entered A, those of them that went on to B, and those that still may.

    Undecided ones did not go on and were open when last known, in whatever pipeline.
    """

    entered: int = 0
    converted: int = 0
    undecided: int = 0

    @property
    def failed(self) -> int:
        """Those that did not go on and are closed."""
        return self.entered - self.converted - self.undecided

    @property
    def rate(self) -> float | None:
        """The converted of all that entered; None where too few are decided to tell."""
        return self.converted / self.entered if self._is_enough else None

    @property
    def interval(self) -> Interval | None:
        """Wilson's 95 % interval of the rate."""
        return wilson(self.converted, self.entered) if self._is_enough else None

    @property
    def _is_enough(self) -> bool:
        return self.entered - self.undecided >= ENOUGH_TO_TELL

    def __add__(self, other: Self) -> "Conversion":
        return Conversion(
            self.entered + other.entered,
            self.converted + other.converted,
            self.undecided + other.undecided,
        )


@dataclass(frozen=True, slots=True)
class FunnelFlow:
    """What became of the deals in one funnel.

    `conversions` count deals; the group is ALL where the report is not split. `outcomes` count
    stays by step, and `moves` are those that began or ended them.
    """

    funnel: Funnel
    pairs: tuple[Pair, ...]
    keys: tuple[Pair, ...]
    conversions: dict[tuple[Group, Pair, Rule], Conversion] = field(
        default_factory=lambda: defaultdict(Conversion)
    )
    outcomes: Mapping[int, Counter[Ending]] = field(default_factory=lambda: defaultdict(Counter))
    moves: Counter[Move] = field(default_factory=Counter)

    def of(self, pair: Pair, rule: Rule) -> Conversion:
        """The conversion of all groups together."""
        cells = self.conversions.items()
        found = (cell for (_, of, by), cell in cells if (of, by) == (pair, rule))
        return reduce(add, found, Conversion())

    def groups(self, pair: Pair, rule: Rule, by: By, privacy: Privacy) -> dict[Group, Conversion]:
        """The conversion of each group that may be told apart."""
        cells = self.conversions.items()
        found = {group: cell for (group, of, how), cell in cells if (of, how) == (pair, rule)}
        return pooled(found, lambda cell: cell.entered, by, privacy)

    def add(self, way: Way, final: Outcome, inside: range, group: Group, n: int) -> None:
        """Count so many deals that went a way; `inside` are the visits that began in the window.

        Deals count where their first entry to a stage lies in it, stays where theirs does.
        """
        for pair in dict.fromkeys((*self.pairs, *self.keys)):
            for rule, converted in _conversions(self.funnel, way, pair, inside):
                self.conversions[group, pair, rule] += Conversion(
                    n, n * converted, n * (not converted and final is Outcome.OPEN)
                )
        for stay in way.stays:
            if stay.visit in inside:
                self.outcomes[stay.step][stay.ending] += n
        for move in moves(self.funnel, way, inside):
            self.moves[move] += n


class Flow:
    """Follows deals through every funnel of a report; a window makes a cohort of them."""

    def __init__(
        self, scope: Scope, window: Window | None = None, grouping: Grouping | None = None
    ):
        self._routes = Routes(scope.funnels)
        self._window = window
        self._grouping = grouping
        self._counted: Counter[tuple[Group, Route, range]] = Counter()
        self._flows = tuple(map(_flow, scope.funnels))

    def take(self, deal: DealHistory) -> None:
        """Follow one deal."""
        inside = begun_in(deal.visits, self._window)
        if not inside:
            return
        group = self._grouping.of(deal) if self._grouping else ALL
        self._counted[group, self._routes.of(deal.visits), inside] += 1
        if len(self._counted) >= _COUNTED:
            self._sum_up()

    def flows(self) -> tuple[FunnelFlow, ...]:
        """What was found, funnel by funnel."""
        self._sum_up()
        return self._flows

    def _sum_up(self) -> None:
        for (group, route, inside), deals in self._counted.items():
            for way in route.ways:
                self._flows[way.funnel].add(way, route.final, inside, group, deals)
        self._counted.clear()


@dataclass(frozen=True, slots=True)
class Conversions:
    """What became of the deals of a cohort, and of the one beside it, judged by the same instant.

    `rule` is the one people asked for; the flows hold all of them, funnel by funnel.
    """

    rule: Rule
    split: Split
    flows: tuple[FunnelFlow, ...]
    compared: tuple[FunnelFlow, ...] = ()


def conversions(
    scope: Scope, rule: Rule, asked: Split, beside: Window | None, deals: Iterable[DealHistory]
) -> Conversions:
    """Follow deals in one pass: those of the report's period, or all, and those of another."""
    flow = Flow(scope, scope.period.window if scope.period else None, asked.grouping(scope))
    other = Flow(scope, beside) if beside else None
    for deal in deals:
        flow.take(deal)
        if other:
            other.take(deal)
    return Conversions(rule, asked, flow.flows(), other.flows() if other else ())


def _flow(funnel: Funnel) -> FunnelFlow:
    steps = funnel.steps
    pairs = tuple(Pair(*pair) for pair in pairwise((*steps, WON))) if steps else ()
    return FunnelFlow(funnel, pairs, tuple(_keys(funnel)))


def _keys(funnel: Funnel) -> Iterator[Pair]:
    for start, onto in funnel.key_conversions:
        won = funnel.stages[onto].outcome is Outcome.WON
        yield Pair(start, WON if won else onto)


def _conversions(
    funnel: Funnel, way: Way, pair: Pair, inside: range
) -> Iterator[tuple[Rule, bool]]:
    """Whether a deal that entered the first stage went on, by each rule that counts it at all."""
    start, onto = pair
    if start not in way.spots:
        return
    first = way.spots.index(start)
    if way.begins[first] not in inside:
        return
    yield Rule.DIRECT, any(stay.step == start and stay.onto == onto for stay in way.stays)
    yield Rule.REACHED, any(map(_reaches(onto), way.spots[first + 1 :]))
    touched = frozenset(way.spots)
    if touched.issuperset(step for step in funnel.steps if step <= start):
        earlier = (step for step in funnel.steps if onto == WON or step <= onto)
        yield Rule.STRICT, onto in touched and touched.issuperset(earlier)


def _reaches(onto: int) -> Callable[[int], bool]:
    """Whether a spot is that step, a later one, or won."""
    return lambda spot: spot == WON or 0 <= onto <= spot
