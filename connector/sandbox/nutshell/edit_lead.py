"""editLead: a lead's confidence, stage, owner and status, guarded by its rev."""

from collections.abc import Callable
from typing import Any

from connector.sandbox.nutshell.asked import Asked, RpcError, invalid
from connector.sandbox.nutshell.entities import lead_entity
from connector.sandbox.nutshell.records import Lead, Status

BYPASS = "REV_IGNORE"

Edit = Callable[[Asked, Lead, Any], None]


def edit_lead(asked: Asked) -> dict[str, Any]:
    """Change one lead, whole or not at all, and answer it.

    Nutshell facts, 2026-11: the rev is mandatory and a stale one is 409; REV_IGNORE bypasses it;
    the rev moves on with every edit, so a retry of one that took effect is refused. INFERRED: a
    field the sandbox does not know is refused too.
    """
    lead = asked.lead()
    edits = asked.params.get("lead")
    if not isinstance(edits, dict):
        raise invalid("lead must be an object")
    if unknown := sorted(edits.keys() - _EDITS.keys()):
        raise invalid(f"the sandbox cannot edit {', '.join(unknown)}")
    _check_rev(asked, lead)
    for name, value in edits.items():
        _CHECKS.get(name, _nothing)(asked, lead, value)
    before = lead.rev
    for name, value in edits.items():
        _EDITS[name](asked, lead, value)
    lead.rev = max(lead.rev, before + 1)
    return lead_entity(asked.instance, lead)


def _check_rev(asked: Asked, lead: Lead) -> None:
    rev = asked.params.get("rev")
    if rev is None:
        raise invalid("rev is required")
    if rev not in (BYPASS, str(lead.rev)):
        raise RpcError(409, 409, "rev key is out-of-date")


def _nothing(asked: Asked, lead: Lead, value: Any) -> None:
    pass


def _check_confidence(asked: Asked, lead: Lead, value: Any) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= 100:
        raise invalid("confidence must be from 0 to 100")


def _check_milestone(asked: Asked, lead: Lead, value: Any) -> None:
    if value not in asked.instance.pipelines.stages:
        raise invalid(f"there is no milestone {value}")


def _check_outcome(asked: Asked, lead: Lead, value: Any) -> None:
    if not isinstance(value, dict) or value.get("id") not in asked.instance.catalogue.outcomes:
        raise invalid("outcome must be an entry of findLead_Outcomes")


def _check_status(asked: Asked, lead: Lead, value: Any) -> None:
    """A closing is told by an outcome, not by a status."""
    if value != Status.OPEN:
        raise invalid("status can only be set to 0, which opens a lead again")


def _check_assignee(asked: Asked, lead: Lead, value: Any) -> None:
    people = asked.instance.people
    known = {f"{each}-users" for each in people.users} | {f"{each}-teams" for each in people.teams}
    if not isinstance(value, dict) or _owner(value) not in known:
        raise invalid("assignee must be a user or a team, with its entityType")


def _set_confidence(asked: Asked, lead: Lead, value: Any) -> None:
    asked.instance.set_confidence(lead.id, value, by=asked.actor)


def _set_milestone(asked: Asked, lead: Lead, value: Any) -> None:
    asked.instance.move(lead.id, value, by=asked.actor)


def _set_outcome(asked: Asked, lead: Lead, value: Any) -> None:
    asked.instance.close(lead.id, value["id"], by=asked.actor)


def _reopen(asked: Asked, lead: Lead, value: Any) -> None:
    asked.instance.reopen(lead.id, by=asked.actor)


def _set_pending(asked: Asked, lead: Lead, value: Any) -> None:
    (asked.instance.set_pending if value else asked.instance.reopen)(lead.id, by=asked.actor)


def _set_assignee(asked: Asked, lead: Lead, value: Any) -> None:
    asked.instance.assign(lead.id, _owner(value), by=asked.actor)


def _owner(value: dict[str, Any]) -> str:
    return f"{value.get('id')}-{str(value.get('entityType')).lower()}"


_CHECKS: dict[str, Edit] = {
    "confidence": _check_confidence,
    "milestoneId": _check_milestone,
    "outcome": _check_outcome,
    "status": _check_status,
    "assignee": _check_assignee,
}
_EDITS: dict[str, Edit] = {
    "confidence": _set_confidence,
    "milestoneId": _set_milestone,
    "outcome": _set_outcome,
    "status": _reopen,
    "isPending": _set_pending,
    "assignee": _set_assignee,
}
