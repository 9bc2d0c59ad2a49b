"""How long a lead was in each stage by Nutshell's own account, to check ours against.

The published specification has it, no recorded answer does: that the n-th time is the n-th stage's,
and what units are called, is INFERRED (2026-11).
"""

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from connector.crm.nutshell import endpoints, shapes
from connector.crm.transport import Transport
from connector.errors import Rejected

_SECONDS = {
    "s": 1.0, "sec": 1.0, "second": 1.0,
    "m": 60.0, "min": 60.0, "minute": 60.0,
    "h": 3600.0, "hr": 3600.0, "hour": 3600.0,
    "d": 86400.0, "day": 86400.0,
    "w": 604800.0, "week": 604800.0,
    "month": 30 * 86400.0,
    "y": 365 * 86400.0, "year": 365 * 86400.0,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class StageTime:
    """The time a lead spent in a stage, in seconds, and the unit it was told in.

    Whatever was told is exact to one unit at best.
    """

    stage: str
    seconds: float
    unit: float


@dataclass(frozen=True, slots=True)
class StageTimes:
    """What Nutshell says of one lead's time in each stage of its pipeline, in order."""

    lead: str
    times: tuple[StageTime, ...]


def read_stage_times(transport: Transport, lead_id: str) -> StageTimes | None:
    """The times of a lead; None where Nutshell tells none, or none that can be read."""
    try:
        answer = transport.read("GET", f"{endpoints.LEADS}/{quote(lead_id, safe='')}/stages")
    except Rejected:
        return None
    spent = shapes.meta(shapes.body_of(answer)).get("timeSpent")
    stages = shapes.rows(answer, "stages")
    if not isinstance(spent, list) or len(spent) != len(stages):
        return None
    try:
        pairs = zip(stages, spent, strict=True)
        return StageTimes(lead_id, tuple(_time(stage, told) for stage, told in pairs))
    except (ValueError, AttributeError, TypeError):
        return None


def _time(stage: Any, told: Any) -> StageTime:
    name = shapes.text(told.get("unit") or told.get("suffix")).strip().lower()
    unit = _SECONDS.get(name) or _SECONDS.get(name.removesuffix("s"))
    if unit is None:
        raise ValueError(f"nobody knows the unit {name!r}")
    return StageTime(shapes.record_id(stage, "stages"), float(told["value"]) * unit, unit)
