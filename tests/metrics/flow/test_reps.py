"""Who goes on from which stage, and whether reps differ at all."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.metrics.flow.reps import Ended, Exits, Mark, reps
from connector.metrics.flow.route import Ending
from connector.metrics.grouping import Group
from connector.metrics.periods import between
from connector.metrics.privacy import Privacy
from connector.metrics.scope import Person
from connector.metrics.statistics.proportions import shrunk

NEW, MEETING, OFFER = 0, 1, 2
PEOPLE = {("norge", "7"): Person("Kari Hauge"), ("norge", "8"): Person("Lars Strand")}
KARI, LARS = Group("7", "Kari Hauge"), Group("8", "Lars Strand")


@pytest.fixture(scope="module")
def read(scope):
    """The reps of deals in the one funnel there is, nobody too small to be told."""

    def look(*deals, rep=None, **more):
        frame = {"people": PEOPLE, "privacy": Privacy(minimum_group=1), **more}
        return reps(scope(**frame), deals, rep)

    return look


def test_decided_exits_are_moves_within_the_process(read, deal):
    """Forward: next, ahead, won. Decided too: back, lost. Not decided: still there, left, gone."""
    found = read(
        *(
            deal(path, owner="7")
            for path in ("new 0, meeting 1", "new 0, offer 1", "new 0, won 1", "new 0, lost 1")
        ),
        deal("new 0, off 1", owner="7"),
        deal("new 0", owner="7"),
        deal("new 0", owner="7", gone=3),
        deal("meeting 0, new 1", owner="7"),
    ).funnels[0]
    assert found.stages == {NEW: Exits(3, 4), MEETING: Exits(0, 1)}


def test_an_exit_belongs_to_the_owner_then(read, deal):
    """A deal that changes hands counts for each stage for whoever owned it at the exit."""
    path = "new 0, meeting 4, offer 8, won 12"
    found = read(deal(path, owner={0: "7", 6: "8"}), deal(path, owner={0: "7", 12: "8"})).funnels[0]
    exits = {where: advance.exits for where, advance in found.advances.items()}
    assert exits == {
        (NEW, KARI): Exits(2, 2),
        (MEETING, KARI): Exits(1, 1),
        (MEETING, LARS): Exits(1, 1),
        (OFFER, LARS): Exits(2, 2),
    }
    assert found.ended == {LARS: Ended(2, 0)}


def test_exits_and_closings_are_those_of_the_period(read, deal, day, scope):
    """The instant of the exit decides, not that of the entry."""
    period = between(day(5), day(10), scope().zone)
    found = read(deal("new 0, meeting 6, lost 12", owner="7"), period=period).funnels[0]
    assert found.stages == {NEW: Exits(1, 1)}
    assert not found.ended


def test_rates_are_drawn_to_everybody_by_twenty_exits(read, deal):
    """Kari 2 of 20, Lars 18 of 20, everybody 20 of 40: marked where the interval excludes that."""
    won, lost = "new 0, won 1", "new 0, lost 1"
    found = read(
        *[deal(won, owner="7")] * 2,
        *[deal(lost, owner="7")] * 18,
        *[deal(won, owner="8")] * 18,
        *[deal(lost, owner="8")] * 2,
    ).funnels[0]
    kari, lars = found.advances[NEW, KARI], found.advances[NEW, LARS]
    assert kari.shrunk == shrunk(2, 20, 0.5, 20)
    assert (kari.shrunk.mean, lars.shrunk.mean) == (0.3, 0.7)
    assert (kari.mark, lars.mark) == (Mark.BELOW, Mark.ABOVE)


def test_nobody_is_marked_where_reps_do_not_differ(read, deal):
    """Of thirty reps the one who stands out by herself does so by chance, as the test says."""
    won, lost = "new 0, won 1", "new 0, lost 1"
    alike = [deal(way, owner=f"1{n}") for n in range(29) for way in (won, lost) * 25]
    kari = [deal(won, owner="7")] * 36 + [deal(lost, owner="7")] * 14
    found = read(*alike, *kari).funnels[0]
    advance = found.advances[NEW, KARI]
    assert not found.test.significant
    assert advance.shrunk.interval.excludes(found.stages[NEW].rate)
    assert advance.mark is None


def test_nine_exits_tell_nothing_of_a_rep(read, deal):
    """Below ten there are counts and no mark, however bad it looks."""
    deals = [deal("new 0, lost 1", owner="7")] * 9 + [deal("new 0, meeting 1", owner="8")] * 90
    advance = read(*deals).funnels[0].advances[NEW, KARI]
    assert (advance.exits, advance.shrunk, advance.mark) == (Exits(0, 9), None, None)


def test_whether_reps_differ_is_asked_of_decided_deals(read, deal):
    """Alike reps do not differ, unlike ones do; small tables are tested by permutation."""
    won, lost = "new 0, won 1", "new 0, lost 1"
    alike = [deal(path, owner=rep) for rep in "78" for path in (won, lost) for _ in range(30)]
    test = read(*alike).funnels[0].test
    assert (test.df, test.p) == (1, pytest.approx(1))
    unlike = [deal(won, owner="7")] * 30 + [deal(lost, owner="8")] * 30
    assert read(*unlike).funnels[0].test.p < 1e-9
    few = [deal(won, owner="7")] * 5 + [deal(lost, owner="8")] * 5
    assert read(*few).funnels[0].test.df is None


@pytest.mark.parametrize("owners", [[], ["7"] * 20, ["7", "8"] * 10])
def test_one_rep_or_one_outcome_cannot_be_tested(read, deal, owners):
    """It takes two reps, and deals both won and lost; deals of nobody are no rep's."""
    deals = [deal("new 0, won 1", owner=owner) for owner in owners] + [deal("new 0, lost 1")]
    assert read(*deals).funnels[0].test is None


