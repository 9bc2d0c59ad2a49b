"""Worlds whose true odds are known: the evidence finds them, and time spent is what it takes."""

import random
from math import exp
from statistics import fmean

import pytest

from connector.metrics.forecasting.position import position_at
from connector.metrics.forecasting.win_probability import WinHistory

ADVANCE = {"new": 0.5, "meeting": 0.6, "offer": 0.7}
TRUE_VALUES = {"new": 0.21, "meeting": 0.42, "offer": 0.7}
SEEDS = range(12)
LOOK, END = 500, 900


@pytest.fixture(scope="module")
def worlds(deal):
    """Three deals in two days for 500 days; those that move on do so sooner than those lost."""
    return [[deal(path) for path in lives(random.Random(seed))] for seed in SEEDS]


def lives(rng):
    born = 0.0
    while (born := born + rng.expovariate(1.5)) < LOOK:
        at, path = born, []
        for stage, share in ADVANCE.items():
            path.append(f"{stage} {at}")
            moves = rng.random() < share
            at += rng.gammavariate(2, 7 if moves else 18)
            if not moves:
                path.append(f"lost {at}")
                break
        else:
            path.append(f"won {at}")
        yield ", ".join(path)


def as_of(deal, at):
    """The deal as it was known at an instant."""
    known = [visit for visit in deal.visits if visit.entered < at]
    if known and known[-1].left is not None and known[-1].left >= at:
        known[-1] = known[-1]._replace(left=None)
    return deal._replace(visits=known)


def test_the_value_of_a_stage_is_found(worlds, day, place):
    """Over the worlds, the estimate is right in the mean, and in each within four of its errors."""
    found = {stage: [] for stage in TRUE_VALUES}
    for deals in worlds:
        history = WinHistory([day(END)])
        for each in deals:
            history.take(each)
        (chances,) = history.chances()
        for stage, estimates in found.items():
            estimates.append(chances.entering(place(stage)))
    for stage, true in TRUE_VALUES.items():
        assert fmean(found[stage]) == pytest.approx(true, abs=0.015)
        assert all(abs(estimate - true) < 0.1 for estimate in found[stage])


def true_chance(stage, days):
    """The odds of a deal that has been in a stage for so many days, by how the worlds are made."""
    moved = ADVANCE[stage] * lasts(days, 7)
    lost = (1 - ADVANCE[stage]) * lasts(days, 18)
    return moved / (moved + lost) * TRUE_VALUES[stage] / ADVANCE[stage]


def lasts(days, scale):
    """The share of gamma(2, scale) waits that last longer."""
    return exp(-days / scale) * (1 + days / scale)


def test_the_evidence_is_right_where_entry_values_are_not(worlds, day):
    """Over the deals open at an instant it expects what is true; entry values expect far more."""
    true = expected = entering = 0.0
    for deals in worlds:
        history = WinHistory([day(LOOK)])
        for each in deals:
            history.take(as_of(each, day(LOOK)))
        (chances,) = history.chances()
        for each in deals:
            position = position_at(each, day(LOOK))
            if position and position.open:
                spent = day(LOOK) - position.visit.entered
                true += true_chance(list(ADVANCE)[position.place.step], spent / 86_400_000)
                expected += chances.sitting(position.place, spent)
                entering += chances.entering(position.place)
    assert expected == pytest.approx(true, rel=0.08)
    assert entering > 1.4 * true
