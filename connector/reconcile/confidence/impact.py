"""What a plan of confidence moves, by Nutshell's own rule: value times confidence."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from math import fsum

from connector.reconcile.confidence.leads import OpenLead
from connector.reconcile.plan import Weighted


@dataclass(frozen=True, slots=True)
class Shift:
    """An open lead of a stage that is managed, with its confidence before and after the plan."""

    lead: OpenLead
    before: int | None
    after: int | None

    @property
    def moved(self) -> bool:
        """Whether the plan gives it another one."""
        return self.before != self.after


@dataclass(frozen=True, slots=True)
class StageShift:
    """The open leads of one stage, how many of them change, and their weighted sum."""

    pipeline: str
    stage: str
    leads: int
    changed: int
    before: float
    after: float


@dataclass(frozen=True, slots=True)
class LeadImpact:
    """What a plan would move, over all open leads of the stages it manages.

    Sums are in home currency; `unpriced` of the changed leads have no amount in it and weigh
    nothing. `owners` are those with a lead that changes, `pipelines` totals without an owner.
    """

    leads: int
    unpriced: int
    pipelines: tuple[Weighted, ...]
    owners: tuple[Weighted, ...]
    stages: tuple[StageShift, ...]


def lead_impact(shifts: Iterable[Shift]) -> LeadImpact:
    """What the shifts come to, by pipeline, by owner and by stage."""
    every = sorted(shifts, key=lambda shift: (shift.lead.pipeline, shift.lead.stage))
    moved = [shift for shift in every if shift.moved]
    whose = {(shift.lead.pipeline, shift.lead.owner) for shift in moved}
    return LeadImpact(
        len(moved),
        sum(shift.lead.amount is None for shift in moved),
        tuple(_by_pipeline(every)),
        tuple(_by_owner([s for s in every if (s.lead.pipeline, s.lead.owner) in whose])),
        tuple(_by_stage(every)),
    )


def _by_pipeline(shifts: Sequence[Shift]) -> Iterator[Weighted]:
    for pipeline, group in groupby(shifts, key=lambda shift: shift.lead.pipeline):
        own = list(group)
        yield Weighted(pipeline, None, len(own), *_sums(own))


def _by_owner(shifts: Sequence[Shift]) -> Iterator[Weighted]:
    def whose(shift: Shift) -> tuple[str, bool, str]:
        return shift.lead.pipeline, shift.lead.owner is None, shift.lead.owner or ""

    for (pipeline, _, _), group in groupby(sorted(shifts, key=whose), key=whose):
        own = list(group)
        yield Weighted(pipeline, own[0].lead.owner, len(own), *_sums(own))


def _by_stage(shifts: Sequence[Shift]) -> Iterator[StageShift]:
    for (pipeline, stage), group in groupby(shifts, key=lambda s: (s.lead.pipeline, s.lead.stage)):
        own = list(group)
        changed = sum(shift.moved for shift in own)
        yield StageShift(pipeline, stage, len(own), changed, *_sums(own))


def _sums(shifts: Sequence[Shift]) -> tuple[float, float]:
    """Value times confidence, before and after."""
    return (
        fsum((shift.lead.amount or 0.0) * (shift.before or 0) / 100 for shift in shifts),
        fsum((shift.lead.amount or 0.0) * (shift.after or 0) / 100 for shift in shifts),
    )
