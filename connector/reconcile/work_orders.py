"""Work orders: the drifts of an account that end by an admin's hand alone."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from connector.model import Binding, Pipeline, Process
from connector.reconcile.drift import Drift, DriftKind
from connector.reconcile.matching import bound, folded, match
from connector.reconcile.plan import Reason, Refusal
from connector.reconcile.sightings import mark_of

_REASONS = frozenset({Reason.CANNOT_WRITE, Reason.HOLDS_DEALS})

# A stage's outcome follows its probability where it has one, and is nothing an admin sets where it
# has none; a pipeline without a process lacks nothing that anybody asked for.
_NO_WORK = frozenset({DriftKind.OUTCOME, DriftKind.PIPELINE_WITHOUT_PROCESS})


@dataclass(frozen=True, slots=True)
class Wish:
    """What an order is known by: a drift, and what the process wants there as canonical JSON.

    The live value is no part of it, so that an order whose label is mistyped stays the same one.
    """

    drift: str
    wanted: str


@dataclass(frozen=True, slots=True)
class WorkOrder:
    """A drift only an admin can end.

    `deals` lie in a stage that is to go and must be moved first; None where nobody knows how many.
    """

    drift: Drift
    wish: Wish
    deals: int | None = 0


@dataclass(frozen=True, slots=True)
class Namesake:
    """A missing stage or pipeline that is there under its label, with an id nobody has named yet.

    Only the process file is behind: no admin has anything left to do about it.
    """

    missing: Drift
    id: str


def work_orders(
    refusals: Sequence[Refusal], processes: tuple[Process, ...]
) -> tuple[WorkOrder, ...]:
    """The orders among all refusals of an account, in their order.

    A stage of nobody's is no order where matching by label cannot tell it from a renamed one, nor
    where it bears the label of a missing one: deleting it would be deleting that.
    """
    twins = namesakes(refusal.drift for refusal in refusals)
    settled = {twin.missing.id for twin in twins}
    unsure = {refusal.drift.pipeline for refusal in refusals if refusal.reason is Reason.NOT_PINNED}
    kept = {(twin.missing.pipeline, twin.id) for twin in twins}

    def is_work(refusal: Refusal) -> bool:
        drift = refusal.drift
        if refusal.reason not in _REASONS or drift.kind in _NO_WORK or drift.id in settled:
            return False
        named = drift.pipeline not in unsure and (drift.pipeline, drift.stage) not in kept
        return drift.kind is not DriftKind.STAGE_UNKNOWN or named

    return tuple(
        WorkOrder(refusal.drift, wish_of(refusal.drift, processes), _deals(refusal))
        for refusal in refusals
        if is_work(refusal)
    )


def namesakes(drifts: Iterable[Drift]) -> tuple[Namesake, ...]:
    """What is missing and there all the same, as a stage or pipeline of nobody's by that label."""
    drifts = tuple(drifts)
    strangers = {
        (drift.pipeline, folded(drift.stage_label)): drift.stage
        for drift in reversed(drifts)
        if drift.kind is DriftKind.STAGE_UNKNOWN
    }
    unbound = {
        drift.pipeline_label: drift.pipeline
        for drift in drifts
        if drift.kind is DriftKind.PIPELINE_WITHOUT_PROCESS
    }
    found = []
    for drift in drifts:
        there = None
        if drift.kind is DriftKind.STAGE_MISSING:
            there = strangers.get((drift.pipeline, folded(drift.stage_label)))
        elif drift.kind is DriftKind.PIPELINE_MISSING:
            there = unbound.get(drift.pipeline_label)
        if there:
            found.append(Namesake(drift, there))
    return tuple(found)


def wish_of(drift: Drift, processes: Sequence[Process]) -> Wish:
    """What an order for a drift is known by.

    An order of stages is wanted as that of the process's keys, which stays the same while missing
    stages come in.
    """
    if drift.kind is DriftKind.ORDER:
        keys = next((_keys(each) for each in processes if each.key == drift.process), ())
        drift = replace(drift, desired=keys)
    mark = mark_of(drift)
    return Wish(mark.drift, mark.desired)


def place_of(drift: Drift, processes: tuple[Process, ...]) -> tuple[Process, Binding] | None:
    """The active process a drift's pipeline is bound to, with its binding."""
    places = bound(processes, drift.account)
    return next((place for place in places if place[1].pipeline == drift.pipeline), None)


def _deals(refusal: Refusal) -> int | None:
    """How many deals an order asks to move; an empty stage's refusal is for another reason."""
    if refusal.reason is not Reason.HOLDS_DEALS:
        return 0
    deals = refusal.data.get("deals")
    return None if deals is None else int(deals)


def matched(process: Process, binding: Binding, pipeline: Pipeline) -> Mapping[str, str]:
    """The keys of the process's stages that have a place in a pipeline, by id, in its order."""
    pairs = match(process, binding, pipeline).pairs
    return {live.id: stage.key for stage, live in pairs if live.configured}


def _keys(process: Process) -> tuple[str, ...]:
    return tuple(stage.key for stage in process.stages)
