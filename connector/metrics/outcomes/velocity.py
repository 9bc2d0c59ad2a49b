"""How much a funnel earns a day, and whether as many deals lie in it as its pace explains."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Self

from connector.metrics.deal_history import DealHistory
from connector.metrics.grouping import Group, Split, by_funnel
from connector.metrics.outcomes.attainment import Attainments, Pursuit, attainments
from connector.metrics.outcomes.targets import Target
from connector.metrics.periods import Period, Span, around
from connector.metrics.scope import Scope
from connector.metrics.statistics.lengths import DAY
from connector.metrics.statistics.sample_sizes import ENOUGH_TO_TELL
from connector.model import Outcome

TRAILING_DAYS = 90
# From this gap on, Little's law says that deals lie around.
LARGE_GAP = 0.25


@dataclass(slots=True)
class Flow:
    """What goes through a group of deals: counts, sums in whole hundredths and in milliseconds.

    `open` and `qualified`, the open ones past the first stage, are as of the report; all others are
    of the trailing days. `valued` won deals had an amount. Lives are those of won and lost deals;
    a `negative` one, closed before it was created, is in no sum of times.
    """

    open: int = 0
    qualified: int = 0
    created: int = 0
    won: int = 0
    lost: int = 0
    won_value: int = 0
    valued: int = 0
    won_cycles: int = 0
    won_cycle_ms: int = 0
    lives: int = 0
    life_ms: int = 0
    negative: int = 0

    def close(self, deal: DealHistory, at: int, outcome: Outcome) -> None:
        """Count a deal that was won or lost lately."""
        life = at - deal.created
        if life < 0:
            self.negative += 1
        else:
            self.lives += 1
            self.life_ms += life
        if outcome is not Outcome.WON:
            self.lost += 1
            return
        self.won += 1
        amount = deal.amount
        if amount is not None:
            self.valued += 1
            self.won_value += amount
        if life >= 0:
            self.won_cycles += 1
            self.won_cycle_ms += life

    def __add__(self, other: Self) -> "Flow":
        return Flow(*(getattr(self, name) + getattr(other, name) for name in self.__slots__))

    @property
    def deals(self) -> int:
        """The deals it speaks of: open ones and those decided lately."""
        return self.open + self.decided

    @property
    def decided(self) -> int:
        """The deals won or lost lately."""
        return self.won + self.lost

    @property
    def win_rate(self) -> float | None:
        """The win rate, won / (won + lost); None where there are too few to tell."""
        return self.won / self.decided if self.decided >= ENOUGH_TO_TELL else None

    @property
    def mean_value(self) -> float | None:
        """The mean amount of won deals, in hundredths."""
        return self.won_value / self.valued if self.valued else None

    @property
    def mean_cycle(self) -> float | None:
        """The mean days from creation to winning."""
        return self.won_cycle_ms / self.won_cycles / DAY if self.won_cycle_ms else None

    @property
    def mean_life(self) -> float | None:
        """The mean days from creation to winning or losing."""
        return self.life_ms / self.lives / DAY if self.lives else None

    @property
    def velocity(self) -> float | None:
        """Hundredths a day: qualified open × win rate × mean won value / mean won cycle."""
        rate, value, cycle = self.win_rate, self.mean_value, self.mean_cycle
        if rate is None or value is None or cycle is None:
            return None
        return self.qualified * rate * value / cycle

    @property
    def expected_open(self) -> float | None:
        """Created a day × mean life in days, as many as are open where nothing piles up.

        Little (1961).
        """
        life = self.mean_life
        if self.decided < ENOUGH_TO_TELL or life is None:
            return None
        return self.created / TRAILING_DAYS * life

    @property
    def gap(self) -> float | None:
        """How many more are open than expected, as a share of the expected ones."""
        expected = self.expected_open
        return (self.open - expected) / expected if expected else None


class Flows:
    """Counts what goes through funnels and groups."""

    def __init__(self, scope: Scope, split: Split):
        self._as_of = scope.as_of
        self._since = scope.as_of - TRAILING_DAYS * DAY
        self._group = split.finder(scope)
        self._firsts = [min(funnel.steps, default=0) for funnel in scope.funnels]
        self.cells: dict[tuple[int, Group], Flow] = defaultdict(Flow)

    def take(self, deal: DealHistory) -> None:
        """Count one deal."""
        last = deal.visits[-1] if deal.visits else None
        if last is None or (place := last.place) is None:
            return
        is_new = self._since <= deal.created < self._as_of
        is_open = place.outcome is Outcome.OPEN
        closed_lately = not is_open and last.entered >= self._since
        lies_open = is_open and deal.gone is None
        if not (is_new or closed_lately or lies_open):
            return
        cell = self.cells[place.funnel, self._group(deal)]
        cell.created += is_new
        if lies_open:
            cell.open += 1
            cell.qualified += place.step > self._firsts[place.funnel]
        if closed_lately:
            cell.close(deal, last.entered, place.outcome)


@dataclass(frozen=True, slots=True)
class Velocities:
    """What goes through each funnel and group, and how far the targets of a period are reached.

    `attained` is None where config.toml has no targets for the period.
    """

    split: Split
    flows: Mapping[int, Mapping[Group, Flow]]
    period: Period
    attained: Attainments | None


def velocities(
    scope: Scope, split: Split, targets: Mapping[str, Target], deals: Iterable[DealHistory]
) -> Velocities:
    """Count deals in one pass; targets are known by the labels of their periods.

    They are those of the report's period, or else of the quarter that runs.
    """
    period = scope.period or around(scope.as_of, Span.QUARTER, scope.zone, scope.fiscal_year_start)
    flows, pursuit = Flows(scope, split), Pursuit(scope, period)
    for deal in deals:
        flows.take(deal)
        pursuit.take(deal)
    target = targets.get(period.label)
    return Velocities(
        split,
        by_funnel(flows.cells, lambda flow: flow.deals, split.by, scope.privacy),
        period,
        attainments(scope, target, pursuit.cells) if target else None,
    )
