"""REST's JSON of leads and of what they point to; facts of 2026-11 unless INFERRED.

Types vary between answers: here by the number of the lead, so that they are the same each time.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from connector.sandbox.nutshell.instance import Instance
from connector.sandbox.nutshell.records import (
    STEP,
    Lead,
    Named,
    Outcome,
    Stage,
    Stageset,
    User,
    iso,
)
from connector.sandbox.nutshell.told import status_word

TEXT_TIMES, TEXT_AMOUNTS = 7, 3  # one in so many leads has its times, or its amount, as text


def lead_shape(instance: Instance, lead: Lead) -> dict[str, Any]:
    """A lead; `number`, text, is not its id."""
    place = lead.id // STEP
    texts = place % TEXT_TIMES == TEXT_TIMES - 1
    now = instance.now()
    return {
        "id": lead.ref,
        "type": "leads",
        "isCurrentUserWatching": False,
        "deletedTime": None,
        "name": lead.name,
        "value": _value(lead, as_text=place % TEXT_AMOUNTS == 0),
        "number": str(lead.number),
        "description": lead.description,
        "createdTime": time_shape(lead.created, now),
        "closedTime": _time(lead.closed, now, as_text=texts),
        "dueTime": _time(lead.due, now, as_text=texts),
        "anticipatedClosedTime": _time(lead.expected, now, as_text=texts),
        "ownerType": lead.owner.split("-")[1] if lead.owner else None,
        "status": status_word(lead.status),
        "lastContactedTime": None,
        "pieState": "01",
        "isOverdue": lead.status == 0 and (lead.expected or now) < now,
        "overdueTime": None,
        "href": f"https://app.nutshell.com/rest/leads/{lead.ref}",
        "confidence": lead.confidence,
        "priority": 0,
        "htmlUrl": f"https://app.nutshell.com/lead/{lead.number}",
        "links": _links(instance, lead),
    }


def _value(lead: Lead, *, as_text: bool) -> dict[str, Any]:
    """A value; one that nobody gave is 0 without a text."""
    amount = lead.amount or 0
    plain = int(amount) if amount == int(amount) else float(amount)
    return {
        "amount": f"{amount:f}" if as_text and amount else plain,
        "currency": lead.currency,
        "formatted": f"{lead.currency} {amount:,.2f}" if amount else "",
    }


def _links(instance: Instance, lead: Lead) -> dict[str, Any]:
    stage = instance.pipelines.stages[lead.stage]
    return {
        "accounts": [],
        "contacts": [],
        "tags": [],
        "sources": [f"{source}-sources" for source in lead.sources],
        "owner": lead.owner,
        "territory": None,
        "market": None,
        "stage": stage.ref,
        "stageset": f"{stage.stageset}-stagesets",
        "creator": lead.creator,
        "products": [f"{product}-products" for product in lead.products],
        "productMaps": [],
        "competitors": [],
        "competitorMaps": [],
        "outcome": f"{lead.outcome}-outcomes" if lead.outcome else None,
        "watchers": [],
    }


def time_shape(seconds: int, now: int) -> dict[str, Any]:
    """An instant: only `timestamp` is one, the texts are for people."""
    at = datetime.fromtimestamp(seconds, UTC)
    day = f"{at:%B} {at.day}, {at.year}"
    yesterday = (datetime.fromtimestamp(now, UTC) - timedelta(days=1)).date() == at.date()
    return {
        "timestamp": seconds,
        "value": "Yesterday" if yesterday else day,
        "absoluteLocalizedString": day,
    }


def _time(seconds: int | None, now: int, *, as_text: bool) -> dict[str, Any] | str | None:
    """A time: an object, null, or text as the specification says; which text is INFERRED."""
    if seconds is None:
        return None
    return iso(seconds) if as_text else time_shape(seconds, now)


def stage_shape(stage: Stage) -> dict[str, Any]:
    """A stage; there is no probability in it."""
    return {
        "id": stage.ref,
        "type": "stages",
        "name": stage.name,
        "description": stage.description,
        "position": stage.position,
        "links": {"stageset": f"{stage.stageset}-stagesets"},
    }


def stageset_shape(
    instance: Instance, stageset: Stageset, *, access: bool = True
) -> dict[str, Any]:
    """A pipeline; `status` is 1 active, 2 draft or 3 retired."""
    stages = instance.pipelines.stages_of(stageset.id)
    return {
        "id": stageset.ref,
        "type": "stagesets",
        "name": stageset.name,
        "default": stageset.default,
        "canAccess": access and stageset.can_access,
        "status": int(stageset.state),
        "links": {"stages": [stage.ref for stage in stages]},
    }


def user_shape(user: User) -> dict[str, Any]:
    """A user."""
    return {
        "id": user.ref,
        "type": "users",
        "name": user.name,
        "emails": [user.email],
        "isEnabled": user.enabled,
        "isAdministrator": user.administrator,
        "isViewingRestricted": user.restricted,
        "links": {"teams": [f"{team}-teams" for team in user.teams]},
    }


def outcome_shape(outcome: Outcome) -> dict[str, Any]:
    """An outcome; that `status` is the word of its type is INFERRED."""
    return {
        "id": outcome.ref,
        "type": int(outcome.type),
        "name": outcome.name,
        "status": status_word(outcome.type),
    }


def named_shape(named: Named) -> dict[str, Any]:
    """A product, a source or a company."""
    return {"id": named.ref, "type": named.type, "name": named.name}
