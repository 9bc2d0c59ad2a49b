"""Pipelines and stages, in the shapes their records come in."""

import pytest

from connector.errors import BadAnswer, Rejected
from connector.model import CreateStage, Outcome, Pipeline, PipelineState, StageValues, Trail
from tests.crm.nutshell.conftest import OddNutshell


def a_stage(number: int, position: object = None, stageset: object = "1-stagesets") -> dict:
    told = {} if position is None else {"position": position}
    links = {} if stageset is None else {"links": {"stageset": stageset}}
    return {"id": f"{number}-stages", "type": "stages", "name": f"S{number}", **told, **links}


def the(odd: OddNutshell, stages: list, **more: object) -> Pipeline:
    odd.rest["stagesets"] = [{"id": "1-stagesets", "name": "Sales", "canAccess": True, **more}]
    odd.rest["stages"] = stages
    (pipeline,) = odd.crm().pipelines()
    return pipeline


def own(pipeline: Pipeline) -> list[str]:
    return [stage.id for stage in pipeline.stages if stage.configured]


def test_statuses_are_stages_that_nobody_configured(odd):
    """Won, lost and cancelled leads lie in stages of their own, which Nutshell does not have."""
    pipeline = the(odd, [a_stage(101, 1)])
    qualify, *ends = pipeline.stages
    assert (qualify.outcome, qualify.probability, qualify.slot) == (Outcome.OPEN, None, 1)
    assert not qualify.writable
    assert not qualify.weighted
    assert [(s.id, s.label, s.outcome, s.probability, s.slot, s.cancelled) for s in ends] == [
        ("1-stagesets:won", "Won", "won", 1.0, None, False),
        ("1-stagesets:lost", "Lost", "lost", 0.0, None, False),
        ("1-stagesets:cancelled", "Cancelled", "lost", 0.0, None, True),
    ]
    assert not any(stage.configured or stage.weighted or stage.writable for stage in ends)


@pytest.mark.parametrize("bare", [False, True])
@pytest.mark.parametrize(
    "link", ["1-stagesets", 1, {"id": "1-stagesets"}, [{"id": 1}], ["1-stagesets"]]
)
def test_the_pipeline_of_a_stage_is_told_in_many_shapes(odd, link, bare):
    """An object or a list, wrapped or bare (Nutshell facts 2.4, 2026-11)."""
    odd.bare = bare
    assert own(the(odd, [a_stage(101, 1, link)])) == ["101-stages"]


@pytest.mark.parametrize("named", ["101-stages", 101, {"id": "101-stages"}])
def test_a_pipeline_may_be_the_only_one_that_names_its_stages(odd, named):
    """`links.stages` of the pipeline does, where the stage's own link is absent."""
    assert own(the(odd, [a_stage(101, 1, None)], links={"stages": [named]})) == ["101-stages"]


@pytest.mark.parametrize(
    ("positions", "named", "order"),
    [
        ((7, 1, 4), (), (2, 3, 1)),  # with gaps, and not in the order of ids (facts 3.4)
        (("7", "1", "4"), (), (2, 3, 1)),
        ((0, 1, 2), (), (1, 2, 3)),
        ((1, 1, 1), (), (1, 2, 3)),
        ((1, 1, 1), (3, 1, 2), (3, 1, 2)),
        ((None, None, None), (2, 3, 1), (2, 3, 1)),
        ((None, 5, None), (3, 1), (2, 3, 1)),
        ((None, None, None), (), (1, 2, 3)),
    ],
)
def test_stages_stand_by_position_then_as_the_pipeline_names_them(odd, positions, named, order):
    """Ties and missing positions go by `links.stages`, then as they came."""
    stages = [a_stage(number, position) for number, position in enumerate(positions, 1)]
    links = {"stages": [f"{number}-stages" for number in named]}
    assert own(the(odd, stages, links=links)) == [f"{number}-stages" for number in order]


@pytest.mark.parametrize(
    ("told", "state"),
    [
        ({}, PipelineState.ACTIVE),
        ({"status": 1}, PipelineState.ACTIVE),
        ({"status": 2}, PipelineState.DRAFT),
        ({"status": "3"}, PipelineState.RETIRED),
        ({"status": 9}, PipelineState.ACTIVE),
        ({"status": None, "canAccess": False}, PipelineState.ACTIVE),
    ],
)
def test_a_pipeline_says_whether_leads_run_through_it(odd, told, state):
    """Older answers have no status; one beyond the plan is listed all the same (facts 4, 6.6)."""
    assert the(odd, [a_stage(101, 1)], **told).state is state


def test_stages_of_pipelines_that_are_not_told_are_left_out(odd):
    """A pipeline the key's user does not see has stages nobody can place."""
    assert own(the(odd, [a_stage(101, 1), a_stage(105, 1, "9-stagesets")])) == ["101-stages"]


@pytest.mark.parametrize("stages", [[], [{"name": "no id"}]])
def test_stages_that_cannot_be_are_refused(odd, stages):
    """No stage at all, or one without an id, is no configuration to compare with."""
    with pytest.raises(BadAnswer):
        the(odd, stages)


def test_stages_are_never_written(odd):
    """Neither API can, and what is not sent cannot go wrong."""
    with pytest.raises(Rejected, match="no way to write"):
        odd.crm().write(CreateStage("1-stagesets", "new", StageValues("New")))
    assert odd.crm().versions("1-stagesets") == Trail(())
    assert odd.asked == []
