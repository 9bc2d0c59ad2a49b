"""What deals that do not exist yet will bring: creation rate × win probability × amount × timing.

Deals keep coming in at the rate of the last year, and fare as those before them did: of the deals
created, the share F(x) is won within the time x (Aalen–Johansen from creation). Those created from
now on at a rate λ then bring λ · (G(b) − G(a)) wins between the times a and b from now, where G is
the integral of F: a deal created at c has until b − c.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from math import sqrt
from typing import NamedTuple

from connector.metrics.deal_history import DealHistory, value_at
from connector.metrics.periods import Window
from connector.metrics.stages.entrants import WON, Ending, ending
from connector.metrics.statistics.aalen_johansen import Incidence, cumulative_incidence
from connector.metrics.statistics.distributions import Z95
from connector.metrics.statistics.lengths import DAY, mid_hour
from connector.metrics.statistics.proportions import Interval
from connector.metrics.statistics.sample_sizes import ENOUGH_TO_TELL
from connector.model import Outcome

YEAR = 365 * DAY


class Expected(NamedTuple):
    """An expectation in hundredths, its 95 % interval, and the number of wins behind it."""

    value: float
    interval: Interval
    wins: float


@dataclass(frozen=True, slots=True)
class Inflow:
    """How deals come into one funnel, and what became of them.

    `created` of them came within `length` ms before the instant; `amounts` of won deals are their
    number, mean and mean square.
    """

    created: int
    length: int
    timing: Incidence
    amounts: int
    mean: float
    square: float

    def expected(self, since: int, until: int) -> tuple[float, float, float]:
        """Mean and variance of what is won between two times from now, and the number of wins.

        A compound Poisson sum has the variance wins × mean square. To it comes what is not known
        of its parts: the rate, the share won and the mean amount, each by its relative variance.
        """
        wins = self.created / self.length * (self._area(until) - self._area(since))
        share = self.timing.last(WON).share
        if not wins or not share:
            return 0.0, 0.0, 0.0
        value = wins * self.mean
        spread = max(self.square / self.mean**2 - 1, 0.0)
        unsure = 1 / self.created + (1 - share) / self.amounts + spread / self.amounts
        return value, wins * self.square + value**2 * unsure, wins

    def _area(self, time: int) -> float:
        """∫₀ᵗ F(x) dx of the share won by x."""
        steps = zip(self.timing.times, self.timing.shares[WON], strict=True)
        edges = ((start, share) for start, share in steps if start < time)
        return sum(
            share * (end - start) for (start, share), (end, _) in pairwise((*edges, (time, 0.0)))
        )


class NewDeals:
    """Learns how deals come in and what they bring; feed it every deal with `take`."""

    def __init__(self, funnels: int, as_of: int):
        self._as_of = as_of
        self._since = as_of - YEAR
        self._first = as_of
        self._created = [0] * funnels
        self._fates: list[dict[Outcome, Counter[int]]] = [
            {outcome: Counter() for outcome in Outcome} for _ in range(funnels)
        ]
        self._amounts = [(0, 0, 0)] * funnels

    def take(self, deal: DealHistory) -> None:
        """Count a deal in the funnel it came into."""
        place = deal.visits[0].place if deal.visits else None
        end = ending(deal, place.funnel, self._as_of) if place else None
        if place is None or end is None:
            return
        self._first = min(self._first, deal.created)
        self._created[place.funnel] += deal.created >= self._since
        length = max(end.at - deal.created, 0)
        self._fates[place.funnel][end.outcome][mid_hour(length)] += 1
        self._price(place.funnel, deal, end)

    def _price(self, funnel: int, deal: DealHistory, end: Ending) -> None:
        amount = value_at(deal.amounts, self._as_of)
        if end.outcome is Outcome.WON and amount is not None:
            number, total, squares = self._amounts[funnel]
            self._amounts[funnel] = number + 1, total + amount, squares + amount * amount

    def expected(self, window: Window) -> Expected | None:
        """What deals created from now on will bring in a window; None where too few were won."""
        inflows = tuple(self._inflows())
        if not inflows:
            return None
        since, until = (max(edge - self._as_of, 0) for edge in window)
        parts = [inflow.expected(since, until) for inflow in inflows]
        value, variance, wins = map(sum, zip(*parts, strict=True))
        return Expected(value, _gamma_interval(value, variance), wins)

    def _inflows(self) -> Iterator[Inflow]:
        """The funnels of which enough is known."""
        length = min(YEAR, self._as_of - self._first)
        known = zip(self._created, self._fates, self._amounts, strict=True)
        for created, fates, (number, total, squares) in known:
            if created and number >= ENOUGH_TO_TELL and total > 0:
                timing = _timing(fates[Outcome.WON], fates[Outcome.LOST], fates[Outcome.OPEN])
                mean, square = total / number, squares / number
                yield Inflow(created, length, timing, number, mean, square)


def _timing(won: Counter[int], lost: Counter[int], cut: Counter[int]) -> Incidence:
    lengths = sorted({*won, *lost, *cut})
    return cumulative_incidence(
        lengths, (_along(lengths, won), _along(lengths, lost)), _along(lengths, cut)
    )


def _along(lengths: Iterable[int], counted: Counter[int]) -> list[int]:
    return [counted[length] for length in lengths]


def _gamma_interval(mean: float, variance: float) -> Interval:
    """The middle 95 % of a gamma of this mean and variance, after Wilson and Hilferty (1931)."""
    if not mean or not variance:
        return Interval(mean, mean)
    shape = mean**2 / variance
    centre, width = 1 - 1 / (9 * shape), Z95 / (3 * sqrt(shape))
    return Interval(*(mean * max(centre + sign * width, 0.0) ** 3 for sign in (-1, 1)))
