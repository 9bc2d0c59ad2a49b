"""Endpoints that tell past versions of pipelines and stages."""

import json

from connector.sandbox.http import Response
from connector.sandbox.hubspot.call import Call, Missing, reply
from connector.sandbox.hubspot.pipelines import found
from connector.sandbox.hubspot.records import AuditEntry, iso


def pipeline_audit(call: Call) -> Response:
    """List a pipeline's versions, newest first."""
    pipeline = found(call)
    trail = call.portal.audit[pipeline.id]
    return _told(call, pipeline.id, "Pipeline", [(each, each.raw) for each in trail])


def stage_audit(call: Call) -> Response:
    """List a stage's versions, newest first; INFERRED: one for each pipeline version it is in."""
    pipeline, stage_id = found(call), call.names["stage"]
    versions = [
        (entry, json.dumps(stage, ensure_ascii=False))
        for entry in call.portal.audit[pipeline.id]
        for stage in json.loads(entry.raw)["stages"]
        if stage["stageId"] == stage_id
    ]
    if not versions:
        raise Missing
    return _told(call, stage_id, "Stage", versions)


def _told(call: Call, identity: str, noun: str, versions: list[tuple[AuditEntry, str]]) -> Response:
    """The entries, newest first; `rawObject` is a JSON string, against HubSpot's own document."""
    results = []
    for n, (entry, raw) in enumerate(versions):
        action = "UPDATE" if n else "CREATE"
        told = {
            "portalId": call.portal.id,
            "identifier": f"{call.portal.id}:{identity}",
            "action": action,
            "timestamp": iso(entry.at),
            "message": f"{noun} {action.lower()}",
            "rawObject": raw,
        }
        results.append(told if entry.user_id is None else {**told, "fromUserId": entry.user_id})
    return reply({"results": results[::-1]})
