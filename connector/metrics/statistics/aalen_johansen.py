"""How stays end when several endings compete and some have not ended: Aalen–Johansen.

Time is in whatever unit the lengths are in. Everything is computed from counts by length, as in
`kaplan_meier`.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, log, sqrt
from typing import NamedTuple

from connector.metrics.statistics.distributions import Z95
from connector.metrics.statistics.proportions import Interval

_START = -1

# Sums of shares miss 0 and 1 by so much at most; there the interval's formula has no value.
_ROUNDING = 1e-12


class Estimate(NamedTuple):
    """A share with its 95 % interval; None where it is 0 or 1, of which the formula knows none."""

    share: float
    interval: Interval | None


@dataclass(frozen=True, slots=True)
class Incidence:
    """The share of stays that ended each way by a time; a step at each length with an end.

    All run in parallel: at `times`, of `at_risk` stays so many ended (`ended`), by cause `causes`,
    after which the share `survival` lasts on and `shares`, by cause, have ended. `longest` is the
    longest stay, ended or not.
    """

    times: tuple[float, ...]
    at_risk: tuple[int, ...]
    ended: tuple[int, ...]
    causes: tuple[tuple[int, ...], ...]
    survival: tuple[float, ...]
    shares: tuple[tuple[float, ...], ...]
    longest: float

    def share(self, cause: int, time: float) -> float:
        """The share that ended so by a time; behind the longest stay, what it was there."""
        step = self._step(time)
        return 0.0 if step == _START else self.shares[cause][step]

    def lasting(self, time: float) -> float:
        """The share that lasts longer than a time; behind the longest stay, what it was there."""
        step = self._step(time)
        return 1.0 if step == _START else self.survival[step]

    def at(self, cause: int, time: float) -> Estimate | None:
        """The share that ended so by a time; None where no stay was followed that long."""
        if time > self.longest and (not self.survival or self.survival[-1] > 0):
            return None
        return self._estimate(cause, self._step(time))

    def last(self, cause: int) -> Estimate:
        """The share that ended so by the longest stay: what `lasting` leaves open is undecided."""
        return self._estimate(cause, len(self.times) - 1)

    def _step(self, time: float) -> int:
        return bisect_right(self.times, time) - 1

    def _estimate(self, cause: int, step: int) -> Estimate:
        share = 0.0 if step == _START else self.shares[cause][step]
        if not _ROUNDING < share < 1 - _ROUNDING:
            return Estimate(share, None)
        return Estimate(share, _log_log(share, self._variance(cause, step)))

    def _variance(self, cause: int, last: int) -> float:
        """Aalen (1978), as Pintilie, Competing Risks (2006), writes it in 4.5."""
        shares, ends = self.shares[cause], self.causes[cause]
        total, before = 0.0, 1.0
        for step in range(last + 1):
            risk, ended, so = self.at_risk[step], self.ended[step], ends[step]
            if risk > 1:
                rest = shares[last] - shares[step]
                alone = before * so * (risk - so) / risk
                total += before * alone / (risk * (risk - 1))
                # Where all ended, nothing is left for later steps to add.
                if risk > ended:
                    total += rest * (rest * ended - 2 * alone) / ((risk - 1) * (risk - ended))
            before = self.survival[step]
        return max(total, 0.0)


def cumulative_incidence(
    lengths: Sequence[float],
    ended: Sequence[Sequence[int]],
    unended: Sequence[int],
    late: Sequence[int] = (),
) -> Incidence:
    """The incidence of each ending of stays counted by length. Aalen and Johansen (1978).

    `lengths` ascend; of each length, so many stays ended by each cause (`ended`, a sequence of
    counts for each cause) and so many were cut off there, which were still at risk as others of
    that length ended. `late`, where stays were not seen from their start, counts those that came
    under observation at a length: at risk right after it.
    """
    at_risk = sum(map(sum, ended)) + sum(unended) - sum(late)
    times, risks, ends, survival = [], [], [], [1.0]
    shares: list[list[float]] = [[0.0] for _ in ended]
    by_cause = list(zip(*ended, strict=True)) if ended else [()] * len(lengths)
    joining = late or [0] * len(lengths)
    for length, so, cut, joined in zip(lengths, by_cause, unended, joining, strict=True):
        if gone := sum(so):
            for cause, share in zip(so, shares, strict=True):
                share.append(share[-1] + survival[-1] * cause / at_risk)
            times.append(length)
            risks.append(at_risk)
            ends.append(so)
            survival.append(survival[-1] * (1 - gone / at_risk))
        at_risk += joined - gone - cut
    return Incidence(
        tuple(times),
        tuple(risks),
        tuple(map(sum, ends)),
        tuple(zip(*ends, strict=True)) if ends else tuple(() for _ in ended),
        tuple(survival[1:]),
        tuple(tuple(share[1:]) for share in shares),
        lengths[-1] if lengths else 0.0,
    )


def _log_log(share: float, variance: float) -> Interval:
    """The interval share^exp(±z·σ / (share·log share)) of Kalbfleisch and Prentice."""
    width = Z95 * sqrt(variance) / (share * -log(share))
    return Interval(share ** exp(width), share ** exp(-width))
