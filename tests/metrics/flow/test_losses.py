"""How soon deals are lost, where their time went, and why."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.metrics.flow.losses import UNTOLD, Lives, Spent, losses, to_lose
from connector.metrics.flow.route import OUTSIDE
from connector.metrics.grouping import ALL, OTHERS, Group
from connector.metrics.periods import between
from connector.metrics.privacy import Privacy
from connector.metrics.statistics.aalen_johansen import cumulative_incidence
from connector.metrics.statistics.lengths import DAY, EXACT

FIELDS = frozenset({"owner", "product", "lost_reason"})
NEW, MEETING, OFFER = 0, 1, 2


@pytest.fixture(scope="module")
def lost(scope):
    """The losses of deals in the one funnel there is."""

    def read(*deals, **more):
        return losses(scope(fields=FIELDS, **more), deals)

    return read


def test_days_to_lose_count_from_creation(lost, deal):
    """Ten lost on day 10, ten won on day 20, ten open: a third by day 30, won competing."""
    found = lost(
        *[deal("new 1, lost 10", created=0)] * 10,
        *[deal("new 1, won 20", created=0)] * 10,
        *[deal("new 1", created=0)] * 10,
    ).funnels[0]
    told = found.to_lose[ALL]
    assert (told.lost, told.won, told.undecided, told.median) == (10, 10, 10, 10 * DAY)
    assert [estimate.share for estimate in told.by] == [pytest.approx(1 / 3)] * 3
    assert told.longest == 365 * DAY


def test_a_deal_gone_while_open_was_followed_until_then(lost, deal):
    """Archived on day 5 it is no loss, and at risk only so long; lost and then archived is lost."""
    found = lost(
        *[deal("new 0", gone=5)] * 10,
        *[deal("new 0, lost 9", gone=30)] * 10,
    ).funnels[0]
    told = found.to_lose[ALL]
    assert (told.lost, told.undecided, told.longest) == (10, 10, 9 * DAY)
    assert told.end.share == pytest.approx(1)


def test_a_reopened_deal_is_open(lost, deal):
    """Only the state now counts."""
    told = lost(deal("new 0, lost 9, new 10")).funnels[0].to_lose[ALL]
    assert (told.lost, told.undecided) == (0, 1)


def test_a_deal_closed_before_it_was_made_is_counted_apart(lost, deal):
    """A negative length is dropped, and said."""
    found = lost(deal("new 1, lost 2", created=5))
    assert found.negative == 1
    assert not found.funnels[0].to_lose


def test_nothing_is_known_past_the_longest(lost, deal):
    """Where nobody was followed for 60 days and some are open, day 60 and 90 are unknown."""
    deals = [deal("new 0, lost 9")] * 12 + [deal("new 0", gone=40)] * 3
    told = lost(*deals).funnels[0].to_lose[ALL]
    assert [estimate is None for estimate in told.by] == [False, True, True]


def test_below_ten_decided_there_are_counts_only(lost, deal):
    """Nine lost deals tell no share and no median."""
    told = lost(*[deal("new 0, lost 9")] * 9).funnels[0].to_lose[ALL]
    assert (told.lost, told.median, told.end, told.by) == (9, None, None, (None, None, None))


def test_products_are_told_apart(lost, deal):
    """Each product by itself, and all of them first."""
    found = lost(
        deal("new 0, lost 9", product="Pump"), deal("new 0", product="Pump"), deal("new 0, won 2")
    ).funnels[0]
    counts = {group.label: (of.lost, of.won, of.undecided) for group, of in found.to_lose.items()}
    assert counts == {"all": (1, 1, 1), "Pump": (1, 0, 1), "": (0, 1, 0)}


def test_time_goes_into_deals_later_lost_or_won(lost, deal, day):
    """Stays of decided deals by stage; open deals and reopened ones are not decided."""
    found = lost(
        deal("new 0, meeting 4, new 6, lost 7"),
        deal("new 0, won 2"),
        deal("new 0"),
        deal("new 0, lost 3, new 4"),
    ).funnels[0]
    assert found.spent_lost == {NEW: Spent(2, 5 * DAY), MEETING: Spent(1, 2 * DAY)}
    assert found.spent_won == {NEW: Spent(1, 2 * DAY)}


def test_reasons_are_those_of_the_stage_a_deal_was_lost_from(lost, deal):
    """The last value counts; a missing one is told as such; created lost is from outside."""
    found = lost(
        deal("new 0, offer 1, lost 2", lost_reason={2: "Price", 5: "Rival"}),
        deal("new 0, offer 1, lost 2"),
        deal("new 0, lost 2", lost_reason={2: "Price", 3: None}),
        deal("lost 2", lost_reason="Price"),
    )
    assert found.reasons_known
    assert found.funnels[0].reasons == {
        OFFER: {"Rival": 1, UNTOLD: 1},
        NEW: {UNTOLD: 1},
        OUTSIDE: {"Price": 1},
    }


def test_reasons_belong_to_the_owner_at_the_closing(lost, deal):
    """A later owner has nothing to do with it; small groups are not told apart."""
    deals = [deal("new 0, lost 2", owner={0: "7", 9: "8"}, lost_reason="Price")] * 3
    found = lost(*deals, deal("new 0, lost 2", owner="8"), privacy=Privacy(minimum_group=2))
    assert found.funnels[0].reasons_of_reps == {OTHERS: {"Price": 3, UNTOLD: 1}}
    free = lost(*deals, privacy=Privacy(minimum_group=1))
    assert free.funnels[0].reasons_of_reps == {Group("7", "7"): {"Price": 3}}


def test_the_period_is_of_creation_or_of_closing(lost, deal, day, scope):
    """Created in it: how soon; closed in it: where time went and why."""
    period = between(day(10), day(20), scope().zone)
    found = lost(
        deal("new 5, lost 15", lost_reason="Price"),
        deal("new 15, lost 25", lost_reason="Rival"),
        period=period,
    ).funnels[0]
    assert found.to_lose[ALL].lost == 1
    assert found.reasons == {NEW: {"Price": 1}}


lengths = st.lists(st.integers(0, 120 * DAY), max_size=40)


@given(lengths, lengths, lengths)
def test_shares_are_the_incidence_of_losing(drawn_lost, won, undecided):
    """Every share is the Aalen–Johansen one of the lengths, one by one."""
    from array import array

    told = to_lose(Lives(array("q", drawn_lost), array("q", won), array("q", undecided)))
    if len(drawn_lost) + len(won) < 10:
        assert told.end is None
        return
    times = sorted({*drawn_lost, *won, *undecided})
    counts = [[each.count(time) for time in times] for each in (drawn_lost, won, undecided)]
    expected = cumulative_incidence(times, counts[:2], counts[2])
    assert told.end == expected.last(0)
    assert told.by == tuple(expected.at(0, days * DAY) for days in (30, 60, 90))


def test_many_deals_are_counted_by_the_hour(lost, deal):
    """Above 100,000 deals each length is at most half an hour off, and the report knows."""
    from array import array

    exact = array("q", [29 * DAY + 60_000] * EXACT)
    told = to_lose(Lives(exact, array("q", [DAY]), array("q", [100 * DAY])))
    assert told.binned
    assert told.median == 29 * DAY + 60_000
    assert told.by[0].share == pytest.approx(EXACT / (EXACT + 2))
