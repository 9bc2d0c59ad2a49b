"""What is corrected while nobody watches, and where that stops because somebody turned it back."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.model import (
    Capability,
    CreateStage,
    EditStage,
    Pipeline,
    Stage,
    StageChange,
    StageValues,
)
from connector.reconcile.comparison import compare
from connector.reconcile.fights import Correction, Fight, fights, unattended
from connector.reconcile.plan import Plan
from connector.reconcile.values import touches
from tests.reconcile.portal import Portal
from tests.reconcile.tables import pipeline, planned, process, stage, want, writes
from tests.reconcile.test_promises import promise
from tests.reconcile.worlds import ACCOUNT, EVERYTHING, World, worlds

NIGHT = datetime(2026, 11, 21, 3, 10, tzinfo=UTC)
BOTH = frozenset({Capability.LABEL, Capability.PROBABILITY})
LABEL = frozenset({Capability.LABEL})
KINDS = st.sampled_from((LABEL, BOTH))

SALES = process(want("a", "A", 0.2), want("b", "B", 0.4), want("c", "C", 0.6), want("d", "D", 0.8))


def live(a: str = "A", b: str = "B", c: str = "C", probability: float = 0.2) -> Pipeline:
    """The pipeline SALES wants, but for what is given."""
    return pipeline(
        stage("a", a, probability), stage("b", b, 0.4), stage("c", c, 0.6), stage("d", "D", 0.8)
    )


def wrote(run: int, stage_id: str, before: object, after: object, **more: bool) -> Correction:
    """A correction of a label or, of numbers, a probability."""
    field = "label" if isinstance(after, str) else "probability"
    values = (StageValues(**{field: value}) for value in (before, after))
    return Correction(run, EditStage("sales", stage_id, *values), NIGHT, **more)


def fought(now: Pipeline, *corrections: Correction) -> list[tuple[str, int, int]]:
    """The fights as drift kind, run and times."""
    found = fights(compare((SALES,), ACCOUNT, (now,)), corrections)
    return [(each.drift.kind.value, each.run, each.times) for each in found]


@pytest.mark.parametrize(
    ("now", "corrections", "expected"),
    [
        # Never corrected before: nobody turned anything back.
        (live(a="x"), [], []),
        (live(a="x"), [wrote(1, "b", "x", "B")], []),
        # Turned back to what it was, or to something else again.
        (live(a="x"), [wrote(1, "a", "x", "A")], [("label", 1, 1)]),
        (live(a="y"), [wrote(1, "a", "x", "A")], [("label", 1, 1)]),
        (live(probability=0.3), [wrote(1, "a", 0.3, 0.2)], [("probability", 1, 1)]),
        (live(probability=0.3), [wrote(1, "a", 0.3, 0.2 + 1e-12)], [("probability", 1, 1)]),
        # Taken back by ourselves, on somebody's behalf: plan --undo.
        (live(a="x"), [wrote(1, "a", "x", "A"), wrote(2, "a", "A", "x")], [("label", 1, 1)]),
        # The process wanted something else then, and what we wrote is still there.
        (live(a="old"), [wrote(1, "a", "x", "old")], []),
        (live(a="old"), [wrote(1, "a", "x", "A"), wrote(2, "a", "A", "old")], []),
        # A person applied it again by hand, and it was turned back again.
        (live(a="x"), [wrote(1, "a", "x", "A"), wrote(4, "a", "x", "A")], [("label", 4, 2)]),
        # Another value of the same stage is another matter.
        (live(a="x"), [wrote(1, "a", 0.3, 0.2)], []),
    ],
)
def test_a_correction_that_was_turned_back_is_a_fight(now, corrections, expected):
    """It is a fight where our last word was the desired one, or the same correction was made."""
    assert fought(now, *corrections) == expected


def test_a_temporary_label_on_the_way_is_nobodys_word():
    """Labels swapped through a temporary one count as swapped, not as renamed twice."""
    first = [wrote(1, "a", "B", "B (t)"), wrote(1, "b", "A", "B"), wrote(1, "a", "B (t)", "A")]
    assert fought(live(a="B", b="A"), *first) == [("label", 1, 1), ("label", 1, 1)]


def test_a_write_nobody_saw_arrive_is_not_sent_again():
    """A correction whose answer was lost counts as made, and the fight says that it may not be."""
    lost = wrote(1, "a", "x", "A", settled=False)
    (fight,) = fights(compare((SALES,), ACCOUNT, (live(a="x"),)), [lost])
    assert not fight.settled


def left(now: Pipeline, kinds: frozenset[Capability], *corrections: Correction) -> Plan:
    """What may be done unasked of the plan for a pipeline."""
    plan = planned(SALES, now, allow=())
    return unattended(plan, kinds, fights(compare((SALES,), ACCOUNT, (now,)), corrections))


def test_only_the_kinds_named_are_corrected():
    """With auto = ["label"], a stage whose probability is off too is left to a person."""
    assert writes(left(live(a="x"), LABEL)) == [("a", {"label": "A"})]
    assert writes(left(live(probability=0.3), LABEL)) == []
    assert writes(left(live(a="x", probability=0.3), LABEL)) == []
    assert len(writes(left(live(a="x", probability=0.3), BOTH))) == 1


def test_what_is_held_is_never_done_unasked():
    """A leap of a probability stays held, however much a job may correct."""
    assert left(live(probability=0.9), BOTH).held == ()
    assert writes(left(live(probability=0.9), BOTH)) == []


def test_a_swap_stays_whole_or_is_left():
    """Where one of two swapped labels is fought over, the other cannot be had and waits too."""
    now = live(a="B", b="A")
    assert len(writes(left(now, LABEL))) == 3
    assert writes(left(now, LABEL, wrote(1, "a", "B", "A"))) == []


def test_a_fight_over_one_stage_does_not_stop_the_others():
    """Corrections nobody fights over go ahead."""
    now = live(a="x", c="y")
    assert writes(left(now, LABEL, wrote(1, "a", "x", "A"))) == [("c", {"label": "C"})]


def fight_over(plan: Plan, numbers: set[int]) -> list[Fight]:
    drifts = [drift for each in plan.changes for drift in each.drifts]
    return [Fight(drifts[n % len(drifts)], 1, NIGHT, 1, True) for n in numbers if drifts]


@promise
@given(worlds(), KINDS, st.sets(st.integers(0, 30), max_size=3))
def test_what_is_left_is_legal_by_itself(world: World, kinds, numbers):
    """Whatever is fought over, the rest can be written, of the named kinds, and nothing halfway."""
    portal = world.portal()
    full = world.plan(portal)
    found = fight_over(full, numbers)
    plan = unattended(full, kinds, found)
    changes = [each.change for each in plan.changes]
    portal.write_all(changes)
    assert {touch.place[2] for change in changes for touch in touches(change)} <= set(kinds)
    assert not [change for change in changes if isinstance(change, CreateStage)]
    assert not [s for p in portal.live() for s in p.stages if "connector:" in s.label]
    over = {fight.drift.id for fight in found}
    assert not [drift for each in plan.changes for drift in each.drifts if drift.id in over]


@promise
@given(worlds(tame=True), KINDS, st.sets(st.integers(0, 40)))
def test_no_correction_is_ever_made_twice(world: World, kinds, turned_back):
    """Over a week with somebody who turns things back, no value is written a second time."""
    portal, journal = world.portal(), list[Correction]()
    before = {stage.id: stage for p in portal.live() for stage in p.stages}
    for night in range(7):
        found = fights(world.drifts(portal), journal)
        plan = unattended(world.plan(portal, EVERYTHING), kinds, found)
        for each in plan.changes:
            portal.write(each.change)
            at = NIGHT + timedelta(days=night)
            journal.append(Correction(night, each.change, at))
        turn_back(portal, [before[id] for n, id in enumerate(before) if n in turned_back])
    final = {(each.run, touch.place): touch for each in journal for touch in touches(each.change)}
    made = Counter((place, touch.after) for (_, place), touch in final.items())
    assert max(made.values(), default=1) == 1


def turn_back(portal: Portal, stages: list[Stage]) -> None:
    """Somebody gives stages their former labels and probabilities, where the CRM lets them."""
    for old in stages:
        for name, stages_of in portal.stages.items():
            now = stages_of.get(old.id)
            if now is None:
                continue
            free = all(
                other.label.strip().lower() != old.label.strip().lower()
                for other in stages_of.values()
                if other.id != now.id
            )
            label = old.label if free else now.label
            portal.stages[name][now.id] = replace(old, label=label, slot=now.slot)


def test_the_property_above_can_fail():
    """Without the journal the same label is written every night: the test above can fail."""
    changes: list[StageChange] = []
    for _ in range(3):
        portal = Portal.of((live(a="x"),))
        plan = left(portal.live()[0], LABEL)
        changes += [each.change for each in plan.changes]
    assert len(changes) == 3
