from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.model import (
    BEGINNING,
    CreateStage,
    EditStage,
    Outcome,
    Pipeline,
    PipelineVersion,
    Stage,
    StageValues,
)
from connector.reconcile.revisions import EditKind, Placed, Write, edits_between, revisions

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
SALES = Pipeline(
    "sales",
    "Sales",
    (
        Stage("met", "Met", 0.2, Outcome.OPEN, 0),
        Stage("offered", "Offered", 0.6, Outcome.OPEN, 1),
        Stage("won", "Won", 1.0, Outcome.WON, 2),
    ),
)


def at(hours):
    return NOON + timedelta(hours=hours)


def history(*pipelines, not_before=None, by="7"):
    """These pipelines as versions an hour apart, each lasting until the next."""
    last = len(pipelines) - 1
    return [
        PipelineVersion(each, at(n), by, not_before, None if n == last else at(n + 1))
        for n, each in enumerate(pipelines)
    ]


def with_stage(pipeline, stage_id, **values):
    stages = (replace(s, **values) if s.id == stage_id else s for s in pipeline.stages)
    return replace(pipeline, stages=tuple(stages))


def replayed(pipeline, edits):
    """What edits make of a pipeline, all but the slots; an oracle of its own."""
    stages = {stage.id: replace(stage, slot=None) for stage in pipeline.stages}
    label, places = pipeline.label, {}
    for edit in edits:
        match edit.kind:
            case EditKind.PIPELINE_LABEL:
                label = edit.after
            case EditKind.STAGE_REMOVED:
                del stages[edit.stage]
            case EditKind.STAGE_ADDED:
                stages[edit.stage] = replace(edit.after.stage, slot=None)
                places[edit.stage] = edit.after.place
            case EditKind.STAGE_MOVED:
                places[edit.stage] = edit.after
            case kind:
                field = {"label": "label", "probability": "probability"}.get(kind, str(kind))
                stages[edit.stage] = replace(stages[edit.stage], **{field: edit.after})
    rest = iter([id_ for id_ in stages if id_ not in places])
    at_place = {place: id_ for id_, place in places.items()}
    order = [at_place.get(n) or next(rest) for n in range(1, len(stages) + 1)]
    return Pipeline(pipeline.id, label, tuple(stages[id_] for id_ in order))


STAGES = st.builds(
    Stage,
    st.sampled_from([f"s{n}" for n in range(8)]),
    st.sampled_from(["Met", "Offered", "Met again"]),
    st.sampled_from([None, 0.0, 0.2, 0.8, 1.0]),
    st.sampled_from(Outcome),
    st.none() | st.integers(0, 99),
    st.booleans(),
)
PIPELINES = st.builds(
    Pipeline,
    st.just("sales"),
    st.sampled_from(["Sales", "Nysalg"]),
    st.lists(STAGES, unique_by=lambda stage: stage.id, max_size=8).map(tuple),
)


def without_slots(pipeline):
    return replace(pipeline, stages=tuple(replace(stage, slot=None) for stage in pipeline.stages))


@given(st.lists(PIPELINES, min_size=1, max_size=6))
def test_the_edits_of_a_history_reproduce_every_version(pipelines):
    """Folded from its first version, the history is every later one: nothing is left untold."""
    told = revisions(history(*pipelines))
    assert [revision.version.pipeline for revision in told] == pipelines
    now = without_slots(pipelines[0])
    for revision in told[1:]:
        now = replayed(now, revision.edits)
        assert now == without_slots(revision.version.pipeline)


@given(PIPELINES)
def test_nothing_changed_is_nothing_told(pipeline):
    """A version that differs in slots alone has no edits."""
    moved = replace(
        pipeline, stages=tuple(replace(s, slot=(s.slot or 0) * 2 + 1) for s in pipeline.stages)
    )
    assert list(edits_between(pipeline, moved)) == []


def moves(before, after):
    def pipeline(order):
        return Pipeline("p", "P", tuple(Stage(s, s, 0.5, Outcome.OPEN) for s in order))

    edits = edits_between(pipeline(before), pipeline(after))
    return {(e.stage, e.before, e.after) for e in edits if e.kind is EditKind.STAGE_MOVED}


@pytest.mark.parametrize(
    ("before", "after", "moved"),
    [
        ("abcd", "abcd", set()),
        ("abcd", "bcda", {("a", 1, 4)}),
        ("abcd", "dabc", {("d", 4, 1)}),
        ("abcdef", "aebcdf", {("e", 5, 2)}),
        ("abc", "xabc", set()),
        ("xabc", "abc", set()),
    ],
)
def test_only_what_was_moved_is_called_moved(before, after, moved):
    """Stages that shifted because another one came, went or was moved were not moved themselves."""
    assert moves(before, after) == moved


def test_a_stage_comes_and_goes_with_its_values():
    """An added stage is told with its place, a removed one with the name it had."""
    demo = Stage("demo", "Demo", 0.4, Outcome.OPEN)
    more = replace(SALES, stages=(SALES.stages[0], demo, *SALES.stages[1:]))
    _, added, removed = revisions(history(SALES, more, SALES))
    assert [(e.kind, e.stage, e.label, e.before, e.after) for e in added.edits] == [
        (EditKind.STAGE_ADDED, "demo", "Demo", None, Placed(demo, 2))
    ]
    assert [(e.kind, e.label, e.before) for e in removed.edits] == [
        (EditKind.STAGE_REMOVED, "Demo", Placed(demo, 2))
    ]


