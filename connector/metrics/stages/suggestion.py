"""Which probabilities the history speaks for, beside those that are configured."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from connector.metrics.funnel import Funnel, FunnelStage
from connector.metrics.stages.stage_probability import Share, StageProbability
from connector.model import Decision

# Fewer decided deals than this say too little to change a value for.
ENOUGH = 30


class Verdict(StrEnum):
    """What the evidence says of the probability a stage is configured with."""

    CHANGE = "change"
    KEEP = "keep"
    FEW = "not-enough-evidence"
    DECIDED = "decided"


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What the history says of one stage; `decision` is what stands in the process file."""

    stage: FunnelStage
    found: StageProbability
    verdict: Verdict
    decision: Decision | None = None

    @property
    def probability(self) -> float:
        """The value to write: whole per cents, as finer ones would claim more than is known."""
        return min(max(round(self.found.value or 0.0, 2), 0.01), 0.99)


@dataclass(frozen=True, slots=True)
class FunnelSuggestions:
    """The open stages of a funnel, and how many of its decided deals were won.

    `binned` says that lengths were counted in hours.
    """

    funnel: Funnel
    rate: Share
    stages: tuple[Suggestion, ...]
    binned: bool = False


def suggest(
    stage: FunnelStage, found: StageProbability, decision: Decision | None, today: date
) -> Suggestion:
    """Whether to set a stage's probability to what became of its deals."""
    return Suggestion(stage, found, _verdict(stage.probability, found, decision, today), decision)


def _verdict(
    configured: float | None, found: StageProbability, decision: Decision | None, today: date
) -> Verdict:
    """What somebody decided stands until the day it is to be reviewed on."""
    if decision is not None and today < decision.review_on:
        return Verdict.DECIDED
    if found.decided.decided < ENOUGH:
        return Verdict.FEW
    if configured is None or found.interval.excludes(configured):
        return Verdict.CHANGE
    return Verdict.KEEP
