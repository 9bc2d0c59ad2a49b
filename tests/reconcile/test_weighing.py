"""Impact: counted by hand for small pipelines."""

from dataclasses import replace

from connector.model import Outcome, Pipeline, Standing
from connector.reconcile.plan import Hazard, Impact, Weighted
from connector.reconcile.weighing import impact
from tests.reconcile.tables import pipeline, planned, process, stage, want
from tests.reconcile.worlds import EVERYTHING

DESIRED = process(want("a", "A", 0.2), want("b", "B", 0.5), want("won", "W", 1.0))


def standing(stage: str, owner: str | None, deals: int, amount: float) -> Standing:
    return Standing("sales", stage, owner, deals, amount)


STANDINGS = (
    standing("a", "1", 3, 1000.0),
    standing("a", None, 1, 100.0),
    standing("b", "1", 2, 400.0),
    standing("b", "2", 5, 2000.0),
    standing("won", "2", 9, 90000.0),
    standing("gone", "2", 1, 5.0),
    Standing("other", "x", "1", 7, 7000.0),
)


def moved(live: Pipeline, allow: object = EVERYTHING) -> Impact:
    return impact(planned(DESIRED, live, allow=allow), (live,), STANDINGS)  # type: ignore[arg-type]


def test_a_probability_moves_the_weighted_pipeline() -> None:
    """Open deals are weighted before and after, won ones not; only who is moved is listed."""
    live = pipeline(stage("a", "A", 0.4), stage("b", "B", 0.5), stage("won", "W", 1.0))
    assert moved(live) == Impact(
        touched=4,
        opening=0,
        closing=0,
        modified=20,
        pipelines=(Weighted("sales", None, 11, 1640.0, 1420.0),),
        owners=(
            Weighted("sales", "1", 5, 600.0, 400.0),
            Weighted("sales", None, 1, 40.0, 20.0),
        ),
    )


def test_reopened_deals_join_the_weighted_pipeline() -> None:
    """Deals of a stage that wrongly counts as lost are opened by its correction."""
    live = pipeline(stage("a", "A", 0.0), stage("b", "B", 0.5), stage("won", "W", 1.0))
    result = moved(live)
    assert (result.touched, result.opening, result.closing) == (4, 4, 0)
    assert [(w.deals, w.before, w.after) for w in result.pipelines] == [(11, 1200.0, 1420.0)]


def test_closed_deals_leave_it() -> None:
    """Deals of a stage that becomes a won one are closed and count no longer."""
    live = pipeline(stage("a", "A", 0.2), stage("b", "B", 0.5), stage("won", "W", 0.5))
    result = moved(live)
    assert (result.touched, result.opening, result.closing) == (9, 0, 9)
    assert [(w.deals, w.before, w.after) for w in result.pipelines] == [(20, 46420.0, 1420.0)]


def test_a_label_moves_nothing() -> None:
    """A label edit touches no number, though HubSpot will mark the pipeline's deals."""
    live = pipeline(stage("a", "x", 0.2), stage("b", "B", 0.5), stage("won", "W", 1.0))
    result = moved(live)
    assert (result.touched, result.modified, result.owners) == (0, 20, ())
    assert [(w.before, w.after) for w in result.pipelines] == [(1420.0, 1420.0)]


def test_what_a_crm_counts_as_won_is_no_pipeline() -> None:
    """A won stage counts for nothing, also where a CRM gives it a probability below one."""
    won = replace(stage("won", "W", 0.9), outcome=Outcome.WON)
    live = pipeline(stage("a", "x", 0.2), stage("b", "B", 0.5), won)
    assert [(w.before, w.after) for w in moved(live).pipelines] == [(1420.0, 1420.0)]


def test_held_changes_move_nothing() -> None:
    """What is held counts for nothing until it is allowed."""
    live = pipeline(stage("a", "A", 0.9), stage("b", "B", 0.5), stage("won", "W", 1.0))
    assert moved(live, allow=()) == Impact(0, 0, 0, 0, (), ())
    assert moved(live, allow={(Hazard.LEAP, "a")}).touched == 4


def test_moves_and_edits_of_one_stage_add_up() -> None:
    """A stage that is edited and moved is counted once, with its new probability."""
    live = pipeline(stage("b", "B", 0.4), stage("a", "A", 0.2), stage("won", "W", 1.0))
    result = moved(live)
    assert (result.touched, result.modified) == (7, 20)
