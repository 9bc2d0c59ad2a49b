"""The values of a stage that changes touch, one by one, and when two of them are the same."""

from collections.abc import Iterator
from dataclasses import dataclass

from connector.model import EditStage, StageChange
from connector.reconcile.drift import DriftValue

Value = str | float | None

# A pipeline id, a stage id and the name of one of the stage's values.
Place = tuple[str, str, str]

FIELDS = ("label", "probability", "slot")

_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class Touch:
    """One value a change touches; a created stage had nothing before."""

    place: Place
    before: Value
    after: Value


def touches(change: StageChange) -> Iterator[Touch]:
    """Every value a change touches."""
    for field in FIELDS:
        after = getattr(change.after, field)
        if after is not None:
            before = getattr(change.before, field) if isinstance(change, EditStage) else None
            yield Touch((change.pipeline, change.stage, field), before, after)


def same_value(one: DriftValue, other: DriftValue) -> bool:
    """Whether two values are the same; numbers are, whatever a CRM did to their digits.

    HubSpot answers "0.5" to "0.50", and some numbers as their exact binary expansion (HubSpot fact,
    2026-11).
    """
    if isinstance(one, float | int) and isinstance(other, float | int):
        return abs(one - other) <= _ROUNDING
    return one == other
