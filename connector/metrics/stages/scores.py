"""How good probabilities were, judged by what became of the cases they were given to."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from math import log
from typing import NamedTuple

from connector.metrics.statistics.proportions import Interval, binomial_p, wilson
from connector.metrics.statistics.sample_sizes import ENOUGH_TO_TELL

# From more distinct probabilities on, cases are put into so many bins of about equal size.
DISTINCT = 20
BINS = 10

_CLIP = 1e-15


class Side(StrEnum):
    """On which side probabilities are off: too high, too low, or no further than chance goes."""

    OVER = "over-confident"
    UNDER = "under-confident"
    NEITHER = "neither"


@dataclass(slots=True)
class Cases:
    """Decided cases by their probability and whether they were won, and those that do not count.

    Not scored are cases without a decision (`unresolved`) and without a probability (`unweighted`).
    Of those that are, `assumed` had a probability that is not known as far back.
    """

    counts: Counter[tuple[float, bool]] = field(default_factory=Counter)
    unresolved: int = 0
    unweighted: int = 0
    assumed: int = 0

    def add(self, other: "Cases") -> None:
        """Take in the cases of another."""
        self.counts.update(other.counts)
        self.unresolved += other.unresolved
        self.unweighted += other.unweighted
        self.assumed += other.assumed


class Bin(NamedTuple):
    """Cases of the same probability, or of neighbouring ones; `forecast` is its mean."""

    low: float
    high: float
    forecast: float
    won: int
    cases: int

    @property
    def observed(self) -> float:
        """The share won."""
        return self.won / self.cases

    @property
    def interval(self) -> Interval:
        """Wilson's 95 % interval of it."""
        return wilson(self.won, self.cases)


@dataclass(frozen=True, slots=True)
class Scores:
    """What so many decided cases say of their probabilities.

    `forecast` is the mean probability and `observed` the share won. `brier` is the mean of
    (p − won)² and `base` what it would be, had every case got the share won; `skill` = 1 − brier /
    base, None where all ended alike. `log_loss` is natural. `ece` is the mean gap between forecast
    and share won over the bins, weighted by their cases.
    """

    cases: int
    won: int
    forecast: float
    brier: float
    log_loss: float
    bins: tuple[Bin, ...]

    @property
    def observed(self) -> float:
        """The share won."""
        return self.won / self.cases

    @property
    def interval(self) -> Interval:
        """Wilson's 95 % interval of it."""
        return wilson(self.won, self.cases)

    @property
    def base(self) -> float:
        """The Brier score of the share won itself."""
        return self.observed * (1 - self.observed)

    @property
    def skill(self) -> float | None:
        """By how much the probabilities beat the share won."""
        return 1 - self.brier / self.base if self.base else None

    @property
    def ece(self) -> float:
        """The expected calibration error. Naeini et al. (2015), with these bins."""
        gaps = (abs(each.observed - each.forecast) * each.cases for each in self.bins)
        return sum(gaps) / self.cases

    @property
    def p_value(self) -> float:
        """How likely shares this far from the mean probability are by chance: exact binomial."""
        return binomial_p(self.won, self.cases, self.forecast)

    @property
    def side(self) -> Side:
        """On which side the probabilities are off, however little."""
        return Side.OVER if self.forecast > self.observed else Side.UNDER


def score(cases: Cases) -> Scores | None:
    """Score cases; None below ten, where only their number says anything. Brier (1950)."""
    counts = cases.counts
    total = counts.total()
    if total < ENOUGH_TO_TELL:
        return None
    squares = sum((p - won) ** 2 * many for (p, won), many in counts.items())
    losses = sum(_loss(p, won) * many for (p, won), many in counts.items())
    return Scores(
        cases=total,
        won=sum(many for (_, won), many in counts.items() if won),
        forecast=sum(p * many for (p, _), many in counts.items()) / total,
        brier=squares / total,
        log_loss=losses / total,
        bins=tuple(_bins(counts)),
    )


def _loss(p: float, won: bool) -> float:
    clipped = min(max(p, _CLIP), 1 - _CLIP)
    return -log(clipped if won else 1 - clipped)


def _bins(counts: Mapping[tuple[float, bool], int]) -> Iterator[Bin]:
    """Distinct probabilities, or ten bins of about as many cases; equal ones are never parted."""
    by_value: dict[float, list[int]] = {}
    for (p, won), many in sorted(counts.items()):
        by_value.setdefault(p, [0, 0])[won] += many
    if len(by_value) <= DISTINCT:
        for p, lost_won in by_value.items():
            yield _bin({p: lost_won})
        return
    total, before = sum(counts.values()), 0
    bins: dict[int, dict[float, list[int]]] = {}
    for p, lost_won in by_value.items():
        # By the rank of the value's middle case, so that no order of the cases matters.
        middle = before + sum(lost_won) / 2
        bins.setdefault(int(BINS * middle / total), {})[p] = lost_won
        before += sum(lost_won)
    yield from map(_bin, bins.values())


def _bin(values: Mapping[float, list[int]]) -> Bin:
    cases = sum(map(sum, values.values()))
    forecast = sum(p * sum(lost_won) for p, lost_won in values.items()) / cases
    won = sum(lost_won[True] for lost_won in values.values())
    return Bin(min(values), max(values), forecast, won, cases)
