"""How long stays last when some have not ended yet: the Kaplan–Meier estimator.

Time is in whatever unit the lengths are in. Everything is computed from counts by length, so that
a million stays cost as much as their distinct lengths.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import exp, log, sqrt

from connector.metrics.statistics.distributions import Z95

# Products of fractions miss a limit such as one half by rounding alone.
_SLACK = 1e-9


@dataclass(frozen=True, slots=True)
class Curve:
    """The share S(t) of stays that last longer than t, a step down at each length with an end.

    `times`, `survival` and `variance` run in parallel; the last is Greenwood's sum
    Σ dᵢ / (nᵢ (nᵢ − dᵢ)) up to that time. `longest` is the longest stay, ended or not.
    """

    times: tuple[float, ...]
    survival: tuple[float, ...]
    variance: tuple[float, ...]
    longest: float

    def quantile(self, share: float) -> float | None:
        """The smallest time by which this share of stays has ended; None where never reached."""
        # The curve only falls, so the first step at or below the limit can be bisected.
        index = bisect_left(self.survival, -_limit(share), key=lambda survival: -survival)
        return self.times[index] if index < len(self.times) else None

    def quantile_interval(self, share: float) -> tuple[float | None, float | None]:
        """The 95 % interval of a quantile: where each band of the curve first reaches its limit.

        After Brookmeyer and Crowley (1982); a side is None where its band never gets there.
        """
        limit = _limit(share)
        bands = [_band(*step) for step in zip(self.survival, self.variance, strict=True)]
        low = (time for time, band in zip(self.times, bands, strict=True) if band[0] <= limit)
        high = (time for time, band in zip(self.times, bands, strict=True) if band[1] <= limit)
        return next(low, None), next(high, None)

    def at(self, time: float) -> tuple[float, float, float] | None:
        """S(time) with its pointwise 95 % interval; None where no stay was followed that long."""
        if self._unknown(time):
            return None
        index = bisect_right(self.times, time) - 1
        if index < 0:
            return 1.0, 1.0, 1.0
        survival = self.survival[index]
        return survival, *_band(survival, self.variance[index])

    def restricted_mean(self, horizon: float) -> float | None:
        """The mean length of stays cut at a horizon, ∫₀^horizon S(t) dt; None where not known.

        Irwin (1949), Royston and Parmar (2013).
        """
        if self._unknown(horizon):
            return None
        inside = bisect_left(self.times, horizon)
        edges = (0.0, *self.times[:inside], horizon)
        heights = (1.0, *self.survival[:inside])
        spans = zip(heights, pairwise(edges), strict=True)
        return sum(height * (right - left) for height, (left, right) in spans)

    def _unknown(self, time: float) -> bool:
        return time > self.longest and (not self.survival or self.survival[-1] > 0)


def kaplan_meier(lengths: Sequence[float], ended: Sequence[int], unended: Sequence[int]) -> Curve:
    """The curve of stays counted by length, S(t) = Π over tᵢ ≤ t of (1 − dᵢ/nᵢ).

    `lengths` ascend; of each length, so many stays ended and so many were cut off there. A stay cut
    off at a length was still at risk when others of that length ended. Kaplan and Meier (1958).
    """
    at_risk = sum(ended) + sum(unended)
    times, survivals, variances = [], [], []
    survival, variance = 1.0, 0.0
    for length, ends, cuts in zip(lengths, ended, unended, strict=True):
        if ends:
            survival *= 1 - ends / at_risk
            variance += ends / (at_risk * (at_risk - ends)) if ends < at_risk else 0.0
            times.append(length)
            survivals.append(survival)
            variances.append(variance)
        at_risk -= ends + cuts
    longest = lengths[-1] if lengths else 0.0
    return Curve(tuple(times), tuple(survivals), tuple(variances), longest)


def _limit(share: float) -> float:
    return 1 - share + _SLACK


def _band(survival: float, variance: float) -> tuple[float, float]:
    """The log-log interval S^exp(∓z·√variance / log S) around one step of Kalbfleisch and Prentice.

    It has no value at S = 0; the band is closed to 0 there.
    """
    if survival <= 0:
        return 0.0, 0.0
    width = Z95 * sqrt(variance) / -log(survival)
    return survival ** exp(width), survival ** exp(-width)
