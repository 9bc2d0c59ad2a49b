"""Endpoints of whole deal pipelines."""

from typing import Any

from connector.sandbox.http import Response
from connector.sandbox.hubspot.call import Call, Missing, reply
from connector.sandbox.hubspot.records import Pipeline, Stage, iso


def list_pipelines(call: Call) -> Response:
    """List every pipeline with its stages: no paging, no order to rely on."""
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


def pipeline_shape(pipeline: Pipeline) -> dict[str, Any]:
    """A pipeline's JSON."""
    return {
        "id": pipeline.id,
        "label": pipeline.label,
        "displayOrder": pipeline.order,
        "stages": [stage_shape(pipeline, stage) for stage in pipeline.stages],
        "createdAt": iso(pipeline.created),
        "updatedAt": iso(pipeline.updated),
        "archived": False,
    }


def stage_shape(pipeline: Pipeline, stage: Stage) -> dict[str, Any]:
    """A stage's JSON: metadata values are strings, and default stages are born at epoch 0."""
    return {
        "id": stage.id,
        "label": stage.label,
        "displayOrder": stage.order,
        "metadata": {
            "isClosed": "true" if stage.closed else "false",
            "probability": stage.probability,
        },
        "createdAt": iso(0 if pipeline.id == "default" else stage.created),
        "updatedAt": iso(stage.updated),
        "archived": False,
        "writePermissions": stage.permission,
    }
