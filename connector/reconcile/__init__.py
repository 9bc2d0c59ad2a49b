"""Desired against live: what differs, what to do about it, and what that would move. Pure."""

from connector.reconcile.comparison import compare
from connector.reconcile.drift import Drift, DriftKind, Severity
from connector.reconcile.plan import (
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

__all__ = [
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
    "Weighted",
    "compare",
]
