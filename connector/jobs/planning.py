"""Plan: what to do about the drift of an account, or how to take an applied run back."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from sqlite_utils import Database

from connector.errors import NotFound
from connector.jobs.drift import sift_accepted
from connector.jobs.fights import find_fights
from connector.jobs.lead_history import read_leads
from connector.jobs.reading import Reading
from connector.jobs.work_orders import follow_up
from connector.metrics.privacy import Naming, Privacy
from connector.model import Process, SetConfidence
from connector.reconcile.acceptance import Accepted
from connector.reconcile.confidence.aftermath import Aftermath
from connector.reconcile.confidence.planner import LeadPlan
from connector.reconcile.confidence.undoing import undo_leads
from connector.reconcile.continued import Past, carried_on
from connector.reconcile.fights import Fight
from connector.reconcile.ground import stage_names
from connector.reconcile.plan import EVERY_STAGE, Allowance, Impact, Plan, Weighted
from connector.reconcile.planfile import dump
from connector.reconcile.planner import plan
from connector.reconcile.supposing import open_stages, suppose, weighed
from connector.reconcile.undoing import undo
from connector.reconcile.weighing import impact
from connector.reconcile.work_steps import Worklist
from connector.store import accounts, history, journal
from connector.store.journal import MAY_HAVE_ARRIVED, Run
from connector.tomlfile import nearest
from connector.tomlfile import replace as replace_file


@dataclass(frozen=True, slots=True)
class Planning:
    """A plan, the reading it was made of, what it would move, and the names to tell it with.

    `impact` and `pulled` are None where the account was never pulled; `owners` are names by id.
    `accepted` drift is not in the plan; `fights` are in it, for a person to decide; `work` is what
    its refusals leave to an admin. `leads` is None where the plan is not about leads, or with
    `manages_leads` where no pull has told of them.
    """

    reading: Reading
    plan: Plan
    impact: Impact | None
    pulled: datetime | None
    owners: Mapping[str, str]
    accepted: tuple[Accepted, ...] = ()
    fights: tuple[Fight, ...] = ()
    work: Worklist = field(default_factory=Worklist)
    leads: LeadPlan | None = None
    aftermath: Aftermath | None = None
    manages_leads: bool = False


def plan_correction(
    reading: Reading,
    processes: tuple[Process, ...],
    db: Database,
    allow: Collection[Allowance] = (),
) -> Planning:
    """Plan to correct the drift nobody accepted; `allow` names the hazards that are allowed.

    Raises `NotFound` where it names a stage that is nowhere in the account.
    """
    _check_stages(allow, reading, processes)
    account_id, deals = _deals(reading, db)
    sifted = sift_accepted(reading, reading.drift(processes), db)
    made = plan(
        sifted.open,
        processes,
        reading.account,
        reading.remote.id,
        reading.pipelines,
        reading.can,
        deals,
        allow,
    )
    stored_at = reading.at if reading.stored else None
    found = find_fights(sifted.open, reading.account, db, stored_at)
    accepted = [each.drift for each in sifted.accepted]
    work = follow_up(reading, made.refusals, accepted, processes, db, record=not reading.stored)
    told = _told(reading, made, db, account_id)
    return replace(told, accepted=sifted.accepted, fights=found, work=work)


def plan_undo(
    reading: Reading,
    processes: tuple[Process, ...],
    db: Database,
    run: int,
    allow: Collection[Allowance] = (),
) -> Planning:
    """Plan to give every value a run wrote its former one, unless somebody changed it since.

    Runs that this one carried on after they were broken off are taken back with it. Raises
    `NotFound` where there is no such run, or no stage that `allow` names.
    """
    _check_stages(allow, reading, processes)
    account_id, deals = _deals(reading, db)
    sent = _written_by(run, reading.account, db, account_id)
    made = undo(
        sent.changes,
        processes,
        reading.account,
        reading.remote.id,
        reading.pipelines,
        reading.can,
        deals,
        allow,
    )
    return _with_leads_back(_told(reading, made, db, account_id), sent, db, account_id)


def plan_what_if(
    reading: Reading, processes: tuple[Process, ...], db: Database, values: Mapping[str, float]
) -> Planning:
    """Suppose that open stages, by their keys, had these probabilities; nobody can apply it.

    Where the CRM keeps none, they have the process's before. Raises `NotFound` where the account
    has no such stage.
    """
    known = open_stages(processes, reading.account, reading.pipelines)
    for key in values:
        if key not in known:
            raise NotFound(
                f"--what-if {key}: {reading.account} has no open stage {key!r}{nearest(key, known)}"
            )
    live = weighed(processes, reading.account, reading.pipelines)
    reading = replace(reading, pipelines=live)
    made = suppose(processes, reading.account, reading.remote.id, live, values)
    return _told(reading, made, db, accounts.find(db, reading.account))


def within(made: Planning, privacy: Privacy) -> Planning:
    """The planning as far as its report may tell of people; what it plans is the same."""
    impact, leads = made.impact, made.leads
    if impact is not None:
        impact = replace(impact, owners=_tellable(impact.owners, privacy))
    if leads is not None:
        moved = replace(leads.impact, owners=_tellable(leads.impact.owners, privacy))
        nameless = privacy.owners is Naming.OFF
        left = tuple(replace(each, by=None) if nameless else each for each in leads.left)
        leads = replace(leads, impact=moved, left=left)
    names = made.owners if privacy.owners is Naming.NAMES else {}
    return replace(made, impact=impact, leads=leads, owners=names)


def _tellable(owners: tuple[Weighted, ...], privacy: Privacy) -> tuple[Weighted, ...]:
    if privacy.owners is Naming.OFF:
        return ()
    return tuple(each for each in owners if each.deals >= privacy.minimum_group)


def save_plan(made: Planning, file: Path, at: datetime) -> None:
    """Put a plan in a file for review, at once; raises `FileFaults` where no file can be."""
    replace_file(file, dump(made.plan, made.impact, at, made.leads))


def _check_stages(
    allow: Collection[Allowance], reading: Reading, processes: tuple[Process, ...]
) -> None:
    known = stage_names(processes, reading.account, reading.pipelines)
    for hazard, stage in allow:
        if stage not in {EVERY_STAGE, *known}:
            raise NotFound(
                f'--allow {hazard}:{stage}: {reading.account} has no stage "{stage}"'
                f"{nearest(stage, known)}"
            )


def _deals(
    reading: Reading, db: Database
) -> tuple[int | None, Mapping[tuple[str, str], int] | None]:
    """The account's key and its deals per stage; None for what no pull has told yet."""
    account_id = accounts.find(db, reading.account)
    if account_id is None or history.last_pull(db, account_id) is None:
        return account_id, None
    return account_id, history.deals_per_stage(db, account_id)


