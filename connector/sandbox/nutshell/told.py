"""How the log writes the values of a lead's attributes.

Nutshell fact, 2026-11: so for a stage. INFERRED for all others: as the lead itself has them.
"""

from typing import Any

from connector.sandbox.nutshell.people import People
from connector.sandbox.nutshell.records import Outcome, Stage, Status, number


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


def outcome_value(outcome: Outcome | None) -> dict[str, Any] | None:
    """An outcome."""
    if outcome is None:
        return None
    return {"id": outcome.ref, "type": "outcomes", "name": outcome.name}


def status_word(status: Status) -> str:
    """A status in REST's words; only "open" was ever seen, the others are INFERRED."""
    return status.name.lower()
