"""Desired against live: what differs, what to do about it, and what that would move. Pure."""

from connector.reconcile.comparison import compare
from connector.reconcile.drift import Drift, DriftKind, Severity
from connector.reconcile.plan import (
    EVERY_STAGE,
    Allowance,
    DealCounts,
    Hazard,
    Held,
    Impact,
    Plan,
    Planned,
    Reason,
    Refusal,
    Weighted,
)
from connector.reconcile.planfile import dump, fingerprint, load
from connector.reconcile.planner import plan
from connector.reconcile.progress import Stale, remaining, stale
from connector.reconcile.undoing import undo
from connector.reconcile.weighing import impact

__all__ = [
    "EVERY_STAGE",
    "Allowance",
    "DealCounts",
    "Drift",
    "DriftKind",
    "Hazard",
    "Held",
    "Impact",
    "Plan",
    "Planned",
    "Reason",
    "Refusal",
    "Severity",
    "Stale",
    "Weighted",
    "compare",
    "dump",
    "fingerprint",
    "impact",
    "load",
    "plan",
    "remaining",
    "stale",
    "undo",
]
