"""Drifts sorted into changes, held changes and refusals."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from connector.model import Capability, Pipeline, Process
from connector.reconcile.drift import Drift
from connector.reconcile.ground import Ground, Terms, grounds
from connector.reconcile.hazards import decide
from connector.reconcile.layout import Layout
from connector.reconcile.matching import bound
from connector.reconcile.plan import (
    Allowance,
    DealCounts,
    Held,
    Plan,
    Planned,
    Reason,
    Refusal,
    Seen,
    SeenStage,
)
from connector.reconcile.proposal import Proposal, propose
from connector.reconcile.relabelling import give_up_labels, writes
from connector.reconcile.triage import refuse_unbound, triage


@dataclass(frozen=True, slots=True)
class _Verdict:
    """What becomes of the drifts of one pipeline."""

    changes: tuple[Planned, ...] = ()
    held: tuple[Held, ...] = ()
    refusals: tuple[Refusal, ...] = ()


def plan(
    drifts: Sequence[Drift],
    processes: tuple[Process, ...],
    account: str,
    remote: str,
    live: tuple[Pipeline, ...],
    can: frozenset[Capability],
    deals: DealCounts | None,
    allow: Collection[Allowance] = (),
) -> Plan:
    """Every drift as a change, a held change or a refusal.

    `can` is what the account can write, `deals` None means that none were ever pulled, so that any
    stage may hold some.
    """
    taken_ids = frozenset(stage.id for pipeline in live for stage in pipeline.stages)
    terms = Terms(can, deals, allow, taken_ids)
    by_id = {ground.pipeline.id: ground for ground in grounds(processes, account, live, terms)}
    verdicts = [
        _decide([drift for drift in drifts if drift.pipeline == pipeline], by_id.get(pipeline))
        for pipeline in dict.fromkeys(drift.pipeline for drift in drifts)
    ]
    changes = tuple(change for verdict in verdicts for change in verdict.changes)
    return Plan(
        account=account,
        remote=remote,
        processes=tuple(dict.fromkeys(process.key for process, _ in bound(processes, account))),
        seen=tuple(_seen(changes, live)),
        changes=changes,
        held=tuple(held for verdict in verdicts for held in verdict.held),
        refusals=tuple(refusal for verdict in verdicts for refusal in verdict.refusals),
    )


def _decide(drifts: Sequence[Drift], ground: Ground | None) -> _Verdict:
    """What becomes of the drifts of one pipeline.

    Labels are settled twice: first as if nothing were held, to tell what can never be had, then
    for what goes ahead, when the stages that are held keep theirs.
    """
    if ground is None:
        return _Verdict(refusals=tuple(map(refuse_unbound, drifts)))
    sound, refused = triage(drifts, ground)
    possible, never = give_up_labels(propose(sound, drifts, ground), ground)
    decided = decide(possible, ground)
    order, layout = decided.ahead.order, decided.layout
    # The order may be out of reach: no free slot, or a stage in the way that cannot be moved.
    stuck = [Refusal(order, Reason.CANNOT_WRITE)] if order and not layout.moves else []
    changes = tuple(_changes(decided.ahead, layout, ground))
    return _Verdict(changes, decided.held, (*refused, *never, *decided.taken, *stuck))


def _changes(ahead: Proposal, layout: Layout, ground: Ground) -> Iterator[Planned]:
    """Labels and probabilities, which people and forecasts read; new stages; then the moves.

    New stages come after the edits because their labels may only be free by then.
    """
    yield from writes(ahead, ground)
    for new in ahead.additions:
        yield Planned(new.change(ground.pipeline.id, layout.places[new.id]), new.drifts)
    yield from layout.moves


def _seen(changes: tuple[Planned, ...], live: tuple[Pipeline, ...]) -> Iterator[Seen]:
    touched = {planned.change.pipeline for planned in changes}
    for pipeline in live:
        if pipeline.id in touched:
            stages = (SeenStage(stage.id, stage.label, stage.slot) for stage in pipeline.stages)
            yield Seen(pipeline.id, tuple(stages))
