"""The weighted pipeline at an instant: Σ amount × probability over the open deals."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Self

from connector.metrics.deal_history import DealHistory, value_at
from connector.metrics.forecasting.new_deals import Expected
from connector.metrics.forecasting.odds import KINDS, Configured, Kind, Odds, odds
from connector.metrics.forecasting.position import Position, forecast_category, position_at
from connector.metrics.forecasting.win_probability import Chances
from connector.metrics.grouping import By, Group, Grouping, Split
from connector.metrics.periods import Period, Span, around, day_of, following
from connector.metrics.scope import Scope
from connector.model import Outcome

_QUARTERS = 3


class Category(StrEnum):
    """What sellers promise of a deal, by the names HubSpot gives it."""

    COMMIT = "COMMIT"
    BEST_CASE = "BEST_CASE"


_PROMISED = frozenset(Category)


class Due(StrEnum):
    """Where open deals stand that are due in no month to come."""

    OVERDUE = "overdue"  # the date was in an earlier month
    UNDATED = "undated"


@dataclass(slots=True)
class Weighed:
    """A group of open deals; values are hundredths.

    `weighted` and `lacking` run along `KINDS`: the sum of each, and the deals with no probability
    of that kind, which weigh nothing in it. `without_amount` and `unpriced` (no rate to the
    report's currency) deals count with an amount of 0. `promised` are in a `Category`.
    """

    deals: int = 0
    amount: int = 0
    without_amount: int = 0
    unpriced: int = 0
    promised: int = 0
    commit: int = 0
    best_case: int = 0
    weighted: list[float] = field(default_factory=lambda: [0.0] * len(KINDS))
    lacking: list[int] = field(default_factory=lambda: [0] * len(KINDS))

    def take(self, deal: DealHistory, amount: int | None, category: str, chance: Odds) -> None:
        """Weigh one deal."""
        self.deals += 1
        if amount is None:
            self.unpriced += deal.unpriced
            self.without_amount += not deal.unpriced
            amount = 0
        self.amount += amount
        self.promised += category in _PROMISED
        self.commit += amount if category == Category.COMMIT else 0
        self.best_case += amount if category == Category.BEST_CASE else 0
        for kind, probability in enumerate(chance):
            if probability is None:
                self.lacking[kind] += 1
            else:
                self.weighted[kind] += probability * amount

    def __add__(self, other: Self) -> "Weighed":
        return Weighed(
            self.deals + other.deals,
            self.amount + other.amount,
            self.without_amount + other.without_amount,
            self.unpriced + other.unpriced,
            self.promised + other.promised,
            self.commit + other.commit,
            self.best_case + other.best_case,
            [one + more for one, more in zip(self.weighted, other.weighted, strict=True)],
            [one + more for one, more in zip(self.lacking, other.lacking, strict=True)],
        )


class Pipeline:
    """Weighs the open deals of a report, in all and by groups; feed it every deal with `take`.

    `due` runs along the periods `ahead`. `months` are keyed by their first day, or by why a deal is
    due in none. `flagged` deals lie in a stage whose probability is not known to have been in force
    at the instant; of deals that stayed in their stage as long as the `outstayed` ones, none was
    won.
    """

    def __init__(
        self,
        scope: Scope,
        ahead: Sequence[Period],
        ways: Sequence[By],
        configured: Configured,
        chances: Chances,
    ):
        self._scope = scope
        self._configured = configured
        self._chances = chances
        self._groupings = {by: Grouping(by, scope) for by in ways}
        self._month = day_of(scope.as_of, scope.zone).replace(day=1)
        self.ahead = ahead
        self.total = Weighed()
        self.funnels = [Weighed() for _ in scope.funnels]
        self.months: dict[date | Due, Weighed] = defaultdict(Weighed)
        self.due = [Weighed() for _ in self.ahead]
        self.groups: dict[By, dict[Group, Weighed]] = {by: defaultdict(Weighed) for by in ways}
        self.flagged = 0
        self.outstayed = 0

    def take(self, deal: DealHistory) -> None:
        """Weigh a deal where it is open."""
        at = self._scope.as_of
        position = position_at(deal, at)
        if position is None or not position.open:
            return
        weight = self._configured.at(position.place, at)
        self.flagged += weight is not None and not weight.known
        category = forecast_category(deal, at)
        chance = odds(deal, position, at, self._configured, self._chances)
        self.outstayed += chance[KINDS.index(Kind.EVIDENCE)] == 0
        for weighed in self._under(deal, position):
            weighed.take(deal, position.amount, category, chance)

    def _under(self, deal: DealHistory, position: Position) -> Iterator[Weighed]:
        """Everything a deal counts under."""
        yield self.total
        yield self.funnels[position.place.funnel]
        yield self.months[self._due(position.close)]
        for period, weighed in zip(self.ahead, self.due, strict=True):
            if position.close is not None and period.window.holds(position.close):
                yield weighed
        for by, grouping in self._groupings.items():
            yield self.groups[by][grouping.at(deal, self._scope.as_of)]

    def _due(self, close: int | None) -> date | Due:
        if close is None:
            return Due.UNDATED
        month = day_of(close, self._scope.zone).replace(day=1)
        return Due.OVERDUE if month < self._month else month


class WonSoFar:
    """What was won in a period before the instant of the report; values are hundredths."""

    def __init__(self, period: Period, as_of: int):
        self._window = period.window
        self._as_of = as_of
        self.deals = 0
        self.value = 0
        self.without_amount = 0

    def take(self, deal: DealHistory) -> None:
        """Count a deal where it was won in the period, whatever close date was expected."""
        closing = deal.closing
        if closing is None or not self._window.holds(closing.entered):
            return
        if closing.place is not None and closing.place.outcome is Outcome.WON:
            amount = value_at(deal.amounts, self._as_of)
            self.deals += 1
            self.value += amount or 0
            self.without_amount += amount is None and not deal.unpriced


@dataclass(frozen=True, slots=True)
class Forecast:
    """The weighted pipeline, and what is expected of the periods ahead.

    `won` is that of the first period; `new` says along the periods what deals not created yet
    will bring, None where too few were won to tell. `splits` are the ways it was to be split.
    `grain` is the unit in milliseconds in which lengths of time were counted.
    """

    pipeline: Pipeline
    won: WonSoFar
    new: tuple[Expected | None, ...]
    splits: tuple[Split, ...]
    grain: int = 1


def periods_ahead(scope: Scope) -> tuple[Period, ...]:
    """The period asked for; else the quarter the instant lies in, and the two after it."""
    if scope.period:
        return (scope.period,)
    quarters = [around(scope.as_of, Span.QUARTER, scope.zone, scope.fiscal_year_start)]
    while len(quarters) < _QUARTERS:
        quarters.append(following(quarters[-1], scope.fiscal_year_start))
    return tuple(quarters)
