"""The JSON text in which a pipeline's version is kept for the audit trail."""

import json
from typing import Any

from connector.sandbox.hubspot.records import Pipeline, Stage


def raw_version(pipeline: Pipeline, *, version: int) -> str:
    """A pipeline as the JSON text an audit entry carries, instants in milliseconds."""
    return json.dumps(
        {
            "displayOrder": pipeline.order,
            "pipelineId": pipeline.id,
            "label": pipeline.label,
            "active": True,
            "version": version,
            "default": pipeline.id == "default",
            "autoCloseDateEnabled": True,
            "clearCloseDateWhenMovingClosedToOpen": False,
            "stages": [_raw_stage(stage) for stage in pipeline.stages],
        },
        ensure_ascii=False,
    )


def _raw_stage(stage: Stage) -> dict[str, Any]:
    return {
        "stageId": stage.id,
        "label": stage.label,
        "displayOrder": stage.order,
        "metadata": {
            "isClosed": "true" if stage.closed else "false",
            "probability": stage.probability,
        },
        "writePermissions": stage.permission,
        "createdAt": stage.created,
        "updatedAt": stage.updated,
        "isApprovalStage": False,
    }
