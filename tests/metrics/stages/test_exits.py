"""Where visits go from a stage."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.metrics.flow.route import Ending
from connector.metrics.stages.exits import WAYS, ExitCount, by_way_out, stage_exits

DAY_MS = 86_400_000
DAY = 86_400.0
STEPS = ("new", "meeting", "offer")


@pytest.fixture
def places(place, funnel):
    """The stages of the funnel by their keys in the store, and one of another funnel."""
    here = [place(stage) for stage in (*STEPS, "won", "lost", "off")]
    other = place("call", funnel("call", key="renewal"), 1)
    return {each.stage: each for each in (*here, other)}


@pytest.mark.parametrize(
    ("start", "onto", "way"),
    [
        ("new", "meeting", Ending.ADVANCED),
        ("new", "offer", Ending.SKIPPED),
        ("offer", "new", Ending.BACK),
        ("new", "won", Ending.WON),
        ("offer", "lost", Ending.LOST),
        ("offer", "off", Ending.LEFT),
        ("offer", "-", Ending.LEFT),
        ("offer", "call", Ending.LEFT),
        ("offer", None, Ending.THERE),
    ],
)
def test_where_a_visit_went(start, onto, way, place, sales, funnel, places):
    """By the order of the process; winning is winning from anywhere, elsewhere is out of it."""
    renewal = funnel("call", key="renewal")
    target = None
    if onto is not None and onto != "-":
        target = (place("call", renewal, 1) if onto == "call" else place(onto)).stage
    count = ExitCount(place(start).stage, onto is not None, target, DAY_MS, 3)
    told = by_way_out([count], places, (sales, renewal))
    assert told == {(0, STEPS.index(start)): {(DAY_MS, way): 3}}


@given(
    st.dictionaries(
        st.tuples(st.integers(0, 60), st.sampled_from(list(Ending))), st.integers(1, 9), max_size=20
    )
)
def test_exits_add_up(counted):
    """Visits that ended are those of all ways, and their shares leave what had not ended."""
    exits = stage_exits(0, 0, {(d * DAY_MS, way): n for (d, way), n in counted.items()}, 30 * DAY)
    ended = dict.fromkeys(WAYS, 0)
    for (_, way), visits in counted.items():
        if way in ended:
            ended[way] += visits
    assert (exits.visits, exits.ended) == (sum(counted.values()), sum(ended.values()))
    if exits.ended < 10:
        assert exits.exits == ()
        return
    assert {each.way: each.visits for each in exits.exits} == ended
    shares = sum(each.at_last.share for each in exits.exits)
    assert shares <= 1 + 1e-9
    if exits.ended == exits.visits:
        assert shares == pytest.approx(1)


def test_ways_compete():
    """Of twenty visits ten are lost on day 1 and ten advance on day 40: at 30 days none has."""
    counted = {(DAY_MS, Ending.LOST): 10, (40 * DAY_MS, Ending.ADVANCED): 10}
    exits = {each.way: each for each in stage_exits(0, 0, counted, 30 * DAY).exits}
    assert exits[Ending.LOST].by_horizon.share == 0.5
    assert exits[Ending.ADVANCED].by_horizon.share == 0
    assert exits[Ending.ADVANCED].at_last.share == 0.5
