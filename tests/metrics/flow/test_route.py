"""How stays end, by the order of the process."""

import pytest

from connector.metrics.flow.route import LOST, OUTSIDE, WON, Ending, Routes, begun_in
from connector.metrics.periods import Window
from connector.model import Outcome


@pytest.fixture(scope="module")
def route(sales, deal):
    """The route of a deal by its path."""
    routes = Routes([sales])
    return lambda path, **more: routes.of(deal(path, **more).visits)


@pytest.mark.parametrize(
    ("path", "ending"),
    [
        ("new 0", Ending.THERE),
        ("new 0, meeting 1", Ending.ADVANCED),
        ("new 0, offer 1", Ending.SKIPPED),
        ("meeting 0, new 1", Ending.BACK),
        ("new 0, won 1", Ending.WON),
        ("offer 0, lost 1", Ending.LOST),
        ("new 0, off 1", Ending.LEFT),
        ("new 0, - 1", Ending.LEFT),
    ],
)
def test_a_stay_ends_one_way(route, path, ending):
    """Each of the seven endings, by where the deal went next."""
    assert route(path).ways[0].stays[0].ending is ending


def test_an_archived_deal_left_the_process(route):
    """Archived and merged deals are censored, never lost."""
    found = route("new 0, meeting 1", gone=3)
    assert found.ways[0].stays[-1].ending is Ending.LEFT
    assert found.final is Outcome.OPEN


def test_winning_early_is_won_and_a_skip(route):
    """From new straight to won jumps over meeting, which is mandatory, and offer."""
    stay = route("new 0, won 1").ways[0].stays[0]
    assert (stay.ending, stay.skips, stay.mandatory) == (Ending.WON, True, True)


def test_losing_skips_nothing(route):
    """A deal may be lost from every stage."""
    stay = route("new 0, lost 1").ways[0].stays[0]
    assert (stay.skips, stay.mandatory) == (False, False)


def test_only_a_jump_over_a_mandatory_stage_is_one(sales, route):
    """From meeting to won only offer is jumped over, which is not mandatory."""
    stay = route("meeting 0, won 1").ways[0].stays[0]
    assert (stay.skips, stay.mandatory) == (True, False)


def test_a_stage_entered_again_knows_where_from(route):
    """A reopening is a re-entry from lost; lost is no stay of its own."""
    stays = route("meeting 0, lost 1, meeting 2, offer 3, meeting 4").ways[0].stays
    assert [(stay.step, stay.again, stay.before) for stay in stays] == [
        (1, False, None),
        (1, True, LOST),
        (2, False, 1),
        (1, True, 2),
    ]


def test_stages_of_two_pipelines_are_one_where_the_process_says_so(funnel, deal, place):
    """Moving to the same step of another pipeline of the process is no move."""
    sales = funnel("new", "meeting")
    other = place("new", sales)._replace(stage=77)
    visits = deal("new 0, new 1, meeting 2", funnel=sales).visits
    visits[1] = visits[1]._replace(place=other)
    way = Routes([sales]).of(visits).ways[0]
    assert way.spots == (0, 1)
    assert (way.stays[0].visit, way.stays[0].last) == (0, 1)


def test_a_deal_goes_its_way_in_each_funnel(sales, funnel, deal, place):
    """In each funnel, the time in the other one is outside."""
    other = funnel("asked", key="renewal")
    first, second = deal("new 0, won 1").visits, deal("asked 2", funnel=other, number=1).visits
    ways = Routes([sales, other]).of([*first, *second]).ways
    assert [(way.funnel, way.spots) for way in ways] == [(0, (0, WON, OUTSIDE)), (1, (OUTSIDE, 0))]


def test_a_closing_counts_as_the_crm_counts_it(route, deal, sales, place):
    """A won stage that the process does not have is won all the same."""
    visits = deal("offer 0, off 1").visits
    visits[1] = visits[1]._replace(place=place("off")._replace(outcome=Outcome.WON))
    found = Routes([sales]).of(visits)
    assert found.ways[0].stays[0].ending is Ending.WON
    assert found.final is Outcome.WON


def test_a_window_holds_the_visits_that_began_in_it(deal, day):
    """From its start on, and not at its end."""
    visits = deal("new 0, meeting 1, offer 2, won 3").visits
    assert begun_in(visits, Window(day(1), day(3))) == range(1, 3)
    assert begun_in(visits, Window(day(9), day(10))) == range(4, 4)
    assert begun_in(visits, None) == range(4)
