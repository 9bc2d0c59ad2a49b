"""Endpoints of whole deal pipelines."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from connector.sandbox.http import Response
from connector.sandbox.hubspot.bodies import PIPELINE
from connector.sandbox.hubspot.call import Call, Missing, Refusal, invalid, reply
from connector.sandbox.hubspot.records import Pipeline, Stage
from connector.sandbox.hubspot.shapes import echo, pipeline_shape, stage_shape
from connector.sandbox.hubspot.stage_rules import (
    LONGEST_PIPELINE_ID,
    add_stage,
    check_id,
    check_label,
    check_unused,
    place,
    probability,
    same_label,
)


def list_pipelines(call: Call) -> Response:
    """List every pipeline with its stages; limit and archived have no effect."""
    return reply({"results": [pipeline_shape(each) for each in call.portal.pipelines.values()]})


def get_pipeline(call: Call) -> Response:
    """Answer one pipeline."""
    return reply(pipeline_shape(found(call)))


def found(call: Call) -> Pipeline:
    """The pipeline that the path names."""
    pipeline = call.portal.pipelines.get(call.names["pipeline"])
    if pipeline is None:
        raise Missing
    return pipeline


def guarded(call: Call) -> bool:
    """Whether a delete looks for deals first.

    HubSpot facts, 2026-11: always on 2026-09, where the flags that should skip it do nothing; on
    v3 only when a flag asks for it.
    """
    flags = ("validateReferencesBeforeDelete", "validateDealStageUsagesBeforeDelete")
    return call.version != "v3" or any(call.flag(flag) for flag in flags)


def create_pipeline(call: Call) -> Response:
    """Make a pipeline with its stages."""
    sent, now = call.json(PIPELINE), call.portal.now()
    _require(sent)
    pipeline_id = str(sent.get("pipelineId") or call.portal.new_id())
    check_id(pipeline_id, LONGEST_PIPELINE_ID, taken=pipeline_id in call.portal.pipelines)
    empty = Pipeline(pipeline_id, _label(call, sent["label"]), sent["displayOrder"], (), now, now)
    pipeline = replace(empty, stages=_stages(call, empty, sent["stages"], now))
    call.portal.put_pipeline(pipeline, at=now)
    return reply(_echo(pipeline, sent, now), 201)


def put_pipeline(call: Call) -> Response:
    """Replace a pipeline: every stage left out is purged, one sent without an id gets a new id."""
    before, sent, now = found(call), call.json(PIPELINE), call.portal.now()
    _require(sent)
    named = {str(stage.get("stageId")) for stage in sent["stages"]}
    if guarded(call):
        check_unused(call.portal, {stage.id for stage in before.stages} - named)
    pipeline = replace(
        before,
        label=_label(call, sent["label"], before.id),
        order=sent["displayOrder"],
        stages=_stages(call, before, sent["stages"], now),
        updated=now,
    )
    call.portal.put_pipeline(pipeline, at=now)
    return reply(_echo(pipeline, sent, now))


def _require(sent: Mapping[str, Any]) -> None:
    missing = [key for key in ("displayOrder", "label", "stages") if sent.get(key) is None]
    if missing:
        raise invalid(f"Some required fields were not set: {missing}")
    if not sent["stages"]:
        raise invalid("Pipeline must have at least one stage")


def _label(call: Call, label: str, pipeline_id: str = "") -> str:
    """A pipeline label, unique among deal pipelines ignoring case."""
    for other in call.portal.pipelines.values():
        if other.id != pipeline_id and same_label(label, other.label):
            raise invalid(f"An active pipeline with label {label} already exists")
    return label


def _stages(
    call: Call, before: Pipeline, sent: list[dict[str, Any]], now: int
) -> tuple[Stage, ...]:
    """The stages sent, in that order; those the pipeline had keep their birth."""
    stages: tuple[Stage, ...] = ()
    for each in sent:
        check_label(each.get("label"), stages)
        known = before.stage(str(each.get("stageId")))
        if known is None:
            stages = add_stage(call.portal, stages, each, now)
        else:
            chance = probability(each.get("metadata"))
            stage = replace(known, label=each["label"], probability=chance, updated=now)
            stages = place(stages, stage, each.get("displayOrder"))
    return stages


def _echo(pipeline: Pipeline, sent: Mapping[str, Any], now: int) -> dict[str, Any]:
    stages = [
        echo(stage_shape(pipeline, stage), said, now)
        for stage, said in zip(pipeline.stages, sent["stages"], strict=True)
    ]
    return {**echo(pipeline_shape(pipeline), sent, now), "stages": stages}


def patch_pipeline(call: Call) -> Response:
    """Change label or place, and the updatedAt of every stage along with it."""
    before, sent, now = found(call), call.json(PIPELINE), call.portal.now()
    if "archived" in sent:
        raise invalid("archived can only be set when restoring an archived pipeline")
    pipeline = replace(
        before,
        label=_label(call, sent.get("label") or before.label, before.id),
        order=before.order if sent.get("displayOrder") is None else sent["displayOrder"],
        stages=tuple(replace(stage, updated=now) for stage in before.stages),
        updated=now,
    )
    call.portal.put_pipeline(pipeline, at=now)
    return reply(echo(pipeline_shape(before), sent, now))


def delete_pipeline(call: Call) -> Response:
    """Purge a pipeline; there is no restore."""
    pipeline = call.portal.pipelines.get(call.names["pipeline"])
    if pipeline is None:
        message = f"Pipeline {call.names['pipeline']} was not found"
        raise Refusal(404, message, category="OBJECT_NOT_FOUND")
    if guarded(call):
        check_unused(call.portal, [stage.id for stage in pipeline.stages])
    call.portal.drop_pipeline(pipeline.id)
    return Response(204)