def test_a_history_begins_with_what_is_known():
    """The pipeline was added where its making is known, and else first known."""
    for not_before, kind in (
        (None, EditKind.PIPELINE_ADDED),
        (at(-5), EditKind.PIPELINE_ADDED),
        (BEGINNING, EditKind.FIRST_KNOWN),
    ):
        (first,) = revisions(history(SALES, not_before=not_before))
        assert [edit.kind for edit in first.edits] == [kind]


def test_a_pipeline_is_removed_and_comes_back():
    """A gap between two versions is a removal, and what follows it is added anew."""
    gone = replace(history(SALES)[0], until=at(3))
    back = PipelineVersion(SALES, at(5), None, at(4), at(6))
    told = revisions([gone, back])
    assert [(r.version.at, [e.kind for e in r.edits]) for r in told] == [
        (at(0), [EditKind.PIPELINE_ADDED]),
        (at(3), [EditKind.PIPELINE_REMOVED]),
        (at(5), [EditKind.PIPELINE_ADDED]),
        (at(6), [EditKind.PIPELINE_REMOVED]),
    ]
    assert revisions([]) == ()


@pytest.mark.parametrize(("looks", "seen"), [((), 0), ((-1, 1, 2, 3, 4), 2), ((-1, 3), 0)])
def test_a_removal_lies_behind_the_last_look_that_saw_the_pipeline(looks, seen):
    """Without such a look it lies somewhere behind the pipeline's last version."""
    gone = replace(history(SALES)[0], until=at(3))
    removal = revisions([gone], looks=[at(hours) for hours in looks])[-1]
    assert (removal.version.not_before, removal.version.at) == (at(seen), at(3))


# --- whether it was us ----------------------------------------------------------------------------


def wrote(run, stage="met", hours=1.0, **after):
    before = StageValues(**dict.fromkeys(after))
    change = EditStage("sales", stage, before, StageValues(**after))
    return Write(run, change, at(hours), at(hours) + timedelta(seconds=2))


def runs(after, writes, **version):
    before, now = history(SALES, after)
    edits = revisions([before, replace(now, **version)], writes)[1].edits
    return [(edit.kind, edit.run) for edit in edits]


RENAMED = with_stage(SALES, "met", label="Møtt")


@pytest.mark.parametrize(
    ("write", "run"),
    [
        (wrote(3, label="Møtt"), 3),
        (wrote(3, label="Møtt", hours=0.99), 3),
        (wrote(3, label="Møtt", hours=0.9), None),
        (wrote(3, label="Møtt", hours=1.1), None),
        (wrote(3, label="Something else"), None),
        (wrote(3, label="Møtt", stage="offered"), None),
        (replace(wrote(3, label="Møtt"), settled_at=None), 3),
    ],
)
def test_an_edit_is_ours_where_our_journal_says_so(write, run):
    """The same value, written to the same stage, at the time of the version."""
    assert runs(RENAMED, [write]) == [(EditKind.LABEL, run)]


def test_another_pipeline_is_never_ours():
    """A write to a stage of the same id in another pipeline explains nothing here."""
    write = wrote(3, label="Møtt")
    other = replace(write, change=replace(write.change, pipeline="partners"))
    assert runs(RENAMED, [other]) == [(EditKind.LABEL, None)]


def test_one_request_is_one_hand():
    """An exact version is one request, so all of it is ours where one edit is."""
    both = with_stage(RENAMED, "met", label="Møtt", probability=1.0, outcome=Outcome.WON)
    assert runs(both, [wrote(3, label="Møtt", probability=1.0)]) == [
        (EditKind.LABEL, 3),
        (EditKind.PROBABILITY, 3),
        (EditKind.OUTCOME, 3),
    ]


def test_between_two_pulls_each_edit_stands_for_itself():
    """What others did between the same two pulls is not claimed."""
    mixed = with_stage(RENAMED, "won", label="Vunnet")
    found = runs(mixed, [wrote(3, label="Møtt", hours=0.5)], not_before=at(0))
    assert found == [(EditKind.LABEL, 3), (EditKind.LABEL, None)]


def test_a_move_and_a_new_stage_are_recognised():
    """Moves and additions have no value of their own to compare."""
    swapped = replace(SALES, stages=(SALES.stages[1], SALES.stages[0], SALES.stages[2]))
    ((_, run),) = runs(swapped, [wrote(4, "met", slot=5), wrote(4, "offered", slot=0)])
    assert run == 4
    demo = Stage("demo", "Demo", 0.4, Outcome.OPEN)
    made = CreateStage("sales", "demo", StageValues("Demo", 0.4, 9))
    longer = replace(SALES, stages=(*SALES.stages, demo))
    assert runs(longer, [Write(5, made, at(1), at(1))]) == [(EditKind.STAGE_ADDED, 5)]
