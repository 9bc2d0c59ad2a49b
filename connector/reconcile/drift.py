"""What can differ between the process we want and the pipeline that is live."""

from dataclasses import dataclass
from enum import StrEnum


class DriftKind(StrEnum):
    """Every way in which a live pipeline can differ from its process."""

    PIPELINE_MISSING = "pipeline-missing"
    PIPELINE_WITHOUT_PROCESS = "pipeline-without-process"
    PIPELINE_LABEL = "pipeline-label"
    PIPELINE_INACTIVE = "pipeline-inactive"
    STAGE_MISSING = "stage-missing"
    STAGE_UNKNOWN = "stage-unknown"
    LABEL = "label"
    PROBABILITY = "probability"
    ORDER = "order"
    OUTCOME = "outcome"


class Severity(StrEnum):
    """What a drift harms: only the eye, the forecast, or the process itself."""

    COSMETIC = "cosmetic"
    FORECASTING = "forecasting"
    STRUCTURAL = "structural"


_SEVERITY = {
    DriftKind.PIPELINE_LABEL: Severity.COSMETIC,
    DriftKind.LABEL: Severity.COSMETIC,
    DriftKind.PROBABILITY: Severity.FORECASTING,
}

DriftValue = str | float | tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Drift:
    """One difference between desired and live.

    `stage` is the CRM's stage id and `key` the process's stage key, where there is one. The values
    are a label, a probability, an outcome, for ORDER the stage ids in order, or for
    PIPELINE_INACTIVE the state of the pipeline; None where a side has nothing.
    """

    kind: DriftKind
    account: str
    pipeline: str
    pipeline_label: str
    desired: DriftValue
    live: DriftValue
    process: str | None = None
    stage: str | None = None
    key: str | None = None
    stage_label: str = ""

    @property
    def id(self) -> str:
        """A name for the drift that stays the same as long as the drift does."""
        place = f"{self.account}:{self.pipeline}"
        stage = self.stage or self.key
        return f"{place}/{stage}/{self.kind}" if stage else f"{place}/{self.kind}"

    @property
    def severity(self) -> Severity:
        """What this kind of drift harms."""
        return _SEVERITY.get(self.kind, Severity.STRUCTURAL)
