"""Beta, binomial and chi-square probabilities, in plain Python.

Incomplete beta and gamma functions after Press et al., Numerical Recipes (2007), 6.2 and 6.4;
continued fractions by Lentz's method.
"""

from collections.abc import Callable
from math import exp, inf, lgamma, log, log1p

# 95 % of a normal distribution lie within so many standard deviations.
Z95 = 1.9599639845400536
# Up to this p a difference is no longer put down to chance.
SIGNIFICANT = 0.05

_TINY = 1e-300
_PRECISION = 1e-16
_ROUNDS = 100_000

# Masses that are equal but for rounding count as equal, as in R and scipy.
_AS_LIKELY = 1 + 1e-7


def beta_below(x: float, a: float, b: float) -> float:
    """The probability that a beta(a, b) lies at or below x."""
    if x <= 0 or x >= 1:
        return float(x >= 1)
    front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x))
    # The fraction converges fast on one side of the mean only; the other is its mirror.
    if x < (a + 1) / (a + b + 2):
        return front * _beta_fraction(x, a, b) / a
    return 1 - front * _beta_fraction(1 - x, b, a) / b


def beta_quantile(share: float, a: float, b: float) -> float:
    """The x below which this share of a beta(a, b) lies, by Newton's steps inside a bracket."""
    low, high, x = 0.0, 1.0, a / (a + b)
    ways = lgamma(a + b) - lgamma(a) - lgamma(b)
    while low < x < high:
        above = beta_below(x, a, b) - share
        low, high = (low, x) if above > 0 else (x, high)
        density = exp(ways + (a - 1) * log(x) + (b - 1) * log1p(-x))
        step = above / density if density else inf
        if abs(step) < _PRECISION:
            break
        x = x - step if low < x - step < high else (low + high) / 2
    return x


def binomial_mass(k: int, n: int, p: float) -> float:
    """The probability of exactly k successes in n trials of probability p."""
    if p in (0, 1):
        return float(k == n * p)
    ways = lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)
    return exp(ways + k * log(p) + (n - k) * log1p(-p))


def binomial_p(k: int, n: int, p: float) -> float:
    """The exact two-sided p-value of k successes in n trials of probability p.

    All outcomes that are no more likely than k count, as in R's binom.test.
    """
    mean, limit = n * p, binomial_mass(k, n, p) * _AS_LIKELY
    if k == mean:
        return 1.0
    if k < mean:
        first = _first(int(mean), n + 1, lambda i: binomial_mass(i, n, p) <= limit)
        return min(1.0, _at_most(k, n, p) + _at_least(first, n, p))
    last = _first(0, int(mean) + 1, lambda i: binomial_mass(i, n, p) > limit) - 1
    return min(1.0, _at_most(last, n, p) + _at_least(k, n, p))


def chi_square_above(x: float, degrees: int) -> float:
    """The probability that a chi-square variable exceeds x."""
    if x / 2 <= 0 or degrees == 0:
        return 1.0
    a, half = degrees / 2, x / 2
    front = exp(a * log(half) - half - lgamma(a))
    if half < a + 1:
        return 1 - front * _gamma_series(half, a)
    return front * _gamma_fraction(half, a)


def _at_most(k: int, n: int, p: float) -> float:
    return 0.0 if k < 0 else 1.0 if k >= n else beta_below(1 - p, n - k, k + 1)


def _at_least(k: int, n: int, p: float) -> float:
    return 0.0 if k > n else 1.0 if k <= 0 else beta_below(p, k, n - k + 1)


def _first(low: int, high: int, holds: Callable[[int], bool]) -> int:
    """The first whole number of [low, high) from which on something holds; high where none is."""
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(middle) else (middle + 1, high)
    return low


def _beta_fraction(x: float, a: float, b: float) -> float:
    c, d = 1.0, 1 / _nonzero(1 - (a + b) * x / (a + 1))
    value = d
    for m in range(1, _ROUNDS):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        step = 1.0
        for term in (even, odd):
            d = 1 / _nonzero(1 + term * d)
            c = _nonzero(1 + term / c)
            step = d * c
            value *= step
        if abs(step - 1) < _PRECISION:
            break
    return value


def _gamma_series(x: float, a: float) -> float:
    term = value = 1 / a
    for n in range(1, _ROUNDS):
        term *= x / (a + n)
        value += term
        if term < value * _PRECISION:
            break
    return value


def _gamma_fraction(x: float, a: float) -> float:
    b = x + 1 - a
    c, d = 1 / _TINY, 1 / b
    value = d
    for n in range(1, _ROUNDS):
        term = n * (a - n)
        b += 2
        d = 1 / _nonzero(term * d + b)
        c = _nonzero(b + term / c)
        value *= d * c
        if abs(d * c - 1) < _PRECISION:
            break
    return value


def _nonzero(value: float) -> float:
    return value if abs(value) > _TINY else _TINY
