"""The reports find what is planted in a world, and no more; `make worlds` counts it over many."""

from itertools import pairwise

import pytest

from connector.metrics.decided import Trend
from connector.metrics.odds import Kind
from connector.sandbox.world.truth import STAGES, truth
from tests.worlds.settled import NOW, settled
from tests.worlds.sightings import WorldSeen, look
from tests.worlds.summary import summary

FULL, BARE, OTHER = 1, 2, 4


@pytest.fixture(scope="module")
def worlds(tmp_path_factory) -> dict[int, WorldSeen]:
    """Two worlds with everything planted and one with nothing, as reports see them."""
    seen = {}
    for seed in (FULL, BARE, OTHER):
        with settled(seed, tmp_path_factory.mktemp("worlds") / str(seed)) as made:
            seen[seed] = look(made)
    return seen


def test_estimated_probabilities_are_the_true_ones(worlds):
    """No estimate is further off than four standard errors of its deals, most intervals hold."""
    stages = [each for world in worlds.values() for each in world.stages]
    assert [each.stage for each in stages] == [*STAGES] * len(worlds)
    assert max(abs(each.estimate - each.true) for each in stages) < 0.08
    assert sum(each.held for each in stages) >= len(stages) - 2


def test_what_is_planted_is_found(worlds):
    """An overrated stage and a weak rep show; a drifting product does in most worlds only."""
    for seed in (FULL, OTHER):
        seen = worlds[seed]
        assert all(each.change for each in seen.stages if each.overrated)
        assert seen.reps.differ
        assert seen.reps.weak in seen.reps.below
    trends = [each.trend for world in worlds.values() for each in world.products if each.drifts]
    assert len(trends) == 2
    assert Trend.DOWN in trends
    assert Trend.UP not in trends


def test_what_is_not_planted_is_not_found(worlds):
    """Where nothing is planted no stage gets another value, reps do not differ, nothing drifts."""
    seen = worlds[BARE]
    assert not any(each.change for each in seen.stages)
    assert not seen.reps.differ
    assert {each.trend for each in seen.products} == {Trend.UNCLEAR}


def test_deals_to_come_are_expected_about_as_they_come(worlds):
    """What new deals brought lies in most of the intervals told before."""
    quarters = [each for world in worlds.values() for each in world.inflow]
    assert sum(each.held for each in quarters) >= len(quarters) - 3


def test_evidence_forecasts_better_than_a_probability_too_high(worlds):
    """Mid-quarter, evidence misses by less than the configured values, one of which is too high."""
    missed = {
        kind: sum(
            abs(each.forecast - each.actual)
            for each in worlds[FULL].forecasts
            if each.kind is kind and each.day == 60
        )
        for kind in (Kind.CONFIGURED, Kind.EVIDENCE)
    }
    assert 0 < missed[Kind.EVIDENCE] < missed[Kind.CONFIGURED]


def test_the_tables_count_what_was_seen(worlds):
    """Each planted thing is counted once, and every right one under what was told all the same."""
    tables = summary(list(worlds.values()))
    planted = {row[""]: (row["times"], row["of"]) for row in tables["Planted, and found"]}
    assert planted["a weak rep is marked below the team"] == (2, 2)
    assert planted["a drifting product went down"][1] == 2
    told = {row[""]: row["of"] for row in tables["Not planted, and told all the same"]}
    assert told["a right stage gets another probability, nothing drifts"] == 4
    assert told["a right stage gets another probability, a product drifts"] == 6
    assert told["a right rep is marked below, another is weak"] == 14


def test_each_thing_is_planted_in_about_half_of_the_worlds():
    """Over many worlds there are enough with and without each, and no two are alike."""
    rules = [truth(seed, NOW, 1.5) for seed in range(200)]
    for planted in ("weak_rep", "drifting_product", "overrated"):
        assert 70 < sum(getattr(each, planted) is not None for each in rules) < 130
    assert all(one.advance != other.advance for one, other in pairwise(rules))
