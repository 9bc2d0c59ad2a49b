"""Values made to rise with the order they stand in."""

from collections.abc import Sequence

# Value, weight and how many were pooled.
_Pool = tuple[float, float, int]


def pooled(values: Sequence[float], weights: Sequence[float]) -> list[float]:
    """The rising values nearest to these by weighted squares.

    Neighbours that fall are pooled into their weighted mean until none do: adjacent violators,
    Ayer et al. (1955). A value without weight takes that of the pool it falls into.
    """
    pools: list[_Pool] = []
    for value, weight in zip(values, weights, strict=True):
        pool = (float(value), float(weight), 1)
        while pools and pools[-1][0] >= pool[0]:
            pool = _together(pools.pop(), pool)
        pools.append(pool)
    return [value for value, _, size in pools for _ in range(size)]


def _together(one: _Pool, other: _Pool) -> _Pool:
    weight = one[1] + other[1]
    mean = (one[0] * one[1] + other[0] * other[1]) / weight if weight else (one[0] + other[0]) / 2
    return mean, weight, one[2] + other[2]
