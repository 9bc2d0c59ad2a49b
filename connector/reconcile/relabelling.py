"""Edits and additions seen together, as far as they compete for labels."""

from collections.abc import Iterator
from dataclasses import replace

from connector.model import EditStage, StageValues
from connector.reconcile.drift import DriftKind
from connector.reconcile.ground import Ground
from connector.reconcile.labels import holders, steps
from connector.reconcile.plan import Planned, Reason, Refusal
from connector.reconcile.proposal import Proposal

_WANTS_LABEL = frozenset({DriftKind.LABEL, DriftKind.STAGE_MISSING})


def give_up_labels(proposal: Proposal, ground: Ground) -> tuple[Proposal, list[Refusal]]:
    """What is left if all of it is written, and a refusal for every label that cannot be had.

    An edit goes on without its label; a stage is not created without one.
    """
    live, wants = ground.labels(), _wants(proposal)
    stuck = holders(wants, live)
    known = wants | live
    refusals = [
        Refusal(drift, Reason.LABEL_TAKEN, {"holder": holder, "holder_label": known[holder]})
        for item in proposal.items
        if (holder := stuck.get(item.id))
        for drift in item.drifts
        if drift.kind in _WANTS_LABEL
    ]
    edits = (edit.without_label() if edit.id in stuck else edit for edit in proposal.edits)
    additions = (addition for addition in proposal.additions if addition.id not in stuck)
    left = Proposal(tuple(e for e in edits if e.drifts), tuple(additions), proposal.order)
    return left, refusals


def writes(proposal: Proposal, ground: Ground) -> Iterator[Planned]:
    """The edits as changes, in an order in which every label is free when it is written."""
    pipeline = ground.pipeline.id
    by_id = {edit.id: edit for edit in proposal.edits}
    for edit in proposal.edits:
        if edit.after.label is None:
            yield Planned(edit.change(pipeline), edit.drifts)
    for stage, before, label in steps(_wants(Proposal(proposal.edits)), ground.labels()):
        edit = by_id[stage]
        change = edit.change(pipeline)
        if label == edit.after.label:
            change = replace(change, before=replace(change.before, label=before))
            yield Planned(change, edit.drifts)
        else:
            yield Planned(EditStage(pipeline, stage, StageValues(before), StageValues(label)), ())


def _wants(proposal: Proposal) -> dict[str, str]:
    labels = ((item.id, item.after.label) for item in proposal.items)
    return {stage: label for stage, label in labels if label is not None}
