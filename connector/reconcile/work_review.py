"""What has become of work orders since they were seen open last: done, withdrawn or neither."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from connector.model import Binding, Pipeline, PipelineState, Process
from connector.reconcile.drift import Drift, DriftKind
from connector.reconcile.matching import folded, match
from connector.reconcile.values import same_value
from connector.reconcile.work_orders import Wish, WorkOrder, matched, place_of, wish_of


class Ending(StrEnum):
    """How an order ended: an admin did it, or nobody wants it done any more.

    ACCEPTED: somebody lives with the drift. UNWANTED: the process wants something else by now.
    UNBOUND: no active process is bound to the pipeline. OBSOLETE: what it was about is gone, or is
    no longer for an admin to do.
    """

    DONE = "done"
    ACCEPTED = "accepted"
    UNWANTED = "unwanted"
    UNBOUND = "unbound"
    OBSOLETE = "obsolete"


@dataclass(frozen=True, slots=True)
class Known:
    """An order on record: its drift as found last, at `seen`, and since when it is open."""

    drift: Drift
    wish: Wish
    since: datetime
    seen: datetime


@dataclass(frozen=True, slots=True)
class Closed:
    """An order that ended at an instant, or somewhere in (not_before, at]."""

    order: Known
    ending: Ending
    at: datetime
    not_before: datetime | None


def review(
    known: Iterable[Known],
    found: Sequence[WorkOrder],
    accepted: Sequence[Drift],
    processes: tuple[Process, ...],
    live: Sequence[Pipeline],
    at: datetime,
) -> Iterator[Closed]:
    """The known orders that a reading ends; they did so since it was seen open last."""
    there = {order.wish for order in found}
    for order in known:
        if order.wish not in there:
            how = ending(order, accepted, processes, live)
            if how:
                yield Closed(order, how, max(at, order.seen), order.seen)


def ending(
    order: Known,
    accepted: Iterable[Drift],
    processes: tuple[Process, ...],
    live: Sequence[Pipeline],
) -> Ending | None:
    """How an order ended that a reading gives no more cause for.

    None where nobody can tell, because its pipeline is out of sight or retired: absence is no
    evidence, so it waits.
    """
    drift = order.drift
    missing = drift.kind is DriftKind.PIPELINE_MISSING
    if missing and any(drift.desired == each.label for each in live):
        return Ending.DONE
    place = place_of(drift, processes)
    if place is None:
        return Ending.UNBOUND
    pipeline = next((each for each in live if each.id == drift.pipeline), None)
    if drift.id in {each.id for each in accepted}:
        return Ending.ACCEPTED
    if not _wanted(order, *place, pipeline):
        return Ending.UNWANTED
    if pipeline is None or _rests(pipeline, drift):
        return None
    return Ending.DONE if done(drift, *place, pipeline) else Ending.OBSOLETE


def done(drift: Drift, process: Process, binding: Binding, pipeline: Pipeline) -> bool:
    """Whether a pipeline, live or as it was once, shows what the order for a drift asks for."""
    stage = pipeline.stage(drift.stage or "")
    match drift.kind:
        case DriftKind.LABEL:
            return stage is not None and stage.label == drift.desired
        case DriftKind.PROBABILITY:
            return stage is not None and same_value(stage.probability, drift.desired)
        case DriftKind.PIPELINE_LABEL:
            return pipeline.label == drift.desired
        case DriftKind.PIPELINE_INACTIVE:
            return pipeline.state is PipelineState.ACTIVE
        case DriftKind.STAGE_UNKNOWN:
            return stage is None
        case DriftKind.STAGE_MISSING:
            return _is_there(drift, process, binding, pipeline)
        case DriftKind.ORDER:
            return _is_in_order(process, binding, pipeline)
        case _:
            return True


def _rests(pipeline: Pipeline, drift: Drift) -> bool:
    retired = pipeline.state is PipelineState.RETIRED
    return retired and drift.kind is not DriftKind.PIPELINE_INACTIVE


def _wanted(order: Known, process: Process, binding: Binding, pipeline: Pipeline | None) -> bool:
    """Whether the process still wants what an order asks for, and of the same stage."""
    drift = order.drift
    pairs = match(process, binding, pipeline).pairs if pipeline else ()
    stages = {stage.key: live.id for stage, live in pairs}
    match drift.kind:
        case DriftKind.PIPELINE_LABEL | DriftKind.PIPELINE_MISSING:
            return process.label_in(binding.language) == drift.desired
        case DriftKind.STAGE_UNKNOWN:
            return drift.stage not in stages.values()
        case DriftKind.ORDER:
            return wish_of(replace(drift, process=process.key), (process,)) == order.wish
        case DriftKind.LABEL | DriftKind.PROBABILITY:
            moved = stages.get(drift.key or "", drift.stage) != drift.stage
            return not moved and _asked(drift, process, binding)
        case DriftKind.STAGE_MISSING:
            return _asked(drift, process, binding)
        case _:
            return True


def _asked(drift: Drift, process: Process, binding: Binding) -> bool:
    stage = process.stage(drift.key or "")
    if stage is None:
        return False
    if drift.kind is DriftKind.PROBABILITY:
        return same_value(stage.probability, drift.desired)
    return stage.label_in(binding.language) == drift.desired


def _is_there(drift: Drift, process: Process, binding: Binding, pipeline: Pipeline) -> bool:
    found = match(process, binding, pipeline)
    label = folded(drift.stage_label)
    by_label = any(folded(stranger.label) == label for stranger in found.unknown)
    return by_label or any(stage.key == drift.key for stage, _ in found.pairs)


def _is_in_order(process: Process, binding: Binding, pipeline: Pipeline) -> bool:
    wanted = matched(process, binding, pipeline)
    return [stage.id for stage in pipeline.stages if stage.id in wanted] == list(wanted)