def _written_by(run: int, account: str, db: Database, account_id: int | None) -> Past:
    runs = () if account_id is None else journal.runs(db, account_id)
    ids = [each.id for each in runs]
    if run not in ids:
        known = ", ".join(map(str, ids)) or "none yet"
        raise NotFound(f"{account} has no run {run}; there is {known}")
    leads: dict[int, list[SetConfidence]] = {}
    for write in () if account_id is None else journal.lead_writes(db, account_id):
        leads.setdefault(write.run, []).append(write.change)
    return carried_on([_past(each, db, leads.get(each.id, ())) for each in runs if each.id <= run])


def _past(run: Run, db: Database, leads: Sequence[SetConfidence]) -> Past:
    entries = journal.entries(db, run.id)
    changes = tuple(each.change for each in entries if each.state in MAY_HAVE_ARRIVED)
    return Past(run.fingerprint, changes, tuple(leads))


def _with_leads_back(made: Planning, sent: Past, db: Database, account_id: int | None) -> Planning:
    """The planning with every lead that was sent a confidence given the one it had before."""
    known = None if account_id is None else read_leads(db, account_id, made.reading.pipelines)
    if account_id is None or known is None or not sent.leads:
        return made
    back = undo_leads(sent.leads, known.leads, known.ours)
    plan = replace(made.plan, leads=back.changes, after_run=journal.last_run(db, account_id))
    return replace(made, plan=plan, leads=back, manages_leads=True)


def _told(reading: Reading, made: Plan, db: Database, account_id: int | None) -> Planning:
    last = None if account_id is None else history.last_pull(db, account_id)
    if account_id is None or last is None:
        return Planning(reading, made, None, None, {})
    moved = impact(made, reading.pipelines, history.standings(db, account_id))
    owners = {owner.id: owner.name for owner in history.owners(db, account_id)}
    return Planning(reading, made, moved, last.finished, owners)
