"""Work orders as a list an admin follows from top to bottom, every name as it stands by then.

Pipelines are created first. In each pipeline stages are renamed in an order in which every name is
free, then added, weighed, put in order, and deleted where they are empty. Pipelines are renamed
when nothing in them is looked for any more, and last goes what deals must be moved out of.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count

from connector.model import Outcome, Pipeline, Process
from connector.reconcile.drags import drags
from connector.reconcile.drift import DriftKind
from connector.reconcile.labels import holders, steps
from connector.reconcile.matching import closes_by_status, folded
from connector.reconcile.work_orders import WorkOrder, matched, place_of
from connector.reconcile.work_steps import Act, Move, Step

_NEW = "new:"


@dataclass(slots=True)
class _Site:
    """A pipeline while it is worked on: its orders, and how it stands after the steps so far.

    `labels` are by stage id and `order` are these ids; a stage to add gets an id of its own.
    `wanted` are the process's stages in its order, those to add among them; `weights` are the
    probabilities of its stages by label, none where stages have none.
    """

    orders: Sequence[WorkOrder]
    label: str
    labels: dict[str, str]
    order: list[str]
    wanted: list[str]
    weights: Mapping[str, float]

    def of(self, kind: DriftKind) -> list[WorkOrder]:
        """The orders of one kind."""
        return [order for order in self.orders if order.drift.kind is kind]

    def holder(self, label: str) -> str:
        """The label of the stage that bears one, as that stage spells it."""
        return next((one for one in self.labels.values() if folded(one) == folded(label)), "")


def checklist(
    orders: Sequence[WorkOrder], processes: tuple[Process, ...], live: Sequence[Pipeline]
) -> tuple[Step, ...]:
    """What to do, from top to bottom."""
    sites = {pipeline.id: _site(pipeline, orders, processes) for pipeline in live}
    inside = (step for site in sites.values() for step in _work(site))
    return (
        *_creations(orders, processes, live),
        *inside,
        *_pipeline_renames(orders, sites),
        *(step for site in sites.values() for step in _deletions(site, empty=False)),
    )


def _site(pipeline: Pipeline, orders: Sequence[WorkOrder], processes: tuple[Process, ...]) -> _Site:
    here = [order for order in orders if order.drift.pipeline == pipeline.id]
    labels = {stage.id: stage.label for stage in pipeline.stages if stage.configured}
    wanted = list(_wanted(here, pipeline, processes))
    weights = _weights(here, processes) if not closes_by_status(pipeline) else {}
    return _Site(here, pipeline.label, labels, list(labels), wanted, weights)


def _weights(orders: Sequence[WorkOrder], processes: tuple[Process, ...]) -> dict[str, float]:
    place = place_of(orders[0].drift, processes) if orders else None
    stages = place[0].stages if place else ()
    return {stage.label_in(place[1].language): stage.probability for stage in stages if place}


def _wanted(
    orders: Sequence[WorkOrder], pipeline: Pipeline, processes: tuple[Process, ...]
) -> Iterator[str]:
    place = place_of(orders[0].drift, processes) if orders else None
    if place is None:
        return
    there = {key: stage for stage, key in matched(*place, pipeline).items()}
    missing = {o.drift.key for o in orders if o.drift.kind is DriftKind.STAGE_MISSING}
    for stage in place[0].stages:
        if stage.key in there:
            yield there[stage.key]
        elif stage.key in missing:
            yield _NEW + stage.key


def _work(site: _Site) -> Iterator[Step]:
    """What is done inside one pipeline; each part sees what those before it have left."""
    for order in site.of(DriftKind.PIPELINE_INACTIVE):
        state = (order.drift.live, order.drift.desired)
        yield Step(order, Act.ACTIVATE_PIPELINE, site.label, None, *state)
    yield from _renames(site)
    yield from _additions(site)
    for order in site.of(DriftKind.PROBABILITY):
        drift = order.drift
        stage = site.labels.get(drift.stage or "", drift.stage_label)
        yield Step(order, Act.SET_PROBABILITY, site.label, stage, drift.live, drift.desired)
    for order in site.of(DriftKind.ORDER):
        yield _reordering(order, site)
    yield from _deletions(site, empty=True)


def _renames(site: _Site) -> Iterator[Step]:
    """Every rename, each when its label is free; a stage that is to go gives its label up first."""
    orders = {order.drift.stage or "": order for order in site.of(DriftKind.LABEL)}
    wants = {stage: str(order.drift.desired) for stage, order in orders.items()}
    new = {
        f"{_NEW}{order.drift.key}": str(order.drift.desired)
        for order in site.of(DriftKind.STAGE_MISSING)
    }
    leaving = _leaving({*wants.values(), *new.values()}, site)
    orders |= {stage: order for stage, (order, _) in leaving.items()}
    wants |= {stage: label for stage, (_, label) in leaving.items()}
    stuck = holders(wants | new, site.labels)
    free = {stage: label for stage, label in wants.items() if stage not in stuck}
    for stage, before, after in steps(free, dict(site.labels)):
        passing = stage in leaving or after != wants[stage]
        yield _rename(orders[stage], site, before, after, temporary=passing)
        site.labels[stage] = after
    for stage in wants:
        if stage in stuck:
            holder = site.holder(wants[stage])
            yield _rename(orders[stage], site, site.labels[stage], wants[stage], blocked=holder)


def _rename(
    order: WorkOrder,
    site: _Site,
    before: str,
    after: str,
    *,
    temporary: bool = False,
    blocked: str = "",
) -> Step:
    return Step(
        order, Act.RENAME_STAGE, site.label, before, before, after, temporary, blocked=blocked
    )


def _leaving(wanted: Iterable[str], site: _Site) -> dict[str, tuple[WorkOrder, str]]:
    """The stages that are to go and whose label another one wants, with their label until then."""
    sought = set(map(folded, wanted))
    taken = sought | set(map(folded, site.labels.values()))
    leaving = {}
    for order in site.of(DriftKind.STAGE_UNKNOWN):
        stage = order.drift.stage or ""
        label = site.labels.get(stage, "")
        if folded(label) in sought:
            parting = next(each for each in _parting(label.strip()) if folded(each) not in taken)
            leaving[stage] = (order, parting)
    return leaving


def _parting(label: str) -> Iterator[str]:
    return (f"{label} (to be deleted{f' {again}' if again else ''})" for again in count())


def _additions(site: _Site) -> Iterator[Step]:
    """New stages in the process's order, each behind the one that comes before it there."""
    missing = {f"{_NEW}{o.drift.key}": o for o in site.of(DriftKind.STAGE_MISSING)}
    for at, stage in enumerate(site.wanted):
        if stage not in missing:
            continue
        order = missing[stage]
        label = str(order.drift.desired)
        before = next((one for one in reversed(site.wanted[:at]) if one in site.labels), None)
        behind, holder = site.labels.get(before or ""), site.holder(label)
        weights = tuple(weight for one, weight in site.weights.items() if one == label)
        yield Step(
            order,
            Act.ADD_STAGE,
            site.label,
            label,
            after=label,
            behind=behind,
            weights=weights,
            blocked=holder,
        )
        if not holder:
            site.labels[stage] = label
            site.order.insert(site.order.index(before) + 1 if before else 0, stage)


