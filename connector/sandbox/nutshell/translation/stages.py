"""Open stages as stages with gaps between their positions, closed ones as outcomes."""

from datetime import UTC, datetime
from typing import NamedTuple

from connector.sandbox.hubspot.portal import Portal
from connector.sandbox.hubspot.records import Pipeline
from connector.sandbox.hubspot.records import Stage as HubSpotStage
from connector.sandbox.nutshell.instance import Instance
from connector.sandbox.nutshell.records import Status

_CANCELLED = ("cancel", "ikke aktuelt")


class Place(NamedTuple):
    """What a portal's stage is in the instance.

    Of an open one, its stage and probability. Of a closed one, how a lead ends there, and the
    pipeline's stages, in one of which a lead stands even then.
    """

    stage: int
    chance: float
    siblings: frozenset[int]
    label: str
    ends: Status | None = None


def lay_out(portal: Portal, instance: Instance) -> dict[str, Place]:
    """Give the instance the portal's pipelines; a pipeline of closed stages only has no place."""
    places: dict[str, Place] = {}
    for pipeline in sorted(portal.pipelines.values(), key=lambda pipeline: pipeline.order):
        places |= _laid_out(pipeline, instance)
    return places


def _laid_out(pipeline: Pipeline, instance: Instance) -> dict[str, Place]:
    made = instance.pipelines.add_pipeline(
        pipeline.label, at=datetime.fromtimestamp(pipeline.created / 1000, UTC)
    )
    ordered = sorted(pipeline.stages, key=lambda stage: stage.order)
    numbers = {
        stage.id: instance.pipelines.add_stage(made.id, stage.label).id
        for stage in ordered
        if not stage.closed
    }
    if not numbers:
        return {}
    first, siblings = next(iter(numbers.values())), frozenset(numbers.values())
    return {
        stage.id: Place(
            numbers.get(stage.id, first), stage.chance, siblings, stage.label, _ending(stage)
        )
        for stage in ordered
    }


def _ending(stage: HubSpotStage) -> Status | None:
    if not stage.closed:
        return None
    if stage.chance == 1.0:
        return Status.WON
    cancelled = any(word in f"{stage.id} {stage.label}".lower() for word in _CANCELLED)
    return Status.CANCELLED if cancelled else Status.LOST
