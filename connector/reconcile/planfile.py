"""Plans as JSON files for review, and the fingerprint that ties a review to what is applied."""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NoReturn

import msgspec

from connector.errors import Fault, FileFaults, PlanRefused
from connector.model import CreateStage, EditStage, SetConfidence, StageChange
from connector.reconcile.confidence.planner import LeadPlan
from connector.reconcile.drift import Drift
from connector.reconcile.plan import Hazard, Held, Impact, Plan, Planned, Refusal, Seen

_VERSION = 1


@dataclass(frozen=True, slots=True)
class _Row:
    """A planned or held change as a file has it: an edit or a creation, and its drifts."""

    drifts: tuple[Drift, ...]
    edit: EditStage | None = None
    create: CreateStage | None = None
    hazards: tuple[Hazard, ...] = ()

    @property
    def change(self) -> StageChange:
        """The one change of the row."""
        change = self.edit or self.create
        if change is None:
            raise msgspec.ValidationError("Expected a change to `edit` or `create` a stage")
        return change


@dataclass(frozen=True, slots=True)
class _Sheet:
    """What of a file makes a plan again; the rest of it is for people."""

    fingerprint: str
    account: str
    remote: str
    processes: tuple[str, ...]
    seen: tuple[Seen, ...]
    changes: tuple[_Row, ...]
    held: tuple[_Row, ...]
    refusals: tuple[Refusal, ...]
    leads: tuple[SetConfidence, ...] = ()
    after_run: int = 0

    def plan(self) -> Plan:
        """The plan in the file."""
        return Plan(
            self.account,
            self.remote,
            self.processes,
            self.seen,
            tuple(Planned(row.change, row.drifts) for row in self.changes),
            tuple(Held(row.change, row.drifts, row.hazards) for row in self.held),
            self.refusals,
            self.leads,
            self.after_run,
        )


def fingerprint(plan: Plan) -> str:
    """SHA-256 over what applying a plan relies on and what it does.

    That is the account, the processes, the pipelines as seen, and the changes of stages and leads
    with their before-values; never held changes, refusals, impact or instants.
    """
    content = {
        "account": plan.account,
        "remote": plan.remote,
        "processes": plan.processes,
        "seen": msgspec.to_builtins(plan.seen),
        "changes": [_shown(planned.change) for planned in plan.changes],
    }
    if plan.leads:
        content |= {"leads": msgspec.to_builtins(plan.leads), "after_run": plan.after_run}
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def dump(
    plan: Plan, impact: Impact | None, made_at: datetime, leads: LeadPlan | None = None
) -> str:
    """A plan as pretty JSON; `impact` None where the deals were never pulled.

    `leads` is what a reviewer should know of the plan's leads, where it is about leads.
    """
    content = {
        "connector-plan": _VERSION,
        "made_at": made_at.isoformat(),
        "fingerprint": fingerprint(plan),
        **msgspec.to_builtins(plan),
        "changes": [_row(planned) for planned in plan.changes],
        "held": [_row(held) for held in plan.held],
        "impact": msgspec.to_builtins(impact),
        **_of_leads(leads),
    }
    return _printable(json.dumps(content, indent=2, ensure_ascii=False)) + "\n"


def load(text: str, file: str = "plan") -> Plan:
    """The plan a file holds; `file` names it in errors.

    Raises `FileFaults` where the text is no plan, and `PlanRefused` where its content is not what
    its fingerprint was made of.
    """
    try:
        sheet = _sheet(text, file)
        plan = sheet.plan()
    except msgspec.ValidationError as error:
        message, _, path = str(error).partition(" - at `$")
        _refuse(file, path.strip("`."), message)
    if fingerprint(plan) != sheet.fingerprint:
        raise PlanRefused(f"{file}: the plan was changed after it was made. Make a new plan.")
    return plan


def _sheet(text: str, file: str) -> _Sheet:
    try:
        content: Any = json.loads(text)
    except (ValueError, RecursionError) as error:
        _refuse(file, "", f"is not JSON: {error}")
    version = content.get("connector-plan") if isinstance(content, dict) else None
    if version != _VERSION:
        _refuse(file, "connector-plan", f"should be {_VERSION}, is {version!r}")
    return msgspec.convert(content, _Sheet)


def _refuse(file: str, key: str, message: str) -> NoReturn:
    raise FileFaults((Fault(file, key, None, f"{message}. Make a new plan."),)) from None


def _row(entry: Planned | Held) -> dict[str, Any]:
    content: dict[str, Any] = msgspec.to_builtins(entry)
    del content["change"]
    return _shown(entry.change) | content


def _of_leads(leads: LeadPlan | None) -> dict[str, Any]:
    """What people are told of the leads; those that change stand in the plan itself."""
    content: dict[str, Any] = {} if leads is None else msgspec.to_builtins(leads)
    return {f"leads_{key}": value for key, value in content.items() if key != "changes"}


def _shown(change: StageChange) -> dict[str, Any]:
    """A change under the name of what it does, with only the values it touches."""
    content = msgspec.to_builtins(change)
    for side in {"before", "after"} & content.keys():
        content[side] = {
            field: value for field, value in content[side].items() if value is not None
        }
    return {"edit" if isinstance(change, EditStage) else "create": content}


def _printable(text: str) -> str:
    """JSON in which characters that act on a terminal, or cannot be stored, are escaped."""
    return "".join(
        character if character.isprintable() or character == "\n" else json.dumps(character)[1:-1]
        for character in text
    )
