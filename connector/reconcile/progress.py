"""A plan against what is live now: what is still to be written, and what others changed since."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from connector.model import CreateStage, Pipeline, Stage, StageChange
from connector.reconcile.plan import Plan, Planned, Seen
from connector.reconcile.values import FIELDS, Place, Value, same_value, touches


@dataclass(frozen=True, slots=True)
class Stale:
    """One thing that somebody else changed after the plan was made.

    `field` is "pipeline" or "stage" where one came or went, else the name of a stage's value;
    `planned` is what the plan was made from.
    """

    pipeline: str
    stage: str | None
    field: str
    planned: Value
    live: Value

    def __str__(self) -> str:
        place = f"pipeline {self.pipeline}" + (f", stage {self.stage}" if self.stage else "")
        return f"{place}: the {self.field} was {self.planned!r} and is now {self.live!r}"


def remaining(plan: Plan, live: tuple[Pipeline, ...]) -> tuple[Planned, ...]:
    """The changes still to be written, in order, wherever an earlier apply was broken off.

    A change is done when every value it touches is as it leaves it, or as the plan's last change
    of that value does: a temporary label that was passed is not written again.
    """
    last = {touch.place: touch.after for each in plan.changes for touch in touches(each.change)}
    stages = _stages(live)
    return tuple(each for each in plan.changes if not _is_done(each.change, last, stages))


def _is_done(
    change: StageChange, last: Mapping[Place, Value], stages: Mapping[tuple[str, str], Stage]
) -> bool:
    stage = stages.get((change.pipeline, change.stage))
    if stage is None or isinstance(change, CreateStage):
        return stage is not None
    return all(
        _among(getattr(stage, touch.place[2]), (touch.after, last[touch.place]))
        for touch in touches(change)
    )


def stale(
    plan: Plan, live: tuple[Pipeline, ...], written: Mapping[Place, Collection[Value]]
) -> tuple[Stale, ...]:
    """Everything that makes a plan stale; nothing of what its own broken-off apply explains.

    In the pipelines it changes, the stages and their labels must be as the plan saw them, as it
    leaves them, or as our journal has `written` them; so must the values it touches, and where it
    writes a slot, every slot, because a free one may be taken by now.
    """
    pipelines = {pipeline.id: pipeline for pipeline in live}
    known = _known(plan)
    found: list[Stale] = []
    for seen in plan.seen:
        pipeline = pipelines.get(seen.pipeline)
        if pipeline is None:
            found.append(Stale(seen.pipeline, None, "pipeline", seen.pipeline, None))
        else:
            found += _strangers(plan, seen, pipeline)
            found += _changed(pipeline, known, written)
    return tuple(found)


def _strangers(plan: Plan, seen: Seen, pipeline: Pipeline) -> Iterator[Stale]:
    """Stages that went, and stages that came without the plan creating them."""
    changes = [each.change for each in plan.changes if each.change.pipeline == seen.pipeline]
    expected = {stage.id: stage.label for stage in seen.stages}
    created = {change.stage for change in changes if isinstance(change, CreateStage)}
    labels = {stage.id: stage.label for stage in pipeline.stages}
    for gone, label in expected.items():
        if gone not in labels:
            yield Stale(seen.pipeline, gone, "stage", label, None)
    for new, label in labels.items():
        if new not in expected and new not in created:
            yield Stale(seen.pipeline, new, "stage", None, label)


def _changed(
    pipeline: Pipeline,
    known: Mapping[Place, list[Value]],
    written: Mapping[Place, Collection[Value]],
) -> Iterator[Stale]:
    for stage in pipeline.stages:
        for field in FIELDS:
            place = (pipeline.id, stage.id, field)
            now = getattr(stage, field)
            if place in known and not _among(now, (*known[place], *written.get(place, ()))):
                yield Stale(*place, known[place][0], now)


def _known(plan: Plan) -> dict[Place, list[Value]]:
    """The values a plan knows of, the one it was made from first."""
    changes = [planned.change for planned in plan.changes]
    slotted = {change.pipeline for change in changes if change.after.slot is not None}
    known: dict[Place, list[Value]] = {}
    for seen in plan.seen:
        for stage in seen.stages:
            known[seen.pipeline, stage.id, "label"] = [stage.label]
            if seen.pipeline in slotted:
                known[seen.pipeline, stage.id, "slot"] = [stage.slot]
    for change in changes:
        for touch in touches(change):
            known.setdefault(touch.place, [touch.before]).append(touch.after)
    return known


def _stages(live: tuple[Pipeline, ...]) -> dict[tuple[str, str], Stage]:
    return {(pipeline.id, stage.id): stage for pipeline in live for stage in pipeline.stages}


def _among(value: Value, values: Collection[Value]) -> bool:
    return any(same_value(value, other) for other in values)
