"""What a plan decides about as one: the edit of a stage's values, and the adding of a stage."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from connector.model import CreateStage, EditStage, Stage, StageValues
from connector.reconcile.comparison import same_probability
from connector.reconcile.drift import Drift, DriftKind
from connector.reconcile.ground import Ground
from connector.reconcile.labels import holders
from connector.reconcile.plan import Hazard, Reason, Refusal

_LEAP = 0.25
_VALUES = frozenset({DriftKind.LABEL, DriftKind.PROBABILITY, DriftKind.OUTCOME})


@dataclass(frozen=True, slots=True)
class Edit:
    """The label and probability corrections of one stage: one change, held or made as a whole."""

    stage: Stage
    drifts: tuple[Drift, ...]
    hazards: tuple[Hazard, ...] = ()

    @property
    def id(self) -> str:
        """The id of the stage."""
        return self.stage.id

    @property
    def label(self) -> str | None:
        """The label to give, if it is to change."""
        found = (drift.desired for drift in self.drifts if drift.kind is DriftKind.LABEL)
        return next((label for label in found if isinstance(label, str)), None)

    @property
    def probability(self) -> float | None:
        """The probability to give, if it is to change."""
        found = (drift.desired for drift in self.drifts if drift.kind is DriftKind.PROBABILITY)
        return next((value for value in found if isinstance(value, float | int)), None)

    def without_label(self) -> "Edit":
        """The same edit leaving the label as it is."""
        kept = tuple(drift for drift in self.drifts if drift.kind is not DriftKind.LABEL)
        return replace(self, drifts=kept)

    def change(self, label_before: str) -> EditStage: ...


@dataclass(frozen=True, slots=True)
class Addition:
    """A missing stage to be created under `id`."""

    id: str
    label: str
    probability: float
    drift: Drift
