"""How much won deals are worth, and how alike they are."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Self

from connector.metrics.deal_history import DealHistory
from connector.metrics.grouping import Group, Split, by_funnel
from connector.metrics.outcomes.closings import Beside, Closings, windows
from connector.metrics.periods import Period
from connector.metrics.scope import Scope
from connector.metrics.statistics.numbers import Numbers
from connector.model import Field, Outcome


@dataclass(slots=True)
class Sizes:
    """The amounts of won deals, in whole hundredths, as of the report.

    `without_amount` had none, `unpriced` one in a currency without a rate.
    """

    amounts: Numbers = field(default_factory=Numbers)
    without_amount: int = 0
    unpriced: int = 0

    def take(self, deal: DealHistory, outcome: Outcome) -> None:
        """Count one deal, if it was won."""
        if outcome is not Outcome.WON:
            return
        if deal.amount is not None:
            self.amounts.add(deal.amount)
        elif deal.unpriced and deal.amounts:
            self.unpriced += 1
        else:
            self.without_amount += 1

    def __add__(self, other: Self) -> "Sizes":
        return Sizes(
            self.amounts + other.amounts,
            self.without_amount + other.without_amount,
            self.unpriced + other.unpriced,
        )

    @property
    def decided(self) -> int:
        """The won deals, with an amount or without."""
        return len(self.amounts) + self.without_amount + self.unpriced


@dataclass(frozen=True, slots=True)
class DealSizes:
    """Won deals by funnel and group, in the report's period and in the one beside it."""

    split: Split
    won: Mapping[int, Mapping[Group, Beside[Sizes]]]
    beside: Period | None


def size_fields(split: Split) -> frozenset[str]:
    """The deal fields whose history deal sizes take."""
    return frozenset({Field.AMOUNT, *split.fields})


def deal_sizes(
    scope: Scope, split: Split, beside: Period | None, deals: Iterable[DealHistory]
) -> DealSizes:
    """Collect the amounts of won deals in one pass."""
    closings = Closings(scope, Sizes, windows(scope, beside), split.finder(scope))
    for deal in deals:
        closings.take(deal)
    won = {group: sizes for group, sizes in closings.cells.items() if sizes.size}
    told = by_funnel(won, lambda each: each.size, split.by, scope.privacy)
    return DealSizes(split, told, beside)
