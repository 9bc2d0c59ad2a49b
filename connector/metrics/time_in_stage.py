"""How long deals stay in a stage, read two ways: visits that ended, and all of them."""

from dataclasses import dataclass
from itertools import accumulate

from connector.metrics.kaplan_meier import Curve, kaplan_meier
from connector.metrics.stays import Stays

MINIMUM_EXITS = 10
PASS_THROUGH_MS = 60_000
HORIZON_SECONDS = 30 * 86_400.0


@dataclass(frozen=True, slots=True)
class Naive:
    """Mean and median, in seconds, of the visits that ended; blind to those that drag on."""

    mean: float
    median: float


@dataclass(frozen=True, slots=True)
class Survival:
    """The share of visits that outlast the horizon, with its 95 % interval."""

    share: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Estimate:
    """Kaplan–Meier over all visits, in seconds.

    A quartile or a side of the median's 95 % interval is None where it is not reached yet: it lies
    beyond the longest stay. `restricted_mean` (of visits cut at the horizon) and `beyond` (the
    horizon) are None where no visit was followed that long.
    """

    quarter: float | None
    median: float | None
    median_low: float | None
    median_high: float | None
    three_quarters: float | None
    restricted_mean: float | None
    beyond: Survival | None


@dataclass(frozen=True, slots=True)
class TimeInStage:
    """One stage's visits as of an instant, counted and measured; lengths in seconds.

    `naive` and `estimate` are None below ten exits, where only the counts say anything. A
    pass-through is a visit that ended within a minute; it counts in every other number too.
    """

    pipeline: str
    stage: str
    visits: int
    exits: int
    still_open: int
    pass_throughs: int
    longest: float
    horizon: float
    naive: Naive | None
    estimate: Estimate | None


def time_in_stage(stays: Stays, horizon: float = HORIZON_SECONDS) -> TimeInStage:
    """Measure the visits of one stage; the horizon, in seconds, cuts the restricted mean."""
    exits, still_open = sum(stays.exits), sum(stays.open)
    enough = exits >= MINIMUM_EXITS
    return TimeInStage(
        pipeline=stays.pipeline,
        stage=stays.stage,
        visits=exits + still_open,
        exits=exits,
        still_open=still_open,
        pass_throughs=_pass_throughs(stays),
        longest=max(stays.lengths, default=0) / 1000,
        horizon=horizon,
        naive=_naive(stays, exits) if enough else None,
        estimate=_estimate(stays, horizon) if enough else None,
    )


def _pass_throughs(stays: Stays) -> int:
    counted = zip(stays.lengths, stays.exits, strict=True)
    return sum(exits for length, exits in counted if length < PASS_THROUGH_MS)


def _naive(stays: Stays, exits: int) -> Naive:
    total = sum(length * count for length, count in zip(stays.lengths, stays.exits, strict=True))
    middle = (_ranked(stays, (exits - 1) // 2) + _ranked(stays, exits // 2)) / 2
    return Naive(mean=total / exits / 1000, median=middle / 1000)


def _ranked(stays: Stays, rank: int) -> int:
    """The length of the visit at this rank, from 0, among those that ended, shortest first."""
    reached = zip(stays.lengths, accumulate(stays.exits), strict=True)
    return next(length for length, count in reached if count > rank)


def _estimate(stays: Stays, horizon: float) -> Estimate:
    seconds = tuple(length / 1000 for length in stays.lengths)
    curve = kaplan_meier(seconds, stays.exits, stays.open)
    low, high = curve.quantile_interval(0.5)
    return Estimate(
        quarter=curve.quantile(0.25),
        median=curve.quantile(0.5),
        median_low=low,
        median_high=high,
        three_quarters=curve.quantile(0.75),
        restricted_mean=curve.restricted_mean(horizon),
        beyond=_beyond(curve, horizon),
    )


def _beyond(curve: Curve, horizon: float) -> Survival | None:
    known = curve.at(horizon)
    return Survival(*known) if known else None
