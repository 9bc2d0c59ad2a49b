"""Where the new stages of a pipeline go, and which of the others move for order's sake."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from connector.model import Capability, EditStage, StageValues
from connector.reconcile.drift import Drift
from connector.reconcile.ground import Ground
from connector.reconcile.plan import Planned
from connector.reconcile.proposal import Addition
from connector.reconcile.slots import place, rearrange


@dataclass(frozen=True, slots=True)
class Layout:
    """The slots new stages get, and the moves of stages that are there, as far as possible."""

    places: Mapping[str, int | None] = field(default_factory=dict)
    moves: tuple[Planned, ...] = ()


def lay_out(additions: Sequence[Addition], order: Drift | None, ground: Ground) -> Layout:
    """The fewest moves that bring the pipeline into order with the new stages in their place.

    Where order is not managed or cannot be had, nothing moves; nor where the stages are out of
    order and no drift says to mend it. A CRM without slots puts a new stage where it likes.
    """
    stages = ground.pipeline.stages
    slots = {stage.id: stage.slot for stage in stages if stage.slot is not None}
    new = [addition.id for addition in additions]
    if len(slots) < len(stages):
        return Layout(dict.fromkeys(new))
    wanted = _wanted(new, order, ground)
    fixed = {stage.id for stage in stages if not stage.writable}
    standing = [slots[stage] for stage in wanted if stage in slots]
    mended = order is not None or standing == sorted(standing)
    barred = ground.barrier(Capability.ORDER) or not mended
    writes = None if barred else rearrange(wanted, slots, fixed)
    if writes is None:
        return Layout(place(new, wanted, slots))
    drifts = (order,) if order else tuple(d for addition in additions for d in addition.drifts)
    moves = (
        Planned(_move(ground.pipeline.id, stage, slots[stage], slot), drifts)
        for stage, slot in writes.items()
        if stage in slots
    )
    return Layout({stage: writes[stage] for stage in new}, tuple(moves))


def _wanted(new: Sequence[str], order: Drift | None, ground: Ground) -> Sequence[str]:
    """The order to reach: the process's, or what the drift asks for where no stage is added."""
    if new:
        here = {*new, *ground.labels()}
        return [stage for stage in ground.ids.values() if stage in here]
    return order.desired if order and isinstance(order.desired, tuple) else ()


def _move(pipeline: str, stage: str, before: int, after: int) -> EditStage:
    return EditStage(pipeline, stage, StageValues(slot=before), StageValues(slot=after))
