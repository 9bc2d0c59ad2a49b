"""How the log writes the values of a lead's attributes.

Nutshell fact, 2026-11: so for a stage. INFERRED for all others: values and names as the lead has
them, instants in epoch seconds.
"""

from collections.abc import Mapping
from typing import Any

from connector.sandbox.nutshell.catalogue import Catalogue
from connector.sandbox.nutshell.people import People
from connector.sandbox.nutshell.records import Change, Lead, Outcome, Stage, Status, number


def stage_value(stage: Stage) -> dict[str, Any]:
    """A stage, with its name and position as they are now."""
    return {"id": stage.ref, "type": "stages", "name": stage.name, "position": stage.position}


def owner_value(people: People, owner: str | None) -> dict[str, Any] | None:
    """A user or a team."""
    if owner is None:
        return None
    if owner.endswith("-teams"):
        return {"id": owner, "type": "teams", "name": people.teams[number(owner)].name}
    return {"id": owner, "type": "users", "name": people.users[number(owner)].name}


def money_value(lead: Lead) -> dict[str, Any]:
    """A lead's value."""
    return {"amount": float(lead.amount or 0), "currency": lead.currency}


def ending_values(lead: Lead, catalogue: Catalogue) -> dict[str, Any]:
    """A lead's status and outcome, which change together."""
    outcome = catalogue.outcomes.get(lead.outcome or 0)
    return {"status": status_word(lead.status), "outcome": outcome and _outcome_value(outcome)}


def _outcome_value(outcome: Outcome) -> dict[str, Any]:
    return {"id": outcome.ref, "type": "outcomes", "name": outcome.name}


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[Change, ...]:
    """What changed, attribute by attribute."""
    return tuple(
        Change(name, old, after[name]) for name, old in before.items() if old != after[name]
    )


def status_word(status: Status) -> str:
    """A status in REST's words; only "open" was ever seen, the others are INFERRED."""
    return status.name.lower()
