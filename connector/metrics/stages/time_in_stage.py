"""How long deals stay in a stage, read two ways: stays that ended, and all of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from connector.metrics.stages.exits import StageExits
from connector.metrics.stages.stays import Reading, Stays
from connector.metrics.statistics.kaplan_meier import Curve, kaplan_meier
from connector.metrics.statistics.lengths import DAY
from connector.metrics.statistics.sample_sizes import ENOUGH_TO_TELL

HORIZON_SECONDS = 30 * 86_400.0


@dataclass(frozen=True, slots=True)
class Naive:
    """Mean and median, in seconds, of the stays that ended; blind to those that drag on."""

    mean: float
    median: float


@dataclass(frozen=True, slots=True)
class Survival:
    """The share of stays that outlast the horizon, with its 95 % interval."""

    share: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Estimate:
    """Kaplan–Meier over all stays, in seconds.

    A quartile or a side of the median's 95 % interval is None where it is not reached yet: it lies
    beyond the longest stay. `restricted_mean` (of stays cut at the horizon) and `beyond` (the
    horizon) are None where no stay was followed that long.
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
    """The stays in one stage by one reading as of an instant, counted and measured, in seconds.

    `funnel` and `step` say which stage. `naive` and `estimate` are None below ten exits, where only
    the counts say anything; the latest reading knows no estimate, because it leaves out what has
    not ended. A pass-through is a stay that ended within a minute; it counts in every other number
    too.
    """

    reading: Reading
    funnel: int
    step: int
    stays: int
    exits: int
    still_open: int
    pass_throughs: int
    longest: float
    naive: Naive | None
    estimate: Estimate | None


@dataclass(frozen=True, slots=True)
class Stalled:
    """The deals that lie in a stage, and how many of them longer than `after`, in milliseconds.

    Both of the latter are None where nobody knows how long is too long.
    """

    funnel: int
    step: int
    deals: int
    after: int | None
    over: int | None


@dataclass(frozen=True, slots=True)
class StalledDeal:
    """A deal that lies in a stage too long; its owner is as of the instant, by their id.

    `since` is an instant and the others are lengths, in milliseconds: how long it has lain there,
    and how much longer than the stage's limit that is.
    """

    funnel: int
    step: int
    account: str
    id: str
    name: str
    owner: str | None
    since: int
    there: int
    over: int


class Why(StrEnum):
    """Why the visits of a stage do not count."""

    WON = "won"  # the CRM counts as won what the process has open
    LOST = "lost"
    UNMAPPED = "unmapped"  # the process has no such open stage
    GONE = "gone"  # it, or its pipeline, was not there


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Visits that count nowhere, under the last labels their stage is known by."""

    account: str
    pipeline: str
    stage: str
    why: Why
    visits: int


@dataclass(frozen=True, slots=True)
class StageTimes:
    """Time in stage as of an instant; `before` are the visits of the period compared with.

    With `binned`, lengths were counted in hours, so that each is off by half an hour at most; means
    and the longest stay are exact. `returns` are the visits, by funnel and step, of deals that had
    been in the stage before. `horizon` is in seconds.
    """

    horizon: float
    rows: tuple[TimeInStage, ...]
    binned: bool
    returns: Mapping[tuple[int, int], int]
    stalled: tuple[Stalled, ...]
    deals: tuple[StalledDeal, ...] = ()
    exits: tuple[StageExits, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    before: tuple[TimeInStage, ...] = ()


def time_in_stage(
    reading: Reading, funnel: int, step: int, stays: Stays, horizon: float = HORIZON_SECONDS
) -> TimeInStage:
    """Measure the stays in one stage; the horizon, in seconds, cuts the restricted mean."""
    exits, still_open = stays.ended, sum(stays.open)
    enough = exits >= ENOUGH_TO_TELL
    estimated = enough and reading is not Reading.LATEST
    return TimeInStage(
        reading=reading,
        funnel=funnel,
        step=step,
        stays=exits + still_open,
        exits=exits,
        still_open=still_open,
        pass_throughs=stays.pass_throughs,
        longest=stays.longest / 1000,
        naive=Naive(stays.mean / 1000, stays.median / 1000) if enough else None,
        estimate=_estimate(stays, horizon) if estimated else None,
    )


def stalled_after(row: TimeInStage, max_days: int | None) -> int | None:
    """How long a deal may stay before it counts as stalled, in milliseconds.

    What the process says; else the time by which 75 % of visits have ended, None where that is not
    known. For the visit reading.
    """
    if max_days is not None:
        return max_days * DAY
    if row.estimate is None or row.estimate.three_quarters is None:
        return None
    return round(row.estimate.three_quarters * 1000)


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