def _reordering(order: WorkOrder, site: _Site) -> Step:
    """One step for a whole order, with the drags it takes."""
    wanted = [stage for stage in site.wanted if stage in site.labels]
    now = [stage for stage in site.order if stage in wanted]
    return Step(
        order,
        Act.ORDER_STAGES,
        site.label,
        before=tuple(site.labels[stage] for stage in now),
        after=tuple(site.labels[stage] for stage in wanted),
        stages=tuple(site.labels[stage] for stage in wanted),
        moves=tuple(
            Move(site.labels[stage], site.labels[behind] if behind else None)
            for stage, behind in drags(now, wanted)
        ),
    )


def _deletions(site: _Site, *, empty: bool) -> Iterator[Step]:
    for order in site.of(DriftKind.STAGE_UNKNOWN):
        if (order.deals == 0) == empty:
            label = site.labels.get(order.drift.stage or "", order.drift.stage_label)
            yield Step(order, Act.DELETE_STAGE, site.label, label, label)


def _creations(
    orders: Sequence[WorkOrder], processes: tuple[Process, ...], live: Sequence[Pipeline]
) -> Iterator[Step]:
    """New pipelines with their stages; won and lost are none where deals close by their status."""
    by_status = any(map(closes_by_status, live))
    for order in orders:
        place = place_of(order.drift, processes)
        if order.drift.kind is not DriftKind.PIPELINE_MISSING or place is None:
            continue
        process, binding = place
        stages = [s for s in process.stages if s.outcome is Outcome.OPEN or not by_status]
        label = str(order.drift.desired)
        yield Step(
            order,
            Act.CREATE_PIPELINE,
            label,
            after=label,
            stages=tuple(stage.label_in(binding.language) for stage in stages),
            weights=() if by_status else tuple(stage.probability for stage in stages),
        )


def _pipeline_renames(orders: Sequence[WorkOrder], sites: Mapping[str, _Site]) -> Iterator[Step]:
    renames = {o.drift.pipeline: o for o in orders if o.drift.kind is DriftKind.PIPELINE_LABEL}
    labels = {pipeline: site.label for pipeline, site in sites.items()}
    wants = {pipeline: str(order.drift.desired) for pipeline, order in renames.items()}
    stuck = holders(wants, labels)
    free = {pipeline: label for pipeline, label in wants.items() if pipeline not in stuck}
    for pipeline, before, after in steps(free, labels):
        act, passing = Act.RENAME_PIPELINE, after != wants[pipeline]
        yield Step(renames[pipeline], act, before, None, before, after, passing)
        sites[pipeline].label = after
    for pipeline, holder in stuck.items():
        names = (labels[pipeline], wants[pipeline])
        blocked = sites[holder].label
        yield Step(renames[pipeline], Act.RENAME_PIPELINE, names[0], None, *names, blocked=blocked)
