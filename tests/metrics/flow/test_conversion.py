"""Conversion by three rules, and outcomes that add up."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.metrics.flow.conversion import Conversion, Flow, Pair, Rule, conversions
from connector.metrics.flow.moves import Kind, Move
from connector.metrics.flow.route import GONE, LOST, OUTSIDE, WON, Ending
from connector.metrics.grouping import ALL, By, Group, Split, split
from connector.metrics.periods import Window

NEW, MEETING, OFFER = 0, 1, 2
DIRECT, REACHED, STRICT = Rule


@pytest.fixture(scope="module")
def flow(deal, scope):
    """What becomes of deals by their paths, in the funnel of new, meeting and offer."""

    def follow(*paths, window=None, funnels=()):
        found = Flow(scope(*funnels), window)
        for path in paths:
            found.take(deal(path) if isinstance(path, str) else path)
        return found.flows()[0]

    return follow


@pytest.mark.parametrize(
    ("path", "rules"),
    [
        ("new 0, meeting 1", {DIRECT, REACHED, STRICT}),
        ("new 0, offer 1", {REACHED}),
        ("new 0, won 1", {REACHED}),
        ("new 0, offer 1, meeting 2", {REACHED, STRICT}),
        ("new 0, lost 1, meeting 2", {REACHED, STRICT}),
        ("meeting 0, new 1", {STRICT}),
        ("new 0, lost 1", set()),
        ("new 0, off 1", set()),
        ("new 0", set()),
    ],
)
def test_each_rule_counts_its_own_way(flow, path, rules):
    """From new to meeting: straight, at all, or through every stage in any order."""
    found = flow(path)
    went = {rule for rule in Rule if found.of(Pair(NEW, MEETING), rule).converted}
    assert went == rules


def test_strict_counts_only_deals_that_were_strict_so_far(flow):
    """A deal that never was in new is no part of the strict funnel from meeting on."""
    found = flow("meeting 0, offer 1", "new 0, meeting 1, lost 2")
    assert found.of(Pair(MEETING, OFFER), STRICT) == Conversion(1, 0, 0)
    assert found.of(Pair(MEETING, OFFER), REACHED) == Conversion(2, 1, 0)


def test_the_last_pair_is_the_last_open_stage_to_won(flow):
    """Won and later reopened is still reached."""
    found = flow("offer 0, won 1, meeting 2", "offer 0, lost 1", "offer 0")
    assert found.pairs == (Pair(NEW, MEETING), Pair(MEETING, OFFER), Pair(OFFER, WON))
    assert found.of(Pair(OFFER, WON), REACHED) == Conversion(3, 1, 1)


def test_what_is_neither_converted_nor_open_has_failed(flow, deal):
    """Open anywhere is undecided, archived while open too; converted + undecided + failed = all."""
    found = flow(
        "new 0, meeting 1",
        "new 0, lost 1",
        "new 0, off 1",
        "new 0",
        deal("new 0", gone=2),
        "new 0, lost 1, new 2",
    )
    cell = found.of(Pair(NEW, MEETING), REACHED)
    assert (cell.entered, cell.converted, cell.undecided, cell.failed) == (6, 1, 4, 1)


def test_a_cohort_is_made_by_the_first_entry(flow, day):
    """First entry in [from, to); what came of it may lie outside."""
    window = Window(day(10), day(20))
    found = flow(
        "new 10, meeting 50",
        "new 20, meeting 21",
        "new 9, meeting 12",
        "new 5, meeting 6, new 12",
        window=window,
    )
    assert found.of(Pair(NEW, MEETING), REACHED) == Conversion(1, 1, 0)
    assert found.of(Pair(MEETING, OFFER), REACHED) == Conversion(1, 0, 1)
    assert found.outcomes[NEW] == {Ending.ADVANCED: 1, Ending.THERE: 1}


def test_moves_other_than_the_next_are_counted_by_their_ends(flow):
    """Skips, mandatory ones apart, back moves, re-entries and late entries."""
    found = flow(
        "new 0, offer 1, won 2",
        "new 0, meeting 1, won 2",
        "meeting 0, new 1, meeting 2, lost 3, meeting 4",
    )
    assert found.moves == {
        Move(Kind.MANDATORY, NEW, OFFER): 1,
        Move(Kind.SKIP, MEETING, WON): 1,
        Move(Kind.LATE, None, MEETING): 1,
        Move(Kind.BACK, MEETING, NEW): 1,
        Move(Kind.AGAIN, NEW, MEETING): 1,
        Move(Kind.AGAIN, LOST, MEETING): 1,
    }


def test_leaving_the_process_says_where_to(flow, deal):
    """Another pipeline or a stage the process does not have is outside; archived is gone."""
    found = flow("new 0, off 1", "new 0, - 1", deal("new 0", gone=2), "new 0, lost 1")
    assert found.moves == {Move(Kind.LEFT, NEW, OUTSIDE): 2, Move(Kind.LEFT, NEW, GONE): 1}


def test_a_key_conversion_may_span_stages(flow, funnel):
    """From new to won, which is none of the pairs of neighbours."""
    from dataclasses import replace

    keyed = replace(funnel("new", "meeting", "offer"), key_conversions=((0, 3), (0, 2)))
    found = flow("new 0, meeting 1, won 2", "new 0, lost 1", funnels=[keyed])
    assert found.keys == (Pair(NEW, WON), Pair(NEW, OFFER))
    assert found.of(Pair(NEW, WON), REACHED) == Conversion(2, 1, 0)
    assert found.of(Pair(NEW, WON), STRICT) == Conversion(2, 0, 0)


def test_rates_take_ten_decided_deals(flow):
    """Nine decided of a hundred entered say nothing; ten are a rate over all that entered."""
    few = flow(*["new 0, lost 1"] * 9, *["new 0"] * 91).of(Pair(NEW, MEETING), REACHED)
    enough = flow(*["new 0, meeting 1"] * 10, *["new 0"] * 10).of(Pair(NEW, MEETING), REACHED)
    assert (few.rate, few.interval) == (None, None)
    assert enough.rate == 0.5


def test_groups_add_up_to_everybody(deal, scope):
    """Split by product, each group has its own conversion, and together they are all."""
    deals = [
        deal("new 0, meeting 1", product="Pump"),
        deal("new 0, lost 1", product="Pump"),
        deal("new 0", product="Valve"),
    ]
    frame = scope(fields=frozenset({"product"}))
    found = conversions(frame, REACHED, split(By.PRODUCT, frame), None, deals).flows[0]
    groups = found.groups(Pair(NEW, MEETING), REACHED, By.PRODUCT, frame.privacy)
    assert groups == {
        Group("Pump", "Pump"): Conversion(2, 1, 0),
        Group("Valve", "Valve"): Conversion(1, 0, 1),
    }
    assert found.of(Pair(NEW, MEETING), REACHED) == Conversion(3, 1, 1)


def test_another_cohort_stands_beside(deal, scope, day):
    """Both cohorts of one pass are what each would be by itself."""
    deals = [deal("new 1, meeting 2"), deal("new 11, lost 12"), deal("new 13")]
    found = conversions(scope(), REACHED, Split(), Window(day(10), day(20)), deals)
    assert found.flows[0].of(Pair(NEW, MEETING), REACHED) == Conversion(3, 1, 1)
    assert found.compared[0].of(Pair(NEW, MEETING), REACHED) == Conversion(2, 0, 1)


stages = st.sampled_from(["new", "meeting", "offer", "won", "lost", "off", "-"])
paths = st.lists(stages, min_size=1, max_size=8).map(
    lambda path: ", ".join(f"{stage} {at}" for at, stage in enumerate(path))
)


@given(st.lists(st.tuples(paths, st.booleans()), max_size=8), st.none() | st.integers(0, 8))
def test_everything_adds_up(deal, scope, day, drawn, start):
    """Endings add up to entries, and converted, undecided and failed to entered, by every rule."""
    window = None if start is None else Window(day(start), day(start + 3))
    deals = [deal(path, gone=20 if gone else None) for path, gone in drawn]
    follow = Flow(scope(), window)
    for each in deals:
        follow.take(each)
    found = follow.flows()[0]
    for step in (NEW, MEETING, OFFER):
        entries = sum(_entries(each.visits, step, window) for each in deals)
        assert found.outcomes[step].total() == entries
    for (group, _, rule), cell in found.conversions.items():
        assert group == ALL
        assert min(cell.converted, cell.undecided, cell.failed) >= 0
        assert cell.converted + cell.undecided + cell.failed == cell.entered
        assert rule in Rule
    skipped = sum(of[Ending.SKIPPED] for of in found.outcomes.values())
    to_open = (Kind.SKIP, Kind.MANDATORY)
    assert skipped == sum(
        times for move, times in found.moves.items() if move.kind in to_open and move.onto >= 0
    )
    back = sum(of[Ending.BACK] for of in found.outcomes.values())
    assert back == sum(t for move, t in found.moves.items() if move.kind is Kind.BACK)


def _entries(visits, step, window):
    """Entries to a stage, counted the plain way; a stage that goes on is not entered again."""
    before, entries = None, 0
    for visit in visits:
        here = visit.place and visit.place.outcome == "open" and visit.place.step == step
        inside = window is None or window.holds(visit.entered)
        entries += bool(here and before != step and inside)
        before = step if here else None
    return entries


@given(st.lists(paths, max_size=6))
def test_a_deal_counts_the_same_alone_and_in_company(deal, scope, drawn):
    """The sum of every deal by itself is what all of them give."""
    together, apart = Flow(scope()), []
    for path in drawn:
        alone = Flow(scope())
        alone.take(deal(path))
        together.take(deal(path))
        apart.append(alone.flows()[0])
    found = together.flows()[0]
    for pair in found.pairs:
        for rule in Rule:
            each = [flow.of(pair, rule) for flow in apart]
            assert found.of(pair, rule) == sum(each, Conversion())
