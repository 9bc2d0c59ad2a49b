"""JSON-RPC's entities, as recorded by public clients; facts of 2026-11 unless INFERRED.

Ids are integers here; that they are those of REST is INFERRED.
"""

from typing import Any

from connector.sandbox.nutshell.instance import Instance
from connector.sandbox.nutshell.records import (
    Lead,
    Named,
    Outcome,
    Stage,
    Stageset,
    Team,
    User,
    iso,
    number,
)

Json = dict[str, Any]


def user_entity(user: User) -> Json:
    """A user."""
    return {
        "stub": True,
        "id": user.id,
        "rev": str(user.rev),
        "entityType": "Users",
        "name": user.name,
        "emails": [user.email],
        "isEnabled": user.enabled,
        "isAdministrator": user.administrator,
        "modifiedTime": iso(user.modified),
        "createdTime": iso(user.created),
    }


def team_entity(team: Team) -> Json:
    """A team."""
    return {
        "stub": True,
        "id": team.id,
        "rev": "0",
        "entityType": "Teams",
        "name": team.name,
        "modifiedTime": iso(team.created),
        "createdTime": iso(team.created),
    }


def stageset_entity(stageset: Stageset) -> Json:
    """A pipeline: no rev, no stages, and `default` is 0 or 1."""
    return {
        "id": stageset.id,
        "entityType": "Stagesets",
        "modifiedTime": iso(stageset.modified),
        "name": stageset.name,
        "default": int(stageset.default),
        "position": stageset.position,
    }


def milestone_entity(stage: Stage) -> Json:
    """A stage: no probability, no goal."""
    return {
        "id": stage.id,
        "entityType": "Milestones",
        "rev": str(stage.rev),
        "name": stage.name,
        "position": stage.position,
        "stagesetId": stage.stageset,
    }


def outcome_entity(outcome: Outcome) -> Json:
    """An outcome, whose name stands in `description`."""
    return {
        "id": outcome.id,
        "rev": "1",
        "entityType": "Lead_Outcomes",
        "type": int(outcome.type),
        "description": outcome.name,
    }


def named_entity(named: Named) -> Json:
    """A product or a source."""
    kind = named.type.capitalize()
    return {"stub": True, "id": named.id, "rev": "1", "entityType": kind, "name": named.name}


def lead_stub(lead: Lead, now: int) -> Json:
    """A lead as findLeads has it by default: no milestone, no stageset, no confidence."""
    stub: Json = {
        "stub": True,
        "id": lead.id,
        "entityType": "Leads",
        "rev": str(lead.rev),
        "name": lead.name,
        "description": lead.description,
        "status": int(lead.status),
        "completion": 0,
        "value": _money(lead),
        "primaryAccountName": None,
        "primaryContactName": None,
        "isOverdue": not lead.status.closed and (lead.expected or now) < now,
        "lastContactedDate": None,
        "dueTime": iso(lead.due) if lead.due else None,
        "nextStepDueTime": None,
    }
    return stub | ({"closedTime": iso(lead.closed)} if lead.closed is not None else {})


def lead_entity(instance: Instance, lead: Lead) -> Json:
    """A lead, full."""
    stage = instance.pipelines.stages[lead.stage]
    stageset = instance.pipelines.stagesets[stage.stageset]
    full = lead_stub(lead, instance.now())
    for only_in_stubs in ("stub", "primaryAccountName", "primaryContactName"):
        del full[only_in_stubs]
    full |= {
        "htmlUrl": f"https://app.nutshell.com/lead/{lead.number}",
        "modifiedTime": iso(lead.modified),
        "createdTime": iso(lead.created),
        "milestone": {"stub": True, **milestone_entity(stage)},
        "stageset": {"stub": True, **stageset_entity(stageset)},
        "confidence": lead.confidence,
        "urgency": "6",
        "assignee": assignee(instance, lead.owner),
        "normalizedValue": _money(lead),
        "priority": 0,
        "processes": [_process(lead, stageset)],
        "activitiesCount": {"0": 0, "1": 0, "2": 0, "-1": 0},
        "tags": list(lead.tags),
        **_lists(instance, lead),
    }
    return full | (_closed(instance, lead) if lead.status.closed else {})


def assignee(instance: Instance, owner: str | None) -> Json | None:
    """The user or the team that owns a lead."""
    if owner is None:
        return None
    if owner.endswith("-teams"):
        return team_entity(instance.people.teams[number(owner)])
    return user_entity(instance.people.users[number(owner)])


def _money(lead: Lead) -> Json:
    amount = lead.amount or 0
    plain = int(amount) if amount == int(amount) else float(amount)
    return {"currency": lead.currency, "amount": plain}


def _lists(instance: Instance, lead: Lead) -> Json:
    catalogue = instance.catalogue
    products = [named_entity(catalogue.products[each]) for each in lead.products]
    return {
        "products": [{**product, "price": _money(lead), "quantity": 1} for product in products],
        "sources": [named_entity(catalogue.sources[each]) for each in lead.sources],
        "competitors": [],
        "contacts": [],
        "accounts": [],
        "market": None,
    }


def _process(lead: Lead, stageset: Stageset) -> Json:
    """The lead's run through its pipeline; `currentMilestoneId` is text."""
    return {
        "stub": True,
        "id": lead.id + 20_000,
        "rev": str(lead.rev),
        "name": stageset.name,
        "type": "0",
        "startedTime": iso(lead.created),
        "closedTime": iso(lead.closed) if lead.closed is not None else None,
        "currentMilestoneId": str(lead.stage),
    }


def _closed(instance: Instance, lead: Lead) -> Json:
    outcome = instance.catalogue.outcomes.get(lead.outcome or 0)
    return {"outcome": outcome_entity(outcome) if outcome else None}
