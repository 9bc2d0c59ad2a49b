"""Apply: send the changes of a reviewed plan, each journalled before and read back after.

Stages come first, then leads.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlite_utils import Database

from connector.config import Account
from connector.errors import (
    ConnectorError,
    CrmError,
    Interrupted,
    PlanRefused,
    Rejected,
    UnknownOutcome,
)
from connector.jobs.apply_leads import AppliedLead, Desk, Ending, apply_leads
from connector.jobs.lead_history import read_aftermath
from connector.jobs.pull import identify
from connector.model import (
    ConfidenceCrm,
    Crm,
    Outcome,
    Pipeline,
    Remote,
    SetConfidence,
    StageChange,
)
from connector.reconcile.confidence.aftermath import Aftermath
from connector.reconcile.plan import Plan, Planned
from connector.reconcile.planfile import fingerprint
from connector.reconcile.progress import remaining, stale
from connector.store import accounts, journal
from connector.store.journal import State


@dataclass(frozen=True, slots=True)
class Applied:
    """One change of a plan and how it ended; SKIPPED was as planned already."""

    change: StageChange
    state: State
    note: str = ""


@dataclass(frozen=True, slots=True)
class Application:
    """One application of a plan: its number, which `plan --undo` takes, and how it went.

    `before` and `after` are the pipelines as they were read first and last. `fault` is what broke
    it off, `unsent` are the changes and `unsent_leads` the leads it did not come to. `aftermath` is
    what became of what earlier runs wrote to leads.
    """

    run: int
    before: tuple[Pipeline, ...]
    after: tuple[Pipeline, ...]
    applied: tuple[Applied, ...]
    unsent: tuple[StageChange, ...] = ()
    temporary: tuple[str, ...] = ()
    fault: ConnectorError | None = None
    leads: tuple[AppliedLead, ...] = ()
    unsent_leads: tuple[SetConfidence, ...] = ()
    aftermath: Aftermath | None = None

    @property
    def complete(self) -> bool:
        """Whether everything is now as planned, or as somebody else wanted it in the meantime."""
        ended = all(each.state in (State.DONE, State.SKIPPED) for each in self.applied)
        right = (Ending.DONE, Ending.SKIPPED, Ending.LEFT)
        leads_ended = all(each.ending in right for each in self.leads)
        return ended and leads_ended and not self.unsent and not self.unsent_leads

    @property
    def moved(self) -> bool:
        """Whether anything was changed, or may have been."""
        moved = any(each.state in (State.DONE, State.UNKNOWN) for each in self.applied)
        return moved or any(each.ending in (Ending.DONE, Ending.UNKNOWN) for each in self.leads)


def apply(
    account: Account,
    crm: Crm,
    db: Database,
    plan: Plan,
    text: str,
    *,
    ended: Callable[[Applied | AppliedLead], None] = lambda applied: None,
) -> Application:
    """Send what is still to be sent of a plan; `text` is the plan as reviewed, for the journal.

    `ended` hears of each change as it ends. Raises `PlanRefused`, before the first write, where
    the plan is for another account or the pipelines have moved since it was made. Leads are judged
    one by one, each just before it is written. A change the CRM rejects does not stop the others; a
    refused key, a used-up quota, a CRM out of reach or Ctrl-C does, and is told as the `fault`.
    """
    remote = identify(account, crm)
    if (plan.account, plan.remote) != (account.name, remote.id):
        raise PlanRefused(
            f"The plan is for {plan.account} ({plan.remote}), this is {account.name} ({remote.id})."
        )
    if plan.leads and not isinstance(crm, ConfidenceCrm):
        raise PlanRefused(f"{account.name}: {account.crm} deals have no confidence to write")
    account_id = accounts.remember(db, account.name, remote)
    live, now = crm.pipelines(), _clock_of(remote)
    if moved := stale(plan, live, journal.written(db, account_id)):
        raise PlanRefused(
            f"The plan is stale and nothing was sent. Plan again. {'; '.join(map(str, moved))}"
        )
    run = journal.begin_apply(db, account_id, fingerprint(plan), text, now())
    work = _Work(crm, db, account_id, run, plan, live, now)
    work.go(ended)
    desk = Desk(db, account_id, run, fingerprint(plan), now)
    done = _with_leads(work.application(live), crm, desk, plan, ended)
    journal.finish_apply(db, run, now())
    return done


def _with_leads(
    done: Application,
    crm: Crm,
    desk: Desk,
    plan: Plan,
    ended: Callable[[AppliedLead], None],
) -> Application:
    """The application with the plan's leads, which are not come to where it was broken off."""
    if not plan.leads or not isinstance(crm, ConfidenceCrm):
        return done
    if done.fault is not None:
        return replace(done, unsent_leads=plan.leads)
    aftermath = read_aftermath(desk.db, desk.account, done.before)
    stages = (stage for pipeline in done.after for stage in pipeline.stages)
    closing = frozenset(stage.id for stage in stages if stage.outcome is not Outcome.OPEN)
    leads = apply_leads(crm, desk, plan.leads, closing, len(plan.changes), ended)
    return replace(
        done,
        leads=leads.applied,
        unsent_leads=leads.unsent,
        fault=leads.fault,
        aftermath=aftermath,
    )