def test_nine_decided_deals_are_not_tested(read, deal):
    """Below ten there are counts only, of all reps together too."""
    deals = [deal("new 0, won 1", owner="7")] * 5 + [deal("new 0, lost 1", owner="8")] * 4
    assert read(*deals).funnels[0].test is None


def test_a_sheet_begins_where_a_rep_is_furthest_below(read, deal):
    """The stage with the largest gap, and the deals that did not go on from there."""
    good, bad = "new 0, meeting 1, offer 2, won 3", "new 0, meeting 1, lost 5"
    found = read(
        *[deal(good, owner="8")] * 40,
        *[deal(bad, owner="7", id=str(n), name=f"Deal {n}") for n in range(12)],
        rep="kari hauge",
    )
    assert found.rep == KARI
    assert found.furthest_below == (0, MEETING)
    behind = found.funnels[0].behind[MEETING]
    assert [losing.deal for losing in behind] == [str(n) for n in range(12)]
    assert {losing.ending for losing in behind} == {Ending.LOST}
    assert set(found.funnels[0].advances) == {(NEW, KARI), (MEETING, KARI)}


def test_a_rep_who_is_nowhere_below_has_no_stage(read, deal):
    """Going on from everywhere as everybody does is no weakness."""
    assert read(*[deal("new 0, meeting 1", owner="7")] * 20, rep="7").furthest_below is None


def test_nobody_of_the_name_is_nothing(read, deal):
    """A typing error is not answered with an empty sheet."""
    assert read(deal("new 0, meeting 1", owner="7"), rep="Kåre") is None


stages = st.sampled_from(["new", "meeting", "offer", "won", "lost", "off"])
drawn = st.lists(
    st.tuples(
        st.lists(stages, min_size=1, max_size=6),
        st.dictionaries(st.integers(0, 6), st.sampled_from(["7", "8"]), max_size=3),
    ),
    max_size=6,
)


@given(drawn, st.none() | st.integers(0, 4))
def test_the_quick_way_counts_as_the_plain_one(read, deal, day, scope, drawn, start):
    """Deals counted by their routes give what a look at every visit gives."""
    period = None if start is None else between(day(start), day(start + 2), scope().zone)
    deals = [
        deal(", ".join(f"{stage} {at}" for at, stage in enumerate(path)), owner=owners)
        for path, owners in drawn
    ]
    expected = {}
    for each in deals:
        for step, rep, forward, at in _plain_exits(each):
            if period is None or period.window.holds(at):
                so_far = expected.get((step, rep), Exits())
                expected[step, rep] = so_far + Exits(forward, 1)
    found = read(*deals, period=period).funnels[0]
    got = {(step, group.key): advance.exits for (step, group), advance in found.advances.items()}
    assert got == expected


def _plain_exits(deal):
    """Every decided exit of a deal: step, owner, whether forward, and when."""
    runs = []
    for visit in deal.visits:
        place = visit.place
        spot = place.step if place and place.step >= 0 else None
        if not runs or runs[-1][0] != spot:
            runs.append((spot, visit.entered))
    for (spot, _), (onto, at) in pairwise(runs):
        if spot in (NEW, MEETING, OFFER) and onto is not None:
            owners = [value for since, value in deal.owners if since <= at]
            forward = onto == 3 or (onto > spot and onto != 4)
            yield spot, owners[-1] if owners else "", int(forward), at
