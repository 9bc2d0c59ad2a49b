"""Money a day, Little's law, and targets."""

from zoneinfo import ZoneInfo

import pytest

from connector.metrics.grouping import ALL, OTHERS, Group, Split
from connector.metrics.outcomes.targets import Target
from connector.metrics.outcomes.velocity import Flow, velocities
from connector.metrics.periods import named
from connector.metrics.privacy import Naming, Privacy
from connector.metrics.scope import Person

UTC = ZoneInfo("UTC")
PEOPLE = {
    ("norge", "7"): Person("Kari Hauge", "Norge"),
    ("norge", "8"): Person("Erik Sjöberg", "Sverige"),
    ("norge", "9"): Person("Lars Bjørnstad", "Norge"),
}


def flow(scope, deals, **frame) -> Flow:
    return velocities(scope(**frame), Split(), {}, deals).flows[0][ALL]


def test_velocity_is_what_a_funnel_earns_a_day(deal, scope):
    """Twelve qualified × 3/5 × 1,000 / 40 days = 180.00 a day."""
    deals = [deal("new 90, meeting 95")] * 12
    deals += [deal("new 50, won 90", amount=100_000)] * 6 + [deal("new 60, lost 90")] * 4
    told = flow(scope, deals, as_of=100)
    assert (told.qualified, told.win_rate, told.mean_cycle) == (12, 0.6, 40)
    assert told.velocity == pytest.approx(180_00)


@pytest.mark.parametrize(
    ("path", "counted"),
    [
        ("new 5", {"open": 1}),  # in the first stage: not qualified
        ("new 5, offer 6", {"open": 1, "qualified": 1}),
        ("new 5, off 6", {"open": 1}),
        ("new 20", {"open": 1, "created": 1}),  # in the last 90 days
        ("new 5, lost 9", {}),  # decided too long ago
        ("new 5, lost 10", {"lost": 1, "lives": 1, "life_ms": 5 * 86_400_000}),
        ("new 10, lost 11, new 99", {"created": 1, "open": 1}),
    ],
)
def test_the_last_ninety_days_count(deal, scope, path, counted):
    """As of day 100, one deal and what it adds to the sums."""
    told = velocities(scope(as_of=100), Split(), {}, [deal(path)]).flows
    assert told == ({0: {ALL: Flow(**counted)}} if counted else {})


def test_an_archived_deal_is_not_open(deal, scope):
    """It was created all the same."""
    assert flow(scope, [deal("new 95", gone=98)], as_of=100) == Flow(created=1)


def test_littles_law_finds_stale_deals(deal, scope):
    """Ten a month that live nine days make three open; thirty are ten times as many."""
    passing = [deal("new 50, lost 59")] * 30
    stale = [deal("new -300")] * 30
    told = flow(scope, passing + stale, as_of=100)
    assert told.expected_open == pytest.approx(3)
    assert told.gap == pytest.approx(9)


def test_few_decided_deals_have_no_velocity(deal, scope):
    """Nine decided deals carry neither a rate nor a law."""
    told = flow(scope, [deal("new 50, won 90", amount=1)] * 9, as_of=100)
    assert (told.velocity, told.gap) == (None, None)


def test_no_won_amount_no_velocity(deal, scope):
    """A mean of nothing is not zero."""
    told = flow(scope, [deal("new 50, won 90")] * 20, as_of=100)
    assert (told.mean_value, told.velocity) == (None, None)


def attained(scope, deals, target, as_of=45, period="2026Q1", **frame):
    """How far a target of the first quarter is, as of mid-February."""
    laid = scope(as_of=as_of, people=PEOPLE, period=named(period, UTC), **frame)
    return velocities(laid, Split(), {period: target}, deals).attained


@pytest.mark.parametrize(
    ("path", "close", "counted"),
    [
        ("new 0, won 5", 200, (70, 0)),  # won in the quarter, whatever date was expected
        ("new -90, won -1", 5, (0, 0)),
        ("new 0, lost 5", 50, (0, 0)),
        ("new 0", 50, (0, 70)),
        ("new 0", 45, (0, 70)),  # the day of the report is still ahead
        ("new 0", 44, (0, 0)),  # overdue
        ("new 0", 89, (0, 70)),  # the last day of the quarter
        ("new 0", 90, (0, 0)),
        ("new 0", None, (0, 0)),
    ],
)
def test_what_counts_towards_a_target(deal, scope, path, close, counted):
    """Won so far, and open with a close date from today to the end of the period."""
    one = deal(path, amount=70, close=close, owner="7")
    progress = attained(scope, [one], Target(total=100), as_of=45.5).total.progress
    assert (progress.won, progress.open) == counted


def test_coverage_is_open_over_what_is_left(deal, scope):
    """60 open for the 30 that are left of 100 cover them twice; a reached target needs no cover."""
    deals = [deal("new 0, won 5", amount=70), deal("new 0", amount=60, close=50)]
    total = attained(scope, deals, Target(total=100)).total
    assert (total.attained, total.left, total.coverage) == (0.7, 30, 2)
    for target in (70, 35):
        reached = attained(scope, deals, Target(total=target)).total
        assert (reached.attained, reached.left, reached.coverage) == (70 / target, 0, None)


def test_targets_are_for_everybody_for_teams_and_for_reps(deal, scope):
    """Reps are known by name or id; the total counts everybody's deals, nobody's too."""
    deals = [deal("won 5", amount=10, owner=each) for each in ("7", "8", "9", None)] * 5
    target = Target(teams={"Norge": 1_000, "Danmark": 5}, owners={"Kari Hauge": 100, "8": 200})
    found = attained(scope, deals, target)
    assert (found.total.target, found.total.progress.won) == (1_005, 200)
    assert {group.label: each.attained for group, each in found.teams.items()} == {"Norge": 0.1}
    assert {group: each.attained for group, each in found.owners.items()} == {
        Group("7", "Kari Hauge"): 0.5,
        Group("8", "Erik Sjöberg"): 0.25,
    }
    assert found.unknown == ("Danmark",)


def test_a_rep_with_few_deals_is_told_with_others(deal, scope):
    """Targets of reps keep to [privacy] as all figures about people do."""
    deals = [deal("won 5", amount=10, owner="7")] * 2 + [deal("won 5", amount=10, owner="8")] * 9
    target = Target(total=1_000, owners={"Kari Hauge": 100, "Erik Sjöberg": 100})
    few = attained(scope, deals, target).owners
    assert {group: each.target for group, each in few.items()} == {OTHERS: 200}
    off = attained(scope, deals, target, privacy=Privacy(Naming.OFF)).owners
    assert off == {}
    ids = attained(scope, deals, target, privacy=Privacy(Naming.IDS, 1)).owners
    assert {group.label for group in ids} == {"7", "8"}


def test_without_a_target_nothing_is_attained(deal, scope):
    """A quarter nobody set a target for has none, and the running quarter is asked by default."""
    assert velocities(scope(), Split(), {}, []).attained is None
    found = velocities(scope(as_of=45), Split(), {"2026Q1": Target(total=5)}, [])
    assert found.period.label == "2026Q1"
    assert found.attained.total.progress.won == 0
