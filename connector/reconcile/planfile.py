"""Plans as JSON files for review, and the fingerprint that ties a review to what is applied."""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from connector.errors import Fault, FileFaults, PlanRefused
from connector.model import CreateStage, EditStage, StageChange
from connector.reconcile.drift import Drift
from connector.reconcile.plan import Hazard, Held, Impact, Plan, Planned, Refusal, Seen

_VERSION = 1


@dataclass(frozen=True, slots=True)
class _Row:
    """A planned or held change as a file shows it: either an edit or a creation."""

    drifts: tuple[Drift, ...]
    edit: EditStage | None = None
    create: CreateStage | None = None
    hazards: tuple[Hazard, ...] = ()

    @property
    def change(self) -> StageChange:
        """The one change of the row."""
        change = self.edit or self.create
        if change is None or (self.edit and self.create):
            raise msgspec.ValidationError("Expected either `edit` or `create`")
        return change


@dataclass(frozen=True, slots=True)
class _Sheet:
    """The plan part of a file."""

    account: str
    remote: str
    processes: tuple[str, ...]
    seen: tuple[Seen, ...]
    changes: tuple[_Row, ...]
    held: tuple[_Row, ...]
    refusals: tuple[Refusal, ...]


def fingerprint(plan: Plan) -> str:
    """SHA-256 over what applying a plan relies on and does.

    These are the account, the processes, the pipelines as seen and the changes with their
    before-values; never held changes, refusals, impact or instants.
    """
    facts = [plan.account, plan.remote, plan.processes, plan.seen]
    content = msgspec.to_builtins([*facts, [_row(each) for each in plan.changes]])
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()
