"""Which live stage stands for which stage of a process."""

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from connector.model import Binding, Pipeline, Process, ProcessStage, Stage


def folded(label: str) -> str:
    """A label as CRMs compare it: without case and surrounding spaces (HubSpot fact, 2026-11)."""
    return label.strip().casefold()


def made_id(pipeline: str, key: str) -> str:
    """The id under which a stage of ours is created: the same every time, unique in the account.

    HubSpot answers 500 to ids of more than 100 characters (HubSpot fact, 2026-11), so the readable
    parts are cut and the digest tells apart what cutting made equal.
    """
    digest = hashlib.sha256(json.dumps([pipeline, key]).encode()).hexdigest()[:10]
    return f"{_plain(pipeline)}-{_plain(key)}-{digest}"


def _plain(text: str) -> str:
    return re.sub(r"[^a-z0-9_]+", "-", text.lower())[:40].strip("-")


def bound(processes: tuple[Process, ...], account: str) -> Iterator[tuple[Process, Binding]]:
    """Every active process with each of its bindings to the account."""
    for process in processes:
        for binding in process.bindings:
            if process.active and binding.account == account:
                yield process, binding


@dataclass(frozen=True, slots=True)
class Match:
    """The stages of a process and of its live pipeline, paired; the rest of both sides."""

    pairs: tuple[tuple[ProcessStage, Stage], ...]
    missing: tuple[ProcessStage, ...]
    unknown: tuple[Stage, ...]


def match(process: Process, binding: Binding, pipeline: Pipeline) -> Match:
    """Pair stages by id in a pinned binding, by label in its language otherwise."""
    left = {stage.id: stage for stage in pipeline.stages}
    pairs, missing = [], []
    for stage in process.stages:
        live = _live(stage, binding, left)
        if live is None:
            missing.append(stage)
        else:
            pairs.append((stage, left.pop(live.id)))
    return Match(tuple(pairs), tuple(missing), tuple(left.values()))


def _live(stage: ProcessStage, binding: Binding, left: dict[str, Stage]) -> Stage | None:
    if binding.pinned:
        return left.get(id_of(stage.key, binding) or "")
    label = folded(stage.label_in(binding.language))
    return next((live for live in left.values() if folded(live.label) == label), None)


def stage_ids(process: Process, binding: Binding, pipeline: Pipeline) -> dict[str, str]:
    """The stage ids of a process by key, in its order: the live ones and those to create."""
    found = {desired.key: live.id for desired, live in match(process, binding, pipeline).pairs}
    keys = (stage.key for stage in process.stages)
    known = {key: found.get(key) or id_of(key, binding) for key in keys}
    return {key: stage for key, stage in known.items() if stage}


def id_of(key: str, binding: Binding) -> str | None:
    """The id a stage has, or would be created under; None where nothing but a label can tell."""
    if key in binding.stages or not binding.pinned:
        return binding.stages.get(key)
    made = made_id(binding.pipeline, key)
    return None if made in binding.stages.values() else made
