"""Taking back what a run wrote, through the same planning as every other correction."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from connector.model import (
    Capability,
    CreateStage,
    EditStage,
    Outcome,
    Pipeline,
    Process,
    StageChange,
)
from connector.reconcile.drift import Drift, DriftKind, DriftValue
from connector.reconcile.matching import bound, stage_ids
from connector.reconcile.plan import Allowance, DealCounts, Plan, Reason, Refusal
from connector.reconcile.planner import plan
from connector.reconcile.values import Place, Value, same_value, touches

# What a run made of one value: as it was before its first write, and as each write left it.
_Trace = tuple[Value, tuple[Value, ...]]

_KINDS = {"label": DriftKind.LABEL, "probability": DriftKind.PROBABILITY}


@dataclass(frozen=True, slots=True)
class _Scene:
    """A pipeline a run wrote to, as it is now, with the stage keys by stage id."""

    account: str
    pipeline: Pipeline
    process: str | None
    keys: Mapping[str, str]

    def drift(
        self, kind: DriftKind, stage: str | None, desired: DriftValue, live: DriftValue
    ) -> Drift:
        """A drift of this pipeline, desired being what was before the run."""
        known = self.pipeline.stage(stage) if stage else None
        return Drift(
            kind,
            self.account,
            self.pipeline.id,
            self.pipeline.label,
            desired,
            live,
            self.process,
            stage,
            self.keys.get(stage or ""),
            known.label if known else "",
        )


def undo(
    changes: Sequence[StageChange],
    processes: tuple[Process, ...],
    account: str,
    remote: str,
    live: tuple[Pipeline, ...],
    can: frozenset[Capability],
    deals: DealCounts | None,
    allow: Collection[Allowance] = (),
) -> Plan:
    """A plan that gives the values a run wrote their former ones, from the changes it sent.

    Changes that never arrived may be among them: a value that is as it was needs nothing.
    What somebody changed since stays as it is and is refused; so is a created stage, because
    connector never deletes one. The rest is planned like any drift, under the same hazards.
    """
    pipelines = {pipeline.id: pipeline for pipeline in live}
    found: list[Drift | Refusal] = []
    for pipeline in dict.fromkeys(change.pipeline for change in changes):
        if pipeline in pipelines:
            scene = _scene(pipelines[pipeline], processes, account)
            found += _take_back(scene, [c for c in changes if c.pipeline == pipeline])
        else:
            gone = Drift(DriftKind.PIPELINE_MISSING, account, pipeline, pipeline, None, None)
            found.append(Refusal(gone, Reason.CHANGED_SINCE))
    drifts = [each for each in found if isinstance(each, Drift)]
    refused = tuple(each for each in found if isinstance(each, Refusal))
    made = plan(drifts, processes, account, remote, live, can, deals, allow)
    return replace(made, refusals=(*refused, *made.refusals))


def _scene(pipeline: Pipeline, processes: tuple[Process, ...], account: str) -> _Scene:
    for process, binding in bound(processes, account):
        if binding.pipeline == pipeline.id:
            keys = {stage: key for key, stage in stage_ids(process, binding, pipeline).items()}
            return _Scene(account, pipeline, process.key, keys)
    return _Scene(account, pipeline, None, {})


def _take_back(scene: _Scene, changes: Sequence[StageChange]) -> Iterator[Drift | Refusal]:
    traces: dict[Place, _Trace] = {}
    for touch in (t for c in changes if isinstance(c, EditStage) for t in touches(c)):
        former, ours = traces.get(touch.place, (touch.before, ()))
        traces[touch.place] = (former, (*ours, touch.after))
    for (_, stage_id, field), trace in traces.items():
        if field in _KINDS:
            yield from _value(scene, stage_id, field, trace)
    yield from _order(
        scene,
        {stage_id: trace for (_, stage_id, field), trace in traces.items() if field == "slot"},
    )
    for change in changes:
        stage = scene.pipeline.stage(change.stage)
        if stage and isinstance(change, CreateStage):
            stays = scene.drift(DriftKind.STAGE_UNKNOWN, stage.id, None, stage.label)
            yield Refusal(stays, Reason.CANNOT_WRITE)


def _value(scene: _Scene, stage_id: str, field: str, trace: _Trace) -> Iterator[Drift | Refusal]:
    """The drift of one label or probability from what it was before the run."""
    former, ours = trace
    stage = scene.pipeline.stage(stage_id)
    now = getattr(stage, field) if stage else None
    drift = scene.drift(_KINDS[field], stage_id, former, now)
    if stage is None or not any(same_value(now, value) for value in (former, *ours)):
        yield Refusal(drift, Reason.CHANGED_SINCE)
    elif former is None:
        # No CRM takes back a probability that was never set.
        yield Refusal(drift, Reason.CANNOT_WRITE)
    elif not same_value(now, former):
        yield drift
        if field == "probability" and (outcome := _outcome(former)) != stage.outcome:
            yield scene.drift(DriftKind.OUTCOME, stage_id, outcome, stage.outcome)


def _outcome(probability: Value) -> Outcome:
    """The outcome a stage had at a probability, which no change keeps (HubSpot fact, 2026-11)."""
    if same_value(probability, 1.0):
        return Outcome.WON
    return Outcome.LOST if same_value(probability, 0.0) else Outcome.OPEN


def _order(scene: _Scene, moves: Mapping[str, _Trace]) -> Iterator[Drift | Refusal]:
    """The drift of the stages' order from the one the moved ones stood in before the run."""
    former = {stage_id: slot for stage_id, (slot, _) in moves.items()}
    known = scene.keys.keys() | moves.keys()
    stages = [stage for stage in scene.pipeline.stages if stage.id in known]
    before = sorted(stages, key=lambda stage: former.get(stage.id, stage.slot) or 0)
    desired, live = (tuple(stage.id for stage in order) for order in (before, stages))
    if desired == live:
        return
    drift = scene.drift(DriftKind.ORDER, None, desired, live)
    slots = {stage.id: stage.slot for stage in stages}
    untouched = all(
        slots.get(stage_id) in (slot, *ours) for stage_id, (slot, ours) in moves.items()
    )
    yield drift if untouched else Refusal(drift, Reason.CHANGED_SINCE)
