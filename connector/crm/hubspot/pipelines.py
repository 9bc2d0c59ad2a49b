"""HubSpot's pipelines and stages as JSON, and back.

Metadata values are strings; whether a stage is closed follows from its probability, so that only
the probability is read and written with meaning (HubSpot facts, 2026-11).
"""

import contextlib
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import msgspec

from connector.crm import values
from connector.crm.answers import Answer
from connector.model import Outcome, Pipeline, Stage, StageValues

# HubSpot refuses or hides edits of stages with these write permissions; none of ours may try.
_CLOSED_TO_US = frozenset({"READ_ONLY", "INTERNAL_ONLY"})


class StageJson(msgspec.Struct, rename="camel"):
    """One stage as HubSpot sends it."""

    id: str
    label: str
    display_order: int
    metadata: dict[str, str | float | bool | None] | None = None
    write_permissions: str | None = None
    archived: bool | None = None
    updated_at: str | int | None = None


class _PipelineJson(msgspec.Struct, rename="camel"):
    id: str
    label: str
    display_order: int
    stages: list[StageJson]
    archived: bool | None = None
    updated_at: str | int | None = None


class _Listing(msgspec.Struct):
    results: list[_PipelineJson]


def read_pipelines(answer: Answer) -> tuple[Pipeline, ...]:
    """The live pipelines of a listing, in their display order."""
    listing = answer.decode(_Listing)
    live = (pipeline for pipeline in listing.results if not pipeline.archived)
    return tuple(map(_pipeline, sorted(live, key=lambda each: (each.display_order, each.label))))


def read_stage(answer: Answer) -> StageJson:
    """One stage, raw, as a write needs to see it."""
    return answer.decode(StageJson)


def writable(stage: StageJson) -> bool:
    """Whether HubSpot lets a key edit this stage at all."""
    return open_to_us(stage.write_permissions)


def open_to_us(permissions: str | None) -> bool:
    """Whether write permissions of this name let a key edit the stage that has them."""
    return permissions not in _CLOSED_TO_US


def moved_on(stage: StageJson, before: StageValues, after: StageValues) -> bool:
    """Whether a value to be edited is by now neither what it was nor what it is to be."""
    probability = probability_of((stage.metadata or {}).get("probability"))
    touched = (
        (stage.label, before.label, after.label),
        (probability, before.probability, after.probability),
        (stage.display_order, before.slot, after.slot),
    )
    return any(after is not None and live not in (before, after) for live, before, after in touched)


def edit_body(stage: StageJson, after: StageValues) -> dict[str, Any]:
    """The smallest PATCH that gives the stage its new values, with its metadata in full.

    Some versions of the API ask for the whole metadata in every PATCH, none minds it (2026-11).
    """
    probability = after.probability
    known = {key: text for key, text in (stage.metadata or {}).items() if text is not None}
    body: dict[str, Any] = {
        "metadata": known if probability is None else {**known, **_metadata(probability)}
    }
    if after.label is not None:
        body["label"] = after.label
    if after.slot is not None:
        body["displayOrder"] = after.slot
    return body


def create_body(stage_id: str, after: StageValues) -> dict[str, Any]:
    """The POST that adds a stage under an id of our own making."""
    if after.label is None or after.probability is None or after.slot is None:
        raise ValueError("a new stage needs a label, a probability and a slot")
    return {
        "stageId": stage_id,
        "label": after.label,
        "displayOrder": after.slot,
        "metadata": _metadata(after.probability),
    }


def _metadata(probability: float) -> dict[str, str]:
    closed = probability in (0.0, 1.0)
    return {"probability": repr(float(probability)), "isClosed": "true" if closed else "false"}


def _pipeline(pipeline: _PipelineJson) -> Pipeline:
    live = (stage for stage in pipeline.stages if not stage.archived)
    ordered = sorted(live, key=lambda stage: (stage.display_order, stage.label))
    touched = [pipeline.updated_at, *(stage.updated_at for stage in pipeline.stages)]
    stages = tuple(map(_stage, ordered))
    return Pipeline(pipeline.id, pipeline.label, stages, _latest(touched))


def _latest(sent: Iterable[str | int | None]) -> datetime | None:
    """The latest of what are instants; a stage may be touched and its pipeline not."""
    known = []
    for each in sent:
        with contextlib.suppress(ValueError):
            known.append(values.instant(str(each)))
    return max(known, default=None)


def _stage(stage: StageJson) -> Stage:
    probability = probability_of((stage.metadata or {}).get("probability"))
    return Stage(
        id=stage.id,
        label=stage.label,
        probability=probability,
        outcome=outcome_at(probability),
        slot=stage.display_order,
        writable=writable(stage),
    )


def probability_of(sent: str | float | bool | None) -> float | None:
    """The probability as a number; None, which the audit shows as a drift, where it is none."""
    try:
        return values.probability(str(sent))
    except ValueError:
        return None


def outcome_at(probability: float | None) -> Outcome:
    """What a probability says of a live stage: HubSpot derives whether it is closed from it."""
    match probability:
        case 1.0:
            return Outcome.WON
        case 0.0:
            return Outcome.LOST
        case _:
            return Outcome.OPEN
