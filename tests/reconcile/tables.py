"""Short forms for the tables of rules: stage keys and stage ids are the same words."""

from collections.abc import Collection, Mapping
from dataclasses import replace

from connector.model import Binding, Capability, Outcome, Pipeline, Process, ProcessStage, Stage
from connector.reconcile.comparison import compare
from connector.reconcile.drift import Drift, DriftKind
from connector.reconcile.plan import Allowance, Plan
from connector.reconcile.planner import plan
from tests.reconcile.portal import with_probability
from tests.reconcile.worlds import ACCOUNT, EVERYTHING, REMOTE

ALL = frozenset(Capability)


def stage(id: str, label: str, probability: float = 0.5, slot: int | None = None) -> Stage:
    return with_probability(Stage(id, label, None, Outcome.OPEN, slot), probability)


def locked(id: str, label: str, probability: float = 0.5) -> Stage:
    return replace(stage(id, label, probability), writable=False)


def pipeline(*stages: Stage, id: str = "sales", label: str = "Sales") -> Pipeline:
    """Slots are the places where a stage names none."""
    placed = (replace(s, slot=n if s.slot is None else s.slot) for n, s in enumerate(stages))
    return Pipeline(id, label, tuple(placed))


def unslotted(*stages: Stage) -> Pipeline:
    """A pipeline of a CRM that keeps no numbers for its order."""
    return Pipeline("sales", "Sales", tuple(replace(s, slot=None) for s in stages))


def want(key: str, label: str, probability: float = 0.5) -> ProcessStage:
    model = stage("", "", probability)
    return ProcessStage(key, label, probability, model.outcome, {"en": f"{label} (en)"})


def process(
    *stages: ProcessStage,
    manage: Collection[Capability] = ALL,
    pins: Mapping[str, str] | None = None,
    language: str = "nb",
    active: bool = True,
) -> Process:
    """Bound to the pipeline "sales"; every stage is pinned to its key unless pins say otherwise."""
    pinned = {s.key: s.key for s in stages} if pins is None else pins
    binding = Binding(ACCOUNT, "sales", language, frozenset(manage), pinned)
    labels = {"en": "Sales (en)"}
    return Process("process", "Sales", "nb", stages, labels, (binding,), active)


def planned(
    of: Process,
    live: Pipeline,
    *,
    can: Collection[Capability] = ALL,
    deals: Mapping[tuple[str, str], int] | None = {},
    allow: Collection[Allowance] = EVERYTHING,
) -> Plan:
    drifts = compare((of,), ACCOUNT, (live,))
    return plan(drifts, (of,), ACCOUNT, REMOTE, (live,), frozenset(can), deals, allow)


def kinds(drifts: Collection[Drift]) -> list[tuple[DriftKind, str | None]]:
    return [(drift.kind, drift.stage) for drift in drifts]


def writes(of: Plan) -> list[tuple[str, dict[str, object]]]:
    """The changes as stage id and the values written."""
    return [(p.change.stage, values(p.change.after)) for p in of.changes]


def values(of: object) -> dict[str, object]:
    named = {name: getattr(of, name) for name in ("label", "probability", "slot")}
    return {name: value for name, value in named.items() if value is not None}


def refused(of: Plan) -> list[tuple[DriftKind, str | None, str]]:
    return [(r.drift.kind, r.drift.stage, r.reason.value) for r in of.refusals]
