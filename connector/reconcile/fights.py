"""What connector may correct while nobody watches, and where that would be a fight with somebody.

A correction is made unasked once. Where it was turned back since, somebody wants something else,
and writing it again every night would settle nothing; so it is reported instead. A person who
applies a plan by hand may write it again at any time.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from connector.model import Capability, EditStage, StageChange
from connector.reconcile.drift import Drift, DriftKind
from connector.reconcile.labels import holders
from connector.reconcile.plan import Plan, Planned
from connector.reconcile.values import Place, Touch, same_value, touches

_FIELDS = {DriftKind.LABEL: "label", DriftKind.PROBABILITY: "probability"}
_KIND_OF = {"label": Capability.LABEL, "probability": Capability.PROBABILITY}


@dataclass(frozen=True, slots=True)
class Correction:
    """A change of our journal that reached the CRM, or may have: then `settled` is False."""

    run: int
    change: StageChange
    at: datetime
    settled: bool = True


@dataclass(frozen=True, slots=True)
class Fight:
    """A drift that connector corrected before: so many `times`, the last time in `run` at `at`.

    `settled` False: that correction was sent and nobody knows whether it arrived.
    """

    drift: Drift
    run: int
    at: datetime
    times: int
    settled: bool


@dataclass(frozen=True, slots=True)
class _Made:
    """What one run did to one value in all, temporary labels on the way left out."""

    touch: Touch
    last: Correction


def fights(drifts: Iterable[Drift], corrections: Sequence[Correction]) -> tuple[Fight, ...]:
    """The drifts whose correction was made before, by the journal's corrections, oldest first.

    That is where our last word on a value was the desired one, or where the same value was replaced
    by the same one before, also if it was us who took that back.
    """
    made = _made(corrections)
    return tuple(fight for drift in drifts if (fight := _fight(drift, made)))


def unattended(plan: Plan, kinds: Collection[Capability], fought: Iterable[Fight]) -> Plan:
    """The plan without what may not be done unasked: other kinds, fights, held changes.

    What is left is legal by itself. All edits of a stage stay or go together, so that no temporary
    label is left behind; one whose label another stage then still has goes too.
    """
    edits = [each for each in plan.changes if _is_edit(each)]
    over = {fight.drift.id for fight in fought}
    barred = {
        _stage(each)
        for each in edits
        if not _of(each.change, kinds) or any(drift.id in over for drift in each.drifts)
    }
    barred |= set(_stuck(plan, [each for each in edits if _stage(each) not in barred]))
    changes = tuple(each for each in edits if _stage(each) not in barred)
    pipelines = {each.change.pipeline for each in changes}
    seen = tuple(each for each in plan.seen if each.pipeline in pipelines)
    return replace(plan, seen=seen, changes=changes, held=(), refusals=())


def _made(corrections: Iterable[Correction]) -> dict[Place, list[_Made]]:
    """What each run did to each value, oldest first."""
    runs: dict[tuple[int, Place], _Made] = {}
    for correction in corrections:
        for touch in touches(correction.change):
            key = (correction.run, touch.place)
            before = runs[key].touch.before if key in runs else touch.before
            runs[key] = _Made(replace(touch, before=before), correction)
    by_place: dict[Place, list[_Made]] = {}
    for (_, place), made in runs.items():
        by_place.setdefault(place, []).append(made)
    return by_place


def _fight(drift: Drift, made: Mapping[Place, Sequence[_Made]]) -> Fight | None:
    if drift.kind not in _FIELDS or drift.stage is None:
        return None
    known = made.get((drift.pipeline, drift.stage, _FIELDS[drift.kind]), ())
    same = [each for each in known if same_value(each.touch.after, drift.desired)]
    ours = bool(known) and same_value(known[-1].touch.after, drift.desired)
    if not ours and not any(same_value(each.touch.before, drift.live) for each in same):
        return None
    last = same[-1].last
    return Fight(drift, last.run, last.at, len(same), last.settled)


def _is_edit(planned: Planned) -> bool:
    """Whether it is about a label or a probability; new stages and moves are never made unasked."""
    change = planned.change
    values = (change.after.label, change.after.probability)
    return isinstance(change, EditStage) and any(value is not None for value in values)


def _of(change: StageChange, kinds: Collection[Capability]) -> bool:
    """Whether a change touches values of these kinds only."""
    return all(_KIND_OF.get(touch.place[2]) in kinds for touch in touches(change))


def _stage(planned: Planned) -> tuple[str, str]:
    return planned.change.pipeline, planned.change.stage


def _stuck(plan: Plan, edits: Sequence[Planned]) -> Iterator[tuple[str, str]]:
    """The stages whose label another stage keeps if only these edits are made."""
    for seen in plan.seen:
        live = {stage.id: stage.label for stage in seen.stages}
        # The last label of a stage is the wanted one; one before it is temporary.
        wants = {
            each.change.stage: each.change.after.label
            for each in edits
            if each.change.pipeline == seen.pipeline and each.change.after.label is not None
        }
        yield from ((seen.pipeline, stage) for stage in holders(wants, live))
