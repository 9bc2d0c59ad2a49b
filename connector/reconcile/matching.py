"""Which live stage stands for which stage of a process."""

import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from connector.model import Binding, Outcome, Pipeline, Process, ProcessStage, Stage


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
    """The stages of a process and of its live pipeline, paired; the rest of both sides.

    `besides` are statuses the process has no stage of its own for, with the stage on which their
    deals count.
    """

    pairs: tuple[tuple[ProcessStage, Stage], ...]
    missing: tuple[ProcessStage, ...]
    unknown: tuple[Stage, ...]
    besides: tuple[tuple[ProcessStage, Stage], ...] = ()


def match(process: Process, binding: Binding, pipeline: Pipeline) -> Match:
    """Pair stages by id in a pinned binding, by label in its language otherwise.

    Where deals are won and lost by their status, a closing stage that is not pinned stands for the
    status of its kind. A second one of a kind, which such a CRM cannot tell apart, is not missing;
    a stage that somebody added by hand there is found by its label.
    """
    left = {stage.id: stage for stage in pipeline.stages}
    by_status = closes_by_status(pipeline)
    found: dict[str, Stage] = {}
    for stage in sorted(process.stages, key=lambda stage: stage.key not in binding.stages):
        live = _live(stage, binding, left, by_status)
        if live is not None:
            found[stage.key] = left.pop(live.id)
    paired = [stage for stage in process.stages if stage.key in found]
    lacking = [stage for stage in process.stages if stage.key not in found]
    return Match(
        tuple((stage, found[stage.key]) for stage in paired),
        tuple(s for s in lacking if not (by_status and _may_be_status(s, binding))),
        tuple(live for live in left.values() if live.configured),
        tuple(_besides((*paired, *lacking), [s for s in left.values() if not s.configured])),
    )


def closes_by_status(pipeline: Pipeline) -> bool:
    """Whether won and lost are no stages of its own; such a CRM makes the ids of stages itself."""
    return any(not stage.configured for stage in pipeline.stages)


def _live(
    stage: ProcessStage, binding: Binding, left: dict[str, Stage], by_status: bool
) -> Stage | None:
    if stage.key in binding.stages or (binding.pinned and not by_status):
        return left.get(id_of(stage.key, binding) or "")
    if by_status and _may_be_status(stage, binding):
        kind = (stage.outcome, stage.cancelled)
        statuses = (live for live in left.values() if not live.configured)
        return next((live for live in statuses if (live.outcome, live.cancelled) == kind), None)
    label = folded(stage.label_in(binding.language))
    own = (live for live in left.values() if live.configured)
    return next((live for live in own if folded(live.label) == label), None)


def _may_be_status(stage: ProcessStage, binding: Binding) -> bool:
    return stage.outcome is not Outcome.OPEN and stage.key not in binding.stages


def _besides(
    stages: Sequence[ProcessStage], statuses: Sequence[Stage]
) -> Iterator[tuple[ProcessStage, Stage]]:
    """The stage of the same kind; what was cancelled is lost to a process that does not tell."""
    for live in statuses:
        alike = [stage for stage in stages if stage.outcome is live.outcome]
        same = [stage for stage in alike if stage.cancelled == live.cancelled]
        for stage in (same or (alike if live.cancelled else []))[:1]:
            yield stage, live


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
