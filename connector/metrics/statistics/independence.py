"""Whether groups differ at all in how their cases end, or only by chance."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import exp, lgamma
from random import Random

from connector.metrics.statistics.distributions import SIGNIFICANT, chi_square_above
from connector.metrics.statistics.sample_sizes import ENOUGH_TO_TELL

Counts = Sequence[Sequence[int]]

# Pearson's test is only as good as the smallest count it expects; this is the usual limit.
ENOUGH_EXPECTED = 5
# So many draws know a p around 0.05 to a hundredth, in a tenth of a second.
_ROUNDS = 1_999
# A statistic that is equal but for rounding counts as reached.
_SLACK = 1e-9


@dataclass(frozen=True, slots=True)
class Test:
    """A test of the claim that all groups are alike: small p says that they are not.

    `df` is None for a permutation test, which needs none.
    """

    statistic: float
    df: int | None
    p: float

    @property
    def significant(self) -> bool:
        """Whether chance hardly explains the differences."""
        return self.p <= SIGNIFICANT


def differ(table: Counts) -> Test | None:
    """Test by whichever way its counts allow; None where too few cases or endings tell nothing."""
    told = _told(table)
    if len(told) < 2 or len(told[0]) < 2 or sum(map(sum, told)) < ENOUGH_TO_TELL:
        return None
    return chi_square(told) if smallest_expected(told) >= ENOUGH_EXPECTED else permutation(told)


def chi_square(table: Counts) -> Test:
    """Pearson's test, without a correction; a row for each group, a column for each ending.

    Rows and columns without a case are left out. Pearson (1900).
    """
    told = _told(table)
    degrees = max(0, len(told) - 1) * max(0, len(told[0]) - 1 if told else 0)
    statistic = _statistic(told)
    return Test(statistic, degrees, chi_square_above(statistic, degrees))


def smallest_expected(table: Counts) -> float:
    """The smallest count that any cell should have, were all groups alike."""
    return min((expected for _, expected in _cells(_told(table))), default=0.0)


def permutation(groups: Counts, seed: int = 0, rounds: int = _ROUNDS) -> Test:
    """The same test by drawing tables with the same sums, for groups too small for Pearson's.

    p counts the observed table among those drawn: Phipson and Smyth (2010).
    """
    told = _told(groups)
    random, statistic = Random(seed), _statistic(told)  # noqa: S311 - chance, not secrecy
    drawn = (_statistic(_drawn(told, random)) for _ in range(rounds))
    reached = sum(one >= statistic - _SLACK for one in drawn)
    return Test(statistic, None, (reached + 1) / (rounds + 1))


def _told(table: Counts) -> list[list[int]]:
    """The table without rows and columns in which nothing was counted."""
    columns = [column for column in zip(*table, strict=True) if any(column)]
    return [list(row) for row in zip(*columns, strict=True) if any(row)]


def _cells(table: Counts) -> Iterator[tuple[int, float]]:
    """What was counted in each cell, and what should be, were all groups alike."""
    rows = [sum(row) for row in table]
    columns = [sum(column) for column in zip(*table, strict=True)]
    total = sum(rows)
    for row, in_row in zip(table, rows, strict=True):
        for counted, in_column in zip(row, columns, strict=True):
            yield counted, in_row * in_column / total


def _statistic(table: Counts) -> float:
    return sum((counted - expected) ** 2 / expected for counted, expected in _cells(table))


def _drawn(table: Counts, random: Random) -> list[list[int]]:
    """A table with the sums of this one, drawn as if endings were dealt out blindly to groups."""
    left = [sum(column) for column in zip(*table, strict=True)]
    dealt = []
    for row in table:
        hand = _hand(left, sum(row), random)
        left = [have - taken for have, taken in zip(left, hand, strict=True)]
        dealt.append(hand)
    return dealt


def _hand(left: Sequence[int], size: int, random: Random) -> list[int]:
    hand, others = [], sum(left)
    for have in left:
        others -= have
        taken = _hypergeometric(have, others, size, random)
        hand.append(taken)
        size -= taken
    return hand


def _hypergeometric(good: int, bad: int, size: int, random: Random) -> int:
    """How many good ones are among so many drawn without return; sought outwards from the mode."""
    low, high = max(0, size - bad), min(good, size)
    up = down = (size + 1) * (good + 1) // (good + bad + 2)
    mass_up = mass_down = exp(_ways(good, up) + _ways(bad, size - up) - _ways(good + bad, size))
    left = random.random() - mass_up
    while left > 0 and (low < down or up < high):
        if up < high:
            mass_up *= (good - up) * (size - up) / ((up + 1) * (bad - size + up + 1))
            up += 1
            if (left := left - mass_up) <= 0:
                return up
        if low < down:
            mass_down *= down * (bad - size + down) / ((good - down + 1) * (size - down + 1))
            down -= 1
            left -= mass_down
    return down


def _ways(have: int, taken: int) -> float:
    """The logarithm of the number of ways to take so many."""
    return lgamma(have + 1) - lgamma(taken + 1) - lgamma(have - taken + 1)