def _clock_of(remote: Remote) -> Callable[[], datetime]:
    """The CRM's clock, so that the journal can be laid beside the CRM's own audit trail."""
    began = time.monotonic()
    return lambda: remote.now + timedelta(seconds=time.monotonic() - began)


class _Work:
    """A plan being applied: the pipelines as last read, and what became of each change so far."""

    def __init__(
        self,
        crm: Crm,
        db: Database,
        account_id: int,
        run: int,
        plan: Plan,
        live: tuple[Pipeline, ...],
        now: Callable[[], datetime],
    ):
        self._crm, self._db, self._account, self._run = crm, db, account_id, run
        self._plan, self._live, self._now = plan, live, now
        self._applied: list[Applied] = []
        self._under_way: StageChange | None = None
        self._fault: ConnectorError | None = None

    def go(self, ended: Callable[[Applied], None]) -> None:
        """Each change in turn, until the last one or a fault that concerns all that are left."""
        try:
            for seq, planned in enumerate(self._plan.changes):
                if self._fault is not None:
                    return
                self._applied.append(self._change(seq, planned))
                ended(self._applied[-1])
        except KeyboardInterrupt:
            self._fault = Interrupted("stopped by hand")
            if self._under_way is not None:
                note = "stopped by hand before it could be read back"
                self._applied.append(Applied(self._under_way, State.UNKNOWN, note))

    def application(self, before: tuple[Pipeline, ...]) -> Application:
        """How it went."""
        left = self._plan.changes[len(self._applied) :]
        passing = {each.change.after.label for each in self._plan.changes if not each.drifts}
        labels = (stage.label for pipeline in self._live for stage in pipeline.stages)
        return Application(
            self._run,
            before,
            self._live,
            tuple(self._applied),
            tuple(planned.change for planned in left),
            tuple(label for label in labels if label in passing),
            self._fault,
        )

    def _change(self, seq: int, planned: Planned) -> Applied:
        """One change, judged by the pipelines as they are after the one before it."""
        if planned not in remaining(self._plan, self._live):
            return Applied(planned.change, State.SKIPPED, "it is so already")
        if moved := stale(self._plan, self._live, journal.written(self._db, self._account)):
            return Applied(planned.change, State.FAILED, "; ".join(map(str, moved)))
        self._under_way = planned.change
        journal.sent(self._db, self._run, seq, planned.change, self._now())
        fault, blind = self._send(planned.change), self._read_again()
        arrived = blind is None and planned not in remaining(self._plan, self._live)
        state, note = _verdict(fault, blind, arrived=arrived)
        journal.settle(self._db, self._run, seq, state, note, self._now())
        self._under_way = None
        concerns_one = isinstance(fault, Rejected | UnknownOutcome)
        self._fault = blind if fault is None or concerns_one else fault
        return Applied(planned.change, state, note)

    def _send(self, change: StageChange) -> CrmError | None:
        try:
            self._crm.write(change)
        except CrmError as fault:
            return fault
        return None

    def _read_again(self) -> CrmError | None:
        try:
            self._live = self._crm.pipelines()
        except CrmError as fault:
            return fault
        return None


def _verdict(fault: CrmError | None, blind: CrmError | None, *, arrived: bool) -> tuple[State, str]:
    """What became of a write: what a read shows counts for more than what its answer said."""
    match fault:
        case _ if arrived:
            return State.DONE, ""
        case None if blind:
            return State.UNKNOWN, f"the CRM accepted it, but it could not be read back: {blind}"
        case None:
            return State.FAILED, "the CRM accepted it, but a read shows the value from before"
        case UnknownOutcome():
            return State.UNKNOWN, str(fault)
        case _:
            return State.FAILED, str(fault)
