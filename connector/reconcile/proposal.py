"""What could be written to one pipeline: edits of stages, new stages, and a new order."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from connector.model import CreateStage, EditStage, Stage, StageValues
from connector.reconcile.drift import Drift, DriftKind
from connector.reconcile.ground import Ground
from connector.reconcile.plan import Hazard

_LEAP = 0.25
_ROUNDING = 1e-9
_VALUES = frozenset({DriftKind.LABEL, DriftKind.PROBABILITY, DriftKind.OUTCOME})


@dataclass(frozen=True, slots=True)
class Edit:
    """The label and the probability to give one stage, in one write; `hazards` are its own."""

    stage: Stage
    after: StageValues
    drifts: tuple[Drift, ...]
    hazards: tuple[Hazard, ...]

    @property
    def id(self) -> str:
        """The id of the stage."""
        return self.stage.id

    def change(self, pipeline: str) -> EditStage:
        """The write, with the values it touches as they are live."""
        label = self.stage.label if self.after.label is not None else None
        moves = self.after.probability is not None
        before = StageValues(label, self.stage.probability if moves else None)
        return EditStage(pipeline, self.id, before, self.after)

    def without_label(self) -> "Edit":
        """The same edit leaving the label as it is."""
        drifts = tuple(drift for drift in self.drifts if drift.kind is not DriftKind.LABEL)
        return replace(self, after=replace(self.after, label=None), drifts=drifts)


@dataclass(frozen=True, slots=True)
class Addition:
    """A missing stage, to be created under an id of our own making or the pinned one."""

    id: str
    after: StageValues
    drifts: tuple[Drift, ...]

    def change(self, pipeline: str, slot: int | None) -> CreateStage:
        """The write that puts the stage into a slot."""
        return CreateStage(pipeline, self.id, replace(self.after, slot=slot))


@dataclass(frozen=True, slots=True)
class Proposal:
    """Writes to one pipeline that are decided on together."""

    edits: tuple[Edit, ...] = ()
    additions: tuple[Addition, ...] = ()
    order: Drift | None = None

    @property
    def items(self) -> tuple[Edit | Addition, ...]:
        """Everything in it that may want a label."""
        return (*self.edits, *self.additions)


def propose(sound: Sequence[Drift], drifts: Sequence[Drift], ground: Ground) -> Proposal:
    """What corrects the sound ones among all drifts of a pipeline."""
    order = next((drift for drift in sound if drift.kind is DriftKind.ORDER), None)
    strayed = {drift.stage for drift in drifts if drift.kind is DriftKind.OUTCOME}
    return Proposal(tuple(_edits(sound, strayed, ground)), tuple(_additions(sound, ground)), order)


def _edits(
    sound: Sequence[Drift], strayed: Collection[str | None], ground: Ground
) -> Iterator[Edit]:
    for stage in ground.pipeline.stages:
        drifts = tuple(d for d in sound if d.stage == stage.id and d.kind in _VALUES)
        if drifts:
            after = _desired(drifts)
            risky = stage.id in strayed and ground.deals_in(stage.id) != 0
            yield Edit(stage, after, drifts, tuple(_hazards(stage, after, risky)))


def _desired(drifts: Iterable[Drift]) -> StageValues:
    after = StageValues()
    for drift in drifts:
        match drift.kind, drift.desired:
            case DriftKind.LABEL, str() as label:
                after = replace(after, label=label)
            case DriftKind.PROBABILITY, (float() | int()) as probability:
                after = replace(after, probability=probability)
    return after


def _hazards(stage: Stage, after: StageValues, risky: bool) -> Iterator[Hazard]:
    """The hazards of one edit; a label that promises another outcome than it has is one too."""
    if risky:
        yield Hazard.OUTCOME
    if after.probability is not None:
        # A stage without a probability counts as nothing in a forecast.
        leap = abs(after.probability - (stage.probability or 0.0))
        if leap > _LEAP + _ROUNDING:
            yield Hazard.LEAP


def _additions(sound: Iterable[Drift], ground: Ground) -> Iterator[Addition]:
    for drift in sound:
        stage = ground.process.stage(drift.key or "")
        if drift.kind is DriftKind.STAGE_MISSING and stage and drift.stage:
            label = stage.label_in(ground.binding.language)
            yield Addition(drift.stage, StageValues(label, stage.probability), (drift,))
