"""Values made to rise, against scipy and by hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import isotonic_regression

from connector.metrics.statistics.isotonic import pooled

weighted = st.lists(st.tuples(st.floats(0, 1), st.floats(0.01, 100)), min_size=1, max_size=20)


@given(weighted)
def test_pooling_is_that_of_scipy(drawn):
    """The weighted least-squares fit that never falls, to 1e-9."""
    values, weights = zip(*drawn, strict=True)
    expected = isotonic_regression(values, weights=weights).x
    assert pooled(values, weights) == pytest.approx(list(expected), abs=1e-9)


@pytest.mark.parametrize(
    ("values", "weights", "expected"),
    [
        ((), (), []),
        ((0.1, 0.4, 0.9), (1, 1, 1), [0.1, 0.4, 0.9]),
        ((0.4, 0.1), (1, 2), [0.2, 0.2]),
        ((0.5, 0.4, 0.0), (1, 1, 1), [0.3, 0.3, 0.3]),
        ((0.5, 0.2, 0.9), (3, 0, 1), [0.5, 0.5, 0.9]),
        ((0.5, 0.2), (0, 0), [0.35, 0.35]),
    ],
)
def test_neighbours_that_fall_are_pooled(values, weights, expected):
    """They take their weighted mean, as long as any falls; what rises already is left alone."""
    assert pooled(values, weights) == pytest.approx(expected)
