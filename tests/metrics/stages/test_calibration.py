"""Which cases calibration is judged by, and what it makes of them."""

import pytest

from connector.metrics.periods import Window
from connector.metrics.stages.calibration import OVERALL, Calibrating
from connector.metrics.stages.scores import Side
from connector.metrics.weights import Weights

NEW, MEETING, OFFER = 0, 1, 2
EVER = Window(-(2**62), 2**62)


@pytest.fixture
def judge(sales, day):
    """Calibration of these deals; firsts of months are days 31, 59 and 90."""

    def judged(*deals, weights=None, as_of=365, window=EVER):
        since = {NEW: 0.1, MEETING: 0.4, OFFER: 0.8}
        known = weights or {stage: [(day(-9), p)] for stage, p in since.items()}
        months = [day(each) for each in (31, 59, 90) if each < as_of]
        found = Calibrating((sales,), Weights(known), day(as_of), months, window)
        for deal in deals:
            found.take(deal)
        return found.calibration()

    return judged


def counts(judged, step):
    return next(each.cases for each in judged if each.step == step)


def test_each_deal_counts_once_in_every_stage_it_entered(judge, deal):
    """By its first entry, with what became of it in the end; a way back is no second case."""
    found = judge(deal("new 0, meeting 5, new 9, meeting 12, offer 20, won 40"))
    assert counts(found.entries, NEW).counts == {(0.1, True): 1}
    assert counts(found.entries, MEETING).counts == {(0.4, True): 1}
    assert counts(found.entries, OFFER).counts == {(0.8, True): 1}
    assert counts(found.entries, OVERALL).counts.total() == 3


@pytest.mark.parametrize(
    "path", ["new 0", "new 0, lost 5, new 9", "new 0, off 5", "new 0, meeting 3, - 5"]
)
def test_deals_that_are_not_decided_are_dropped_and_counted(judge, deal, path):
    """Open ones, reopened ones and those that went elsewhere."""
    cases = counts(judge(deal(path)).entries, NEW)
    assert (cases.counts, cases.unresolved) == ({}, 1)


def test_an_archived_deal_is_not_decided(judge, deal):
    """It is censored, never lost; one that was lost before is lost."""
    assert counts(judge(deal("new 0", gone=5)).entries, NEW).unresolved == 1
    assert counts(judge(deal("new 0, lost 3", gone=5)).entries, NEW).counts == {(0.1, False): 1}


def test_the_probability_is_the_one_in_force_then(judge, deal, day):
    """One changed at the very instant does not count yet; the earliest stands in before it."""
    weights = {NEW: [(day(5), 0.3), (day(10), 0.6)]}
    deals = [deal(f"new {at}, lost 200") for at in (5, 6, 10, 11)]
    cases = counts(judge(*deals, weights=weights).entries, NEW)
    assert cases.counts == {(0.3, False): 3, (0.6, False): 1}
    assert cases.assumed == 1


def test_a_stage_without_a_probability_is_counted_apart(judge, deal):
    """It says nothing that could be judged."""
    cases = counts(judge(deal("new 0, lost 5"), weights={MEETING: [(0, 0.5)]}).entries, NEW)
    assert (cases.counts, cases.unweighted) == ({}, 1)


def test_a_period_judges_the_entries_in_it(judge, deal, day):
    """From its first instant to just before its end."""
    found = judge(deal("new 0, meeting 5, lost 9"), window=Window(day(5), day(6)))
    assert counts(found.entries, NEW).counts == {}
    assert counts(found.entries, MEETING).counts == {(0.4, False): 1}


def test_deals_are_found_where_they_lay_just_before_a_month(judge, deal, day):
    """Strictly before: entered at the first instant it lay elsewhere; pooled each counts once."""
    found = judge(deal("new 31, meeting 59, won 91"))
    assert set(found.months) == {day(59), day(90)}
    assert counts(found.months[day(59)], NEW).counts == {(0.1, True): 1}
    assert counts(found.months[day(90)], MEETING).counts == {(0.4, True): 1}
    assert counts(found.sitting, MEETING).counts == {(0.4, True): 1}
    assert counts(found.sitting, OVERALL).counts == {(0.1, True): 1}
    longer = judge(deal("new 1, lost 200"))
    assert len(longer.months) == 3
    assert counts(longer.sitting, NEW).counts == {(0.1, False): 1}


def test_a_verdict_takes_more_than_chance(judge, deal):
    """Said 0.8 and won 2 of 20 is over-confident; said 0.1 and won 2 of 20 fits."""
    deals = [deal(f"new 0, offer 1, {'won' if n < 2 else 'lost'} 9") for n in range(20)]
    found = {each.step: each for each in judge(*deals).entries}
    assert found[OFFER].side is Side.OVER
    assert found[OFFER].adjusted < 1e-6
    assert found[NEW].side is Side.NEITHER
    assert found[OVERALL].side is Side.OVER
    assert found[MEETING].side is None


def test_right_probabilities_raise_few_alarms(judge, deal):
    """Of 200 worlds whose stages say the truth, about one in twenty is accused, no more."""
    from random import Random

    random, alarms = Random(5), 0
    chance = {"new": 0.1, "meeting": 0.4, "offer": 0.8}
    for _ in range(200):
        deals = [
            deal(f"{stage} 0, {'won' if random.random() < p else 'lost'} 9")
            for stage, p in chance.items()
            for _ in range(40)
        ]
        found = judge(*deals).entries
        alarms += any(each.side not in (None, Side.NEITHER) for each in found)
    assert alarms <= 16
