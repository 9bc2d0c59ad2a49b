"""A CRM in memory with HubSpot's rules for stages (HubSpot facts, 2026-11)."""

from collections.abc import Iterable
from copy import deepcopy
from dataclasses import dataclass, field, replace

from connector.model import (
    CreateStage,
    EditStage,
    Outcome,
    Pipeline,
    PipelineState,
    Stage,
    StageChange,
)


class Illegal(AssertionError):
    """A write the CRM would refuse, or that was planned for another state than the CRM is in."""


@dataclass
class Portal:
    """Pipelines that can be written to; `renumbered` counts the writes to a taken slot."""

    labels: dict[str, str]
    states: dict[str, PipelineState]
    stages: dict[str, dict[str, Stage]]
    renumbered: int = 0
    log: list[StageChange] = field(default_factory=list)

    @classmethod
    def of(cls, pipelines: Iterable[Pipeline]) -> "Portal":
        pipelines = tuple(pipelines)
        return cls(
            {pipeline.id: pipeline.label for pipeline in pipelines},
            {pipeline.id: pipeline.state for pipeline in pipelines},
            {pipeline.id: {s.id: s for s in pipeline.stages} for pipeline in pipelines},
        )

    def copy(self) -> "Portal":
        return deepcopy(self)

    def live(self) -> tuple[Pipeline, ...]:
        return tuple(
            Pipeline(pipeline, label, self._ordered(pipeline), state=self.states[pipeline])
            for pipeline, label in self.labels.items()
        )

    def _ordered(self, pipeline: str) -> tuple[Stage, ...]:
        """By their slots, and behind them the statuses, which have none."""
        stages = self.stages[pipeline].values()
        return tuple(sorted(stages, key=lambda stage: (not stage.configured, _slot(stage))))

    def write_all(self, changes: Iterable[StageChange]) -> "Portal":
        for change in changes:
            self.write(change)
        return self

    def write(self, change: StageChange) -> None:
        match change:
            case EditStage():
                self._edit(change)
            case CreateStage():
                self._create(change)
        self.log.append(change)

    def _edit(self, change: EditStage) -> None:
        stages = self.stages[change.pipeline]
        stage = stages[change.stage]
        if not stage.writable:
            raise Illegal(f"{stage.id} is read-only")
        for name in ("label", "probability", "slot"):
            touched = getattr(change.after, name) is not None
            if getattr(change.before, name) != (getattr(stage, name) if touched else None):
                raise Illegal(f"{change} was planned for another {name} than {stage}")
        self._set(change)

    def _create(self, change: CreateStage) -> None:
        if any(change.stage in stages for stages in self.stages.values()):
            raise Illegal(f"stage id {change.stage} exists")
        if len(change.stage) > 100 or change.after.label is None:
            raise Illegal(f"{change} cannot be created")
        if change.after.probability is None:
            raise Illegal("must specify probability when writing a dealstage")
        blank = Stage(change.stage, f"new {change.stage}", None, Outcome.OPEN, self._end(change))
        self.stages[change.pipeline][change.stage] = blank
        self._set(change)

    def _end(self, change: StageChange) -> int:
        slots = [stage.slot or 0 for stage in self.stages[change.pipeline].values()]
        return max(slots, default=-1) + 1

    def _set(self, change: StageChange) -> None:
        stage = self.stages[change.pipeline][change.stage]
        if change.after.label is not None:
            self._check_label(change)
            stage = replace(stage, label=change.after.label)
        if change.after.probability is not None:
            stage = with_probability(stage, change.after.probability)
        self.stages[change.pipeline][change.stage] = stage
        if change.after.slot is not None:
            self._put(change.pipeline, stage, change.after.slot)

    def _check_label(self, change: StageChange) -> None:
        label = (change.after.label or "").strip().lower()
        for other in self.stages[change.pipeline].values():
            if other.id != change.stage and other.label.strip().lower() == label:
                raise Illegal(f"Stage with label {other.label} already exists")

    def _put(self, pipeline: str, stage: Stage, slot: int) -> None:
        """A free slot moves one stage; a taken one puts it behind the holder and renumbers all."""
        if slot < 0:
            raise Illegal("displayOrder must not be negative")
        stages = self.stages[pipeline]
        others = sorted((s for s in stages.values() if s.id != stage.id), key=_slot)
        if all(other.slot != slot for other in others):
            stages[stage.id] = replace(stage, slot=slot)
            return
        self.renumbered += 1
        at = next(at for at, other in enumerate(others) if other.slot == slot) + 1
        for number, moved in enumerate((*others[:at], stage, *others[at:])):
            stages[moved.id] = replace(moved, slot=number)


def with_probability(stage: Stage, probability: float) -> Stage:
    """The stage as HubSpot stores it: its outcome is derived from the probability."""
    if not 0 <= probability <= 1:
        raise Illegal("dealstage probability is not valid, must be between 0.0 and 1.0")
    outcome = {0.0: Outcome.LOST, 1.0: Outcome.WON}.get(probability, Outcome.OPEN)
    return replace(stage, probability=probability, outcome=outcome)


def _slot(stage: Stage) -> int:
    return -1 if stage.slot is None else stage.slot
