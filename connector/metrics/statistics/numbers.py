"""Numbers kept to be summed up: their mean, their median and how much they scatter."""

from array import array
from collections.abc import Iterable, Iterator
from math import fsum, sqrt

from connector.metrics.statistics.sample_sizes import ENOUGH_TO_TELL


class Numbers:
    """Whole numbers in any order, eight bytes each; too few of them tell nothing."""

    __slots__ = ("_all",)

    def __init__(self, numbers: Iterable[int] = ()):
        self._all = array("q", numbers)

    def add(self, number: int) -> None:
        """Keep one more."""
        self._all.append(number)

    def __add__(self, other: "Numbers") -> "Numbers":
        both = Numbers(self._all)
        both._all.extend(other._all)
        return both

    def __len__(self) -> int:
        return len(self._all)

    def __iter__(self) -> Iterator[int]:
        return iter(self._all)

    @property
    def total(self) -> int:
        """Their exact sum."""
        return sum(self._all)

    @property
    def tells(self) -> bool:
        """Whether there are enough of them for a statistic."""
        return len(self._all) >= ENOUGH_TO_TELL

    @property
    def mean(self) -> float | None:
        """Their mean; None where there are too few to tell."""
        return self.total / len(self._all) if self.tells else None

    @property
    def median(self) -> float | None:
        """The middle one, or the mean of the middle two; None where there are too few to tell."""
        if not self.tells:
            return None
        ranked = sorted(self._all)
        middle = len(ranked) // 2
        return (ranked[~middle] + ranked[middle]) / 2

    @property
    def variation(self) -> float | None:
        """The coefficient of variation, standard deviation (n − 1) over mean; None at mean 0."""
        mean = self.mean
        if not mean:
            return None
        squares = fsum((number - mean) ** 2 for number in self._all)
        return sqrt(squares / (len(self._all) - 1)) / mean
