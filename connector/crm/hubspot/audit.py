"""HubSpot's audit trail of a pipeline: every version it ever had, whole, and who made it.

Old versions hold pairs no live stage can have, such as a stage closed at 0.8 (HubSpot facts,
2026-11). They are what was stored then, so they are read as data.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise
from typing import Any

import msgspec

from connector.crm import values
from connector.crm.answers import Answer
from connector.crm.hubspot.decoding import LONGEST_RAW
from connector.crm.hubspot.pipelines import open_to_us, outcome_at, probability_of
from connector.model import BEGINNING, Outcome, Pipeline, PipelineVersion, Stage, Trail, Unread


class _Listing(msgspec.Struct):
    results: list[Any]


class _EntryJson(msgspec.Struct, rename="camel"):
    timestamp: str | int
    raw_object: str | dict[str, Any]
    action: str = ""
    from_user_id: int | str | None = None


class _StageJson(msgspec.Struct, rename="camel"):
    """A stage of a past version; whether it was closed to us changed its name over the years."""

    stage_id: str | int
    label: str
    display_order: int | None = None
    metadata: dict[str, Any] | None = None
    write_permissions: str | None = None
    is_internal_write_only: bool | None = None
    internal_write_only: bool | None = None


class _PipelineJson(msgspec.Struct):
    label: str
    stages: list[_StageJson]
    version: int | None = None


@dataclass(frozen=True, slots=True)
class _Entry:
    """One entry that could be read, and where it stands among those of its instant."""

    version: PipelineVersion
    number: int
    first: bool


def read_trail(answer: Answer, pipeline_id: str) -> Trail:
    """The versions of a pipeline, oldest first; an entry that makes no sense is set aside.

    The standard decoder reads them, because some labels of the past hold half surrogate pairs.
    """
    try:
        listing = msgspec.convert(json.loads(answer.require_json()), _Listing)
    except (ValueError, RecursionError) as fault:
        raise answer.bad(fault) from fault
    oldest_first = [_read(raw, pipeline_id) for raw in reversed(listing.results)]
    readable = [entry.version for entry in _placed(oldest_first)]
    unread = tuple(entry for entry in oldest_first if isinstance(entry, Unread))
    return Trail(tuple(readable), unread)


def _placed(entries: list[_Entry | Unread]) -> list[_Entry]:
    """The readable entries in their order, exact where it is known what each of them changed.

    An entry holds a whole version, not a change. Behind one that could not be read, and at the
    oldest unless that made the pipeline, only the values are known, not since when or by whom.
    """
    pairs = [(e, before) for before, e in pairwise((None, *entries)) if isinstance(e, _Entry)]
    pairs.sort(key=lambda pair: (pair[0].version.at, pair[0].number))
    placed: list[_Entry] = []
    for entry, neighbour in pairs:
        known = isinstance(neighbour, _Entry) or entry.first
        since = placed[-1].version.at if placed else BEGINNING
        placed.append(entry if known else _inexact(entry, since))
    return placed


def _inexact(entry: _Entry, since: datetime) -> _Entry:
    return replace(entry, version=replace(entry.version, by=None, not_before=since))


def _read(raw: Any, pipeline_id: str) -> _Entry | Unread:
    try:
        entry = msgspec.convert(raw, _EntryJson)
        told = entry.raw_object
        version = msgspec.convert(
            json.loads(told) if isinstance(told, str) else told, _PipelineJson
        )
        at = values.instant(str(entry.timestamp))
        by = None if entry.from_user_id is None else str(entry.from_user_id)
        made = PipelineVersion(_pipeline(version, pipeline_id), at, by)
    except (ValueError, RecursionError) as fault:
        return _set_aside(raw, pipeline_id, str(fault))
    return _Entry(made, version.version or 0, entry.action == "CREATE")


def _set_aside(raw: Any, pipeline_id: str, reason: str) -> Unread:
    at = raw.get("timestamp") if isinstance(raw, Mapping) else None
    field = None if at is None else f"version of {at}"
    return Unread(f"pipeline {pipeline_id}", field, reason, json.dumps(raw)[:LONGEST_RAW])


def _pipeline(version: _PipelineJson, pipeline_id: str) -> Pipeline:
    stages = tuple(_in_order(version.stages))
    if len({stage.id for stage in stages}) < len(stages):
        raise ValueError("names a stage twice")
    return Pipeline(pipeline_id, version.label, stages)


def _in_order(stages: list[_StageJson]) -> Iterator[Stage]:
    ordered = sorted(stages, key=lambda s: (s.display_order is None, s.display_order or 0, s.label))
    for stage in ordered:
        metadata = stage.metadata or {}
        probability = probability_of(metadata.get("probability"))
        yield Stage(
            id=str(stage.stage_id),
            label=stage.label,
            probability=probability,
            outcome=_outcome(probability, metadata.get("isClosed")),
            slot=stage.display_order,
            writable=_writable(stage),
        )


def _outcome(probability: float | None, closed: Any) -> Outcome:
    """What a past stage meant: open or closed as it was stored, and closed at 1.0 alone is won.

    HubSpot counts a closed deal as won only at 1.0 and every other closed one as lost, so a stage
    closed at 0.8 was lost, and one not closed was open, whatever its probability.
    """
    match str(closed).lower():
        case "false":
            return Outcome.OPEN
        case "true":
            return Outcome.WON if probability == 1.0 else Outcome.LOST
        case _:
            return outcome_at(probability)


def _writable(stage: _StageJson) -> bool:
    if stage.is_internal_write_only or stage.internal_write_only:
        return False
    return open_to_us(stage.write_permissions)
