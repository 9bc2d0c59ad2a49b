from dataclasses import replace

import pytest

from connector.model import Outcome, Pipeline, Stage
from connector.store import history


def renamed(pipeline: Pipeline, label: str) -> Pipeline:
    return replace(
        pipeline, stages=(replace(pipeline.stages[0], label=label), *pipeline.stages[1:])
    )


@pytest.fixture
def other() -> Pipeline:
    return Pipeline("partners", "Partners", (Stage("p1", "Asked", None, Outcome.OPEN),))


def test_a_pipeline_comes_back_as_it_was_seen(norge, sales, other):
    """Order, labels, probabilities, outcomes, slots and what is writable are all kept."""
    odd = replace(other, stages=(replace(other.stages[0], slot=-5, writable=False),))
    empty = Pipeline("empty", "Empty", ())
    norge.pull(pipelines=(sales, odd, empty))
    assert history.pipelines_now(norge.db, norge.id) == (sales, odd, empty)


def test_a_pipeline_that_stays_the_same_gets_no_version(norge, sales):
    """Only a difference opens a version."""
    for at in (1, 2, 3):
        norge.pull(at=at)
    assert norge.db.table("pipeline_versions").count == 1


def test_a_version_ends_where_the_next_begins(norge, sales, day):
    """A renamed stage closes the version before it, in the instant its pull began."""
    norge.pull(at=1)
    norge.pull(at=2, pipelines=(renamed(sales, "Met twice"),))
    assert norge.rows(
        "SELECT DISTINCT substr(valid_from, 1, 10), substr(valid_to, 1, 10) FROM pipeline_history"
    ) == [("2026-01-02", "2026-01-03"), ("2026-01-03", None)]


def test_pipelines_at_an_instant_are_those_in_force_before_it(norge, sales, day):
    """A version counts after the instant it came into force, and the first one also before."""
    later = renamed(sales, "Met twice")
    norge.pull(at=1)
    norge.pull(at=5, pipelines=(later,))
    told = {at: history.pipelines_at(norge.db, norge.id, day(at)) for at in (0, 1, 3, 5, 5.01, 9)}
    assert told == {at: (sales,) if at <= 5 else (later,) for at in told}


def test_a_pipeline_no_longer_listed_is_closed_but_keeps_its_names(norge, sales, other, deal, day):
    """Deals of a deleted pipeline still have a stage and a pipeline to be called by."""
    norge.pull(deal("1", ("p1", 0.5)), at=1, pipelines=(sales, other))
    norge.pull(at=2, pipelines=(sales,))
    assert history.pipelines_now(norge.db, norge.id) == (sales,)
    assert history.pipelines_at(norge.db, norge.id, day(1.5)) == (sales, other)
    assert norge.rows("SELECT pipeline, stage FROM deals_now") == [("Partners", "Asked")]


def test_a_pipeline_may_come_back(norge, sales):
    """A pipeline that was gone for a while gets a new version, and a gap before it."""
    for at, pipelines in ((1, (sales,)), (2, ()), (3, (sales,))):
        norge.pull(at=at, pipelines=pipelines)
    assert history.pipelines_now(norge.db, norge.id) == (sales,)
    assert norge.db.table("pipeline_versions").count == 2


def test_a_clock_set_back_makes_no_version_run_backwards(norge, sales):
    """A pull that began before the last one still leaves intervals that do not overlap."""
    norge.pull(at=5)
    norge.pull(at=4, pipelines=(renamed(sales, "Met twice"),))
    norge.pull(at=3, pipelines=(sales,))
    assert norge.rows("SELECT COUNT(*) FROM pipeline_versions WHERE valid_to < valid_from") == [
        (0,)
    ]
    assert history.pipelines_now(norge.db, norge.id) == (sales,)


def test_a_stage_known_only_from_deals_has_no_name(norge, deal):
    """A stage deleted before the first pull is kept under its id."""
    norge.pull(deal("1", ("long-gone", 1), ("met", 2)))
    assert norge.rows("SELECT stage_id, stage, pipeline FROM stage_visits") == [
        ("long-gone", "", None),
        ("met", "Met", "Sales"),
    ]
