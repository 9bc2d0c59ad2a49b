"""Deals counted by how they ended, and what they were worth."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from connector.metrics.deal_history import DealHistory
from connector.metrics.statistics import independence
from connector.metrics.statistics.distributions import SIGNIFICANT
from connector.metrics.statistics.proportions import Interval, adjusted, wilson
from connector.metrics.statistics.sample_sizes import ENOUGH_TO_TELL
from connector.model import Outcome


@dataclass(slots=True)
class Decided:
    """A group of deals: won, lost or neither yet; values are whole hundredths.

    Of the decided ones, `without_amount` had none and `unpriced` had one in a currency without a
    rate; both are missing in the values. `gone` of the undecided were archived or merged.
    """

    won: int = 0
    lost: int = 0
    undecided: int = 0
    won_value: int = 0
    lost_value: int = 0
    without_amount: int = 0
    unpriced: int = 0
    gone: int = 0

    def take(self, deal: DealHistory, outcome: Outcome) -> None:
        """Count one deal, at its amount as of the report."""
        if outcome is Outcome.OPEN:
            self.undecided += 1
            self.gone += deal.gone is not None
            return
        amount = deal.amount
        if amount is None:
            unpriced = deal.unpriced and len(deal.amounts) > 0
            self.unpriced += unpriced
            self.without_amount += not unpriced
            amount = 0
        if outcome is Outcome.WON:
            self.won += 1
            self.won_value += amount
        else:
            self.lost += 1
            self.lost_value += amount

    def __add__(self, other: Self) -> "Decided":
        return Decided(
            self.won + other.won,
            self.lost + other.lost,
            self.undecided + other.undecided,
            self.won_value + other.won_value,
            self.lost_value + other.lost_value,
            self.without_amount + other.without_amount,
            self.unpriced + other.unpriced,
            self.gone + other.gone,
        )

    @property
    def decided(self) -> int:
        """The deals won or lost."""
        return self.won + self.lost

    @property
    def deals(self) -> int:
        """All deals."""
        return self.decided + self.undecided

    @property
    def rate(self) -> float | None:
        """The win rate, won / (won + lost); None where there are too few to tell."""
        return self.won / self.decided if self.decided >= ENOUGH_TO_TELL else None

    @property
    def interval(self) -> Interval | None:
        """Wilson's 95 % interval of the rate."""
        return wilson(self.won, self.decided) if self.decided >= ENOUGH_TO_TELL else None

    @property
    def value_rate(self) -> float | None:
        """Won value / (won + lost value); None where too few, or where no lost deal has a value."""
        if self.decided < ENOUGH_TO_TELL or self.lost_value == 0:
            return None
        return self.won_value / (self.won_value + self.lost_value)

    @property
    def is_mature(self) -> bool:
        """Whether at least nine of ten are decided, so that the rate will hardly move."""
        return 10 * self.decided >= 9 * self.deals


class Trend(StrEnum):
    """What became of a rate from one period to another."""

    UP = "up"
    DOWN = "down"
    UNCLEAR = "unclear"  # no more than chance would have it


def differ(groups: Sequence[Decided]) -> independence.Test | None:
    """Test whether groups differ in their win rates at all; None where they are too few to tell."""
    return independence.differ([(each.won, each.lost) for each in groups])


def trends(turns: Sequence[tuple[Decided, Decided]]) -> list[Trend | None]:
    """What became of each win rate from the first deals to the second; None where too few to tell.

    Judged together at the 5 % level, so that a long table does not cry wolf.
    """
    p_values = iter(adjusted([_p(*turn) for turn in turns if _tells(*turn)]))
    return [_trend(*turn, next(p_values)) if _tells(*turn) else None for turn in turns]


def _tells(before: Decided, now: Decided) -> bool:
    return before.rate is not None and now.rate is not None


def _p(before: Decided, now: Decided) -> float:
    table = [(before.won, before.lost), (now.won, now.lost)]
    if independence.smallest_expected(table) < independence.ENOUGH_EXPECTED:
        return 1.0
    return independence.chi_square(table).p


def _trend(before: Decided, now: Decided, p: float) -> Trend:
    if p > SIGNIFICANT:
        return Trend.UNCLEAR
    return Trend.UP if now.won * before.decided > before.won * now.decided else Trend.DOWN
