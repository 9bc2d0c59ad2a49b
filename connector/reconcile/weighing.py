"""What the changes of a plan would move: deals and the weighted pipeline."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from math import fsum

from connector.model import Outcome, Pipeline, Stage, Standing
from connector.reconcile.drift import DriftKind
from connector.reconcile.plan import Impact, Plan, Planned, Weighted


@dataclass(frozen=True, slots=True)
class _Shift:
    """Deals of one owner that lie in one stage, and the stage before and after the plan."""

    standing: Standing
    before: Stage
    after: Stage


def impact(plan: Plan, live: tuple[Pipeline, ...], standings: Iterable[Standing]) -> Impact:
    """What the changes of a plan would move, by where the deals stand.

    Only owners with a deal in a stage whose weight changes are listed, with all their open deals
    of its pipeline.
    """
    shifts = list(_shifts(plan, live, standings))
    turned = [shift for shift in shifts if shift.before.outcome != shift.after.outcome]
    opening = _deals(shift for shift in turned if shift.after.outcome is Outcome.OPEN)
    return Impact(
        touched=_deals(s for s in shifts if s.before.probability != s.after.probability),
        opening=opening,
        closing=_deals(turned) - opening,
        modified=_deals(shifts),
        pipelines=tuple(_by_pipeline(shifts)),
        owners=tuple(_by_owner(shifts)),
        unpriced=sum(s.standing.unpriced for s in shifts if s.before.outcome is Outcome.OPEN),
    )


def _shifts(
    plan: Plan, live: tuple[Pipeline, ...], standings: Iterable[Standing]
) -> Iterator[_Shift]:
    edited = {planned.change.pipeline for planned in plan.changes}
    before = {(p.id, stage.id): stage for p in live if p.id in edited for stage in p.stages}
    after = dict(before)
    for planned in plan.changes:
        place = (planned.change.pipeline, planned.change.stage)
        if place in after:
            after[place] = _after(after[place], planned)
    for standing in standings:
        place = (standing.pipeline, standing.stage)
        if place in before:
            yield _Shift(standing, before[place], after[place])


def _after(stage: Stage, planned: Planned) -> Stage:
    probability = planned.change.after.probability
    if probability is None:
        return stage
    outcomes = [drift.desired for drift in planned.drifts if drift.kind is DriftKind.OUTCOME]
    outcome = Outcome(str(outcomes[0])) if outcomes else stage.outcome
    return replace(stage, probability=probability, outcome=outcome)


def _by_pipeline(shifts: Sequence[_Shift]) -> Iterator[Weighted]:
    for pipeline in dict.fromkeys(shift.standing.pipeline for shift in shifts):
        yield _weighted(pipeline, None, [s for s in shifts if s.standing.pipeline == pipeline])


def _by_owner(shifts: Sequence[_Shift]) -> Iterator[Weighted]:
    moved = (shift.standing for shift in shifts if _weight(shift.before) != _weight(shift.after))
    for pipeline, owner in dict.fromkeys((each.pipeline, each.owner) for each in moved):
        own = [s for s in shifts if (s.standing.pipeline, s.standing.owner) == (pipeline, owner)]
        yield _weighted(pipeline, owner, own)


def _weighted(pipeline: str, owner: str | None, shifts: Sequence[_Shift]) -> Weighted:
    return Weighted(
        pipeline,
        owner,
        deals=_deals(shift for shift in shifts if _weight(shift.before) or _weight(shift.after)),
        before=fsum(shift.standing.amount * _weight(shift.before) for shift in shifts),
        after=fsum(shift.standing.amount * _weight(shift.after) for shift in shifts),
    )


def _weight(stage: Stage) -> float:
    """The probability of an open stage; what is won or lost is no longer in the pipeline."""
    probability = stage.probability or 0.0
    return probability if stage.outcome is Outcome.OPEN and probability < 1 else 0.0


def _deals(shifts: Iterable[_Shift]) -> int:
    return sum(shift.standing.deals for shift in shifts)
