from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.store.merge import Known
from connector.store.visits import Visit, visits

HISTORIES = st.lists(
    st.tuples(st.integers(0, 20), st.sampled_from(["a", "b", "c", None])), max_size=8
).map(lambda moves: sorted((Known(*move) for move in moves), key=lambda known: known.at))


@pytest.mark.parametrize(
    ("changes", "gone_at", "expected"),
    [
        pytest.param([], None, [], id="no change, no visit"),
        pytest.param([("a", 1)], None, [("a", 1, None)], id="still there"),
        pytest.param([("a", 1), ("a", 3)], None, [("a", 1, None)], id="said twice"),
        pytest.param([("a", 1), ("b", 3)], None, [("a", 1, 3), ("b", 3, None)], id="moved on"),
        pytest.param(
            [("a", 1), ("b", 2), ("a", 3)],
            None,
            [("a", 1, 2), ("b", 2, 3), ("a", 3, None)],
            id="came back",
        ),
        pytest.param(
            [("a", 1), ("b", 1), ("c", 2)],
            None,
            [("a", 1, 1), ("b", 1, 2), ("c", 2, None)],
            id="left in the instant it was entered",
        ),
        pytest.param([("a", 1)], 5, [("a", 1, 5, True)], id="archived"),
        pytest.param([("a", 1), ("b", 7)], 5, [("a", 1, 5, True)], id="archived before the move"),
        pytest.param(
            [("a", 1), ("b", 5)], 5, [("a", 1, 5), ("b", 5, 5, True)], id="archived as it moved"
        ),
        pytest.param([("a", 7)], 5, [], id="archived before it began"),
    ],
)
def test_visits_table(changes, gone_at, expected):
    """The visits each history of stages comes to."""
    history = [Known(at, stage) for stage, at in changes]
    assert visits(history, gone_at) == tuple(Visit(*visit) for visit in expected)


@given(HISTORIES, st.none() | st.integers(0, 20))
def test_visits_tile_the_life_of_a_deal(history, gone_at):
    """Visits touch without gap or overlap, from the first change to now or where the deal went."""
    stays = visits(history, gone_at)
    lived = [known for known in history if gone_at is None or known.at <= gone_at]
    assert bool(stays) == bool(lived)
    for before, after in pairwise(stays):
        assert before.left_at == after.entered_at
        assert before.stage != after.stage
        assert not before.cut
    if stays:
        assert stays[0].entered_at == lived[0].at
        assert stays[-1].left_at == gone_at
        assert stays[-1].stage == lived[-1].value
        assert stays[-1].cut == (gone_at is not None)
