"""Drifts that cannot be corrected, whatever is allowed, and why."""

from collections.abc import Sequence

from connector.model import Capability
from connector.reconcile.drift import Drift, DriftKind
from connector.reconcile.ground import Ground
from connector.reconcile.plan import Reason, Refusal

_CORRECTED_AS = {
    DriftKind.LABEL: Capability.LABEL,
    DriftKind.PROBABILITY: Capability.PROBABILITY,
    DriftKind.OUTCOME: Capability.PROBABILITY,
    DriftKind.ORDER: Capability.ORDER,
    DriftKind.STAGE_MISSING: Capability.CREATE,
}


def triage(drifts: Sequence[Drift], ground: Ground) -> tuple[list[Drift], list[Refusal]]:
    """The drifts that can be corrected, and refusals of the others."""
    moving = {drift.stage for drift in drifts if drift.kind is DriftKind.PROBABILITY}
    sound, refusals = [], []
    for drift in drifts:
        if drift.kind is DriftKind.OUTCOME and drift.stage not in moving:
            # An outcome follows the probability (HubSpot fact, 2026-11); alone it stays.
            refusals.append(Refusal(drift, Reason.CANNOT_WRITE))
        elif refusal := _refusal(drift, ground):
            refusals.append(refusal)
        else:
            sound.append(drift)
    return sound, refusals


def refuse_unbound(drift: Drift) -> Refusal:
    """The refusal of a drift in a pipeline that is not live, or that no process is bound to."""
    missing = drift.kind is DriftKind.PIPELINE_MISSING
    return Refusal(drift, Reason.CANNOT_WRITE if missing else Reason.NOT_MANAGED)


def _refusal(drift: Drift, ground: Ground) -> Refusal | None:
    if drift.kind is DriftKind.STAGE_UNKNOWN:
        return _leave(drift, ground)
    if drift.kind not in _CORRECTED_AS:
        return Refusal(drift, Reason.CANNOT_WRITE)
    reason = ground.barrier(_CORRECTED_AS[drift.kind])
    if reason is None and not _writable(drift, ground):
        reason = Reason.CANNOT_WRITE
    return Refusal(drift, reason) if reason else None


def _leave(drift: Drift, ground: Ground) -> Refusal:
    """A stage of nobody's stays, because connector never deletes one."""
    deals = ground.deals_in(drift.stage or "")
    if deals == 0:
        return Refusal(drift, Reason.CANNOT_WRITE)
    return Refusal(drift, Reason.HOLDS_DEALS, {} if deals is None else {"deals": deals})


def _writable(drift: Drift, ground: Ground) -> bool:
    if drift.kind is DriftKind.ORDER:
        return True
    if drift.kind is DriftKind.STAGE_MISSING:
        return drift.stage is not None and drift.stage not in ground.terms.taken_ids
    stage = ground.pipeline.stage(drift.stage or "")
    return stage is not None and stage.writable
