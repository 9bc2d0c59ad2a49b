"""One lead as it is this instant, over JSON-RPC: what a write of its confidence must know."""

from typing import Any

from connector.crm.nutshell import rpc, shapes
from connector.crm.nutshell.pipelines import status_stage
from connector.crm.nutshell.statuses import Status, read_status
from connector.crm.transport import Transport
from connector.errors import BadAnswer, Rejected
from connector.model import LiveDeal

_NOT_FOUND = 404


def read_live(transport: Transport, deal_id: str) -> LiveDeal | None:
    """The lead as it is now; None where Nutshell does not have it."""
    try:
        told = rpc.call(transport, "getLead", {"leadId": shapes.integer_of(deal_id)})
    except Rejected as refused:
        if refused.status == _NOT_FOUND:
            return None
        raise
    if told is None:
        return None
    try:
        return _live(deal_id, told)
    except (ValueError, AttributeError, TypeError, OverflowError) as fault:
        raise BadAnswer(f"Nutshell answered getLead with no lead {deal_id}: {fault}.") from fault


def _live(deal_id: str, told: Any) -> LiveDeal:
    remote = shapes.record_id(told, "leads")
    if shapes.integer_of(remote) != shapes.integer_of(deal_id):
        raise ValueError(f"it is {remote}")
    rev = shapes.text(told.get("rev"))
    if not rev:
        raise ValueError("it has no rev")
    return LiveDeal(deal_id, _stage(told), _per_cent(told.get("confidence")), rev)


def _per_cent(raw: Any) -> int | None:
    """A confidence, which may come as 42, "42" or 42.0; None where there is none."""
    return None if raw is None else round(float(raw))


def _stage(told: Any) -> str:
    """The stage a lead lies in; that of its status where it is closed."""
    status = read_status(told.get("status"))
    if status is None:
        raise ValueError(f"nobody knows what its status {told.get('status')!r} means")
    if status is Status.OPEN:
        return shapes.record_id(told.get("milestone") or told.get("milestoneId"), "stages")
    return status_stage(
        shapes.record_id(told.get("stageset") or told.get("stagesetId"), "stagesets"), status
    )


def confidence_call(deal_id: str, rev: str, confidence: int) -> dict[str, Any]:
    """The call that gives a lead, in the state of a rev, another confidence."""
    lead = shapes.integer_of(deal_id)
    params = {"leadId": lead, "rev": rev, "lead": {"confidence": confidence}}
    return rpc.body_of_call("editLead", params)
