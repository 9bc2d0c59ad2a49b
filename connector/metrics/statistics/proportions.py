"""Shares of a whole: their intervals, small samples shrunk to a rate, and tests of them."""

from collections.abc import Sequence
from itertools import accumulate
from math import sqrt
from typing import NamedTuple

from connector.metrics.statistics.distributions import Z95, beta_quantile, binomial_p

__all__ = ["Interval", "Posterior", "adjusted", "binomial_p", "shrunk", "wilson"]


class Interval(NamedTuple):
    """The two ends of a 95 % interval."""

    low: float
    high: float

    def excludes(self, value: float) -> bool:
        """Whether a value lies outside."""
        return not self.low <= value <= self.high


class Posterior(NamedTuple):
    """What is believed of a share once it was seen: the mean, and the middle 95 %."""

    mean: float
    low: float
    high: float

    @property
    def interval(self) -> Interval:
        """The middle 95 %."""
        return Interval(self.low, self.high)


def wilson(k: int, n: int) -> Interval:
    """The 95 % interval of a share that was k of n; everything where n is 0. Wilson (1927)."""
    if n == 0:
        return Interval(0.0, 1.0)
    share, z2 = k / n, Z95 * Z95
    centre = (share + z2 / (2 * n)) / (1 + z2 / n)
    width = Z95 * sqrt(share * (1 - share) / n + z2 / (4 * n * n)) / (1 + z2 / n)
    # At the ends the formula gives them exactly, but for rounding.
    return Interval(centre - width if k else 0.0, centre + width if k < n else 1.0)


def shrunk(k: float, n: float, rate: float, strength: float) -> Posterior:
    """A share of k in n, drawn to a rate as if so many more cases of that rate had been seen.

    The posterior of a beta(rate × strength, (1 − rate) × strength) prior; strength over 0.
    """
    a, b = k + rate * strength, n - k + (1 - rate) * strength
    mean = a / (a + b)
    if a == 0 or b == 0:
        return Posterior(mean, mean, mean)
    return Posterior(mean, beta_quantile(0.025, a, b), beta_quantile(0.975, a, b))


def adjusted(p_values: Sequence[float]) -> list[float]:
    """The p-values adjusted for being so many, in their own order. Benjamini and Hochberg (1995).

    Marking those at or below 0.05 keeps the expected share of false alarms among the marked there.
    """
    order = sorted(range(len(p_values)), key=p_values.__getitem__, reverse=True)
    many = len(p_values)
    raised = (p_values[place] * many / (many - rank) for rank, place in enumerate(order))
    found = dict(zip(order, accumulate(raised, min), strict=True))
    return [min(1.0, found[place]) for place in range(many)]
