"""Endpoints of single stages."""

from dataclasses import replace
from typing import Any

from connector.sandbox.http import Response
from connector.sandbox.hubspot.bodies import STAGE
from connector.sandbox.hubspot.call import Call, Missing, Refusal, invalid, reply
from connector.sandbox.hubspot.pipelines import found, guarded
from connector.sandbox.hubspot.records import Pipeline, Stage
from connector.sandbox.hubspot.shapes import echo, stage_shape
from connector.sandbox.hubspot.stage_rules import (
    add_stage,
    check_label,
    check_unused,
    check_writable,
    place,
    probability,
)

_EXISTS = {"subCategory": "PipelineError.STAGE_LABEL_EXISTS"}


def list_stages(call: Call) -> Response:
    """List a pipeline's stages; this 404 alone is JSON, without a category."""
    pipeline = call.portal.pipelines.get(call.names["pipeline"])
    if pipeline is None:
        raise Refusal(404, f"Pipeline {call.names['pipeline']} was not found")
    return reply({"results": [stage_shape(pipeline, stage) for stage in pipeline.stages]})


def get_stage(call: Call) -> Response:
    """Answer one stage."""
    pipeline, stage = _found(call)
    return reply(stage_shape(pipeline, stage))


def _found(call: Call) -> tuple[Pipeline, Stage]:
    pipeline = found(call)
    stage = pipeline.stage(call.names["stage"])
    if stage is None:
        raise Missing
    return pipeline, stage


def create_stage(call: Call) -> Response:
    """Add a stage to a pipeline."""
    pipeline, sent, now = found(call), call.json(STAGE), call.portal.now()
    check_label(sent.get("label"), pipeline.stages, **_EXISTS)
    stages = add_stage(call.portal, pipeline.stages, sent, now)
    _store(call, pipeline, stages, now)
    return reply(echo(stage_shape(pipeline, stages[-1]), sent, now), 201)


def patch_stage(call: Call) -> Response:
    """Change the fields sent and no others; none is required."""
    return _change(call, call.json(STAGE))


def put_stage(call: Call) -> Response:
    """Change a stage, all fields required."""
    sent = call.json(STAGE)
    missing = [key for key in ("displayOrder", "label", "metadata") if sent.get(key) is None]
    if missing:
        raise invalid(f"Some required fields were not set: {missing}")
    return _change(call, sent)


def _change(call: Call, sent: dict[str, Any]) -> Response:
    pipeline, stage = _found(call)
    now = call.portal.now()
    check_writable(stage)
    others = [each for each in pipeline.stages if each.id != stage.id]
    changed = replace(
        stage,
        label=check_label(sent["label"], others, **_EXISTS) if "label" in sent else stage.label,
        probability=probability(sent.get("metadata"), stage.probability),
        updated=now,
    )
    stages = place(pipeline.stages, changed, sent.get("displayOrder", stage.order))
    _store(call, pipeline, stages, now)
    return reply(echo(stage_shape(pipeline, stage), sent, now))


def delete_stage(call: Call) -> Response:
    """Purge a stage; 204 too for one that is missing, whatever the pipeline."""
    pipeline = call.portal.pipelines.get(call.names["pipeline"])
    stage = pipeline.stage(call.names["stage"]) if pipeline else None
    if pipeline and stage:
        check_writable(stage)
        if guarded(call):
            check_unused(call.portal, [stage.id])
        kept = tuple(each for each in pipeline.stages if each is not stage)
        if not kept:
            raise invalid("Pipeline must have at least one stage")
        _store(call, pipeline, kept, call.portal.now())
    return Response(204)


def _store(call: Call, pipeline: Pipeline, stages: tuple[Stage, ...], now: int) -> None:
    call.portal.put_pipeline(replace(pipeline, stages=stages, updated=now), at=now)
