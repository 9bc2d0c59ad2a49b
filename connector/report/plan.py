"""The report of what a plan would do, what it holds back and what it leaves to a person."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from connector.model import Pipeline, Remote
from connector.reconcile.acceptance import Accepted
from connector.reconcile.plan import Held, Impact, Plan, Planned, Refusal
from connector.reconcile.work_steps import Worklist
from connector.report.document import (
    Block,
    Cell,
    Column,
    Count,
    CrmText,
    Document,
    Fact,
    Instant,
    Items,
    Missing,
    Note,
    Place,
    Table,
)
from connector.report.drift_rows import DRIFT_COLUMNS, drift_cells
from connector.report.drift_standing import accepted_blocks
from connector.report.drift_words import (
    crm_term,
)
from connector.report.impact import impact_blocks
from connector.report.layout import Row
from connector.report.names import Names, names_in
from connector.report.plan_rows import VALUE_COLUMNS, Slots, live_slots, slots_along, value_rows
from connector.report.plan_words import (
    admin_page,
    allow_options,
    by_hand,
    held_because,
    next_step,
    refused_because,
)
from connector.report.work_orders import work_blocks

NO_WORK = Worklist()

_CHANGES = (Column("step", "Step"), *VALUE_COLUMNS)
_HELD = (
    *VALUE_COLUMNS,
    Column("hazards", place=Place.DATA),
    Column("why", "Held because", Place.UNDER),
    Column("allow", "Allow with", Place.UNDER),
)
_REFUSALS = (
    *DRIFT_COLUMNS,
    Column("reason", place=Place.DATA),
    Column("why", "Because", Place.UNDER),
    Column("by_hand", "By hand", Place.UNDER),
    Column("drift", place=Place.DATA),
)


def plan_document(
    plan: Plan,
    remote: Remote,
    live: Sequence[Pipeline],
    impact: Impact | None,
    fingerprint: str,
    last_pull: datetime | None,
    owners: Mapping[str, str],
    file: str | None = None,
    accepted: Sequence[Accepted] = (),
    work: Worklist = NO_WORK,
    leads: Sequence[Block] = (),
) -> Document:
    """A plan for review; `impact` is None where deals were never pulled.

    `live` are the pipelines it was made for, `owners` names by id, `file` where it was saved.
    `accepted` drift is not in the plan; `work` is what of the refusals is for an admin to do, which
    people read as that alone. `leads` are the blocks about leads.
    """
    names = names_in(live)
    idle = bool(work.steps or leads) and not plan.changes and not plan.held
    empty = "" if idle else "None."
    return Document(
        name="plan",
        version=1,
        title=f"Plan for {plan.account}",
        facts=(
            Fact("account", "Account", plan.account),
            Fact("crm", "CRM", crm_term(remote.crm)),
            Fact("account_name", "CRM account", CrmText(remote.name)),
            Fact("account_id", "CRM id", CrmText(plan.remote)),
            Fact("last_pull", "Deals as of", _pulled(last_pull, remote)),
            Fact("fingerprint", "Fingerprint", fingerprint),
        ),
        blocks=(
            _changes(plan.changes, names, live_slots(live), empty),
            _held(plan.held, names, live_slots(live), empty),
            *work_blocks(work, remote),
            *_refusals(plan.refusals, work, names, remote.crm, empty),
            *accepted_blocks(accepted, names),
            *([] if idle else impact_blocks(plan.account, impact, remote, names, owners)),
            *leads,
            *([] if work.steps and idle and not plan.leads else [Note(next_step(plan, file))]),
        ),
    )


def _pulled(last_pull: datetime | None, remote: Remote) -> Cell:
    return Instant(last_pull, remote.time_zone) if last_pull else Missing("never pulled")


def _changes(changes: Sequence[Planned], names: Names, slots: Slots, empty: str) -> Table:
    along = slots_along((planned.change for planned in changes), slots)
    rows = tuple(
        (Count(step), *row)
        for step, (planned, now) in enumerate(zip(changes, along, strict=True), start=1)
        for row in value_rows(planned.change, names, now, temporary=not planned.drifts)
    )
    return Table("changes", _CHANGES, rows, "Changes, in the order they are written", empty)


def _held(held: Sequence[Held], names: Names, slots: Slots, empty: str) -> Table:
    rows = tuple(
        (*row, Items(each.hazards), held_because(each), allow_options(each))
        for each in held
        for row in value_rows(each.change, names, slots)
    )
    return Table("held", _HELD, rows, "Held until allowed", empty)


def _refusals(
    refusals: Sequence[Refusal], work: Worklist, names: Names, crm: str, empty: str
) -> Iterator[Block]:
    """All refusals for programs; for people those that are on no list of work orders."""
    told = tuple(_refusal(each, names, crm) for each in refusals if not work.lists(each.drift))
    data = tuple(_refusal(each, names, crm) for each in refusals if work.lists(each.drift))
    yield Table("refusals", _REFUSALS, told, "Left to a person", "" if data else empty, data)
    if told:
        yield Note(admin_page(crm))


def _refusal(refusal: Refusal, names: Names, crm: str) -> Row:
    drift = refusal.drift
    return (
        *drift_cells(drift, names),
        refusal.reason,
        refused_because(refusal, crm),
        by_hand(drift, names, crm),
        CrmText(drift.id),
    )
