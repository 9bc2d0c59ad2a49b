"""The JSON of pipelines and stages: as stored, and as a write answers it."""

from collections.abc import Mapping
from typing import Any

from connector.sandbox.hubspot.records import Pipeline, Stage, iso


def pipeline_shape(pipeline: Pipeline) -> dict[str, Any]:
    """A pipeline as stored; the stages are not sorted by displayOrder."""
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
    """A stage as stored: metadata values are strings, default stages are born at epoch 0."""
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


def echo(stored: Mapping[str, Any], sent: Mapping[str, Any], now: int) -> dict[str, Any]:
    """What a write answers: the request merged over the state before it.

    HubSpot fact, 2026-11: the spelling sent, keys that are dropped, an isClosed that no longer
    holds; only a GET tells what was stored.
    """
    known = {key: value for key, value in sent.items() if key in ("label", "displayOrder")}
    answer = {**stored, **known, "updatedAt": iso(now)}
    if "metadata" in answer:
        said = {key: str(value) for key, value in (sent.get("metadata") or {}).items()}
        answer["metadata"] = {**stored["metadata"], **said}
    return answer
