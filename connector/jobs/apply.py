"""Apply: send the changes of a reviewed plan, each journalled before and read back after."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlite_utils import Database

from connector.config import Account
from connector.errors import CrmError, PlanRefused, Rejected, UnknownOutcome
from connector.jobs.pull import identify
from connector.model import Crm, Pipeline, Remote, StageChange
from connector.reconcile import Plan, fingerprint, remaining, stale
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

    `before` are the pipelines as they were when it began.
    """

    run: int
    before: tuple[Pipeline, ...]
    applied: tuple[Applied, ...]

    @property
    def complete(self) -> bool:
        """Whether everything is now as planned."""
        return all(each.state in (State.DONE, State.SKIPPED) for each in self.applied)


def apply(
    account: Account,
    crm: Crm,
    db: Database,
    plan: Plan,
    text: str,
    *,
    ended: Callable[[Applied], None] = lambda applied: None,
) -> Application:
    """Send what is still to be sent of a plan; `text` is the plan as reviewed, for the journal.

    `ended` hears of each change as it ends. Raises `PlanRefused`, before the first write, where
    the plan is for another account or the pipelines have moved since it was made. A change the CRM
    rejects does not stop the others; a refused key, a used-up quota or a CRM out of reach does.
    """
    remote = identify(account, crm)
    now = _clock_of(remote)
    if (plan.account, plan.remote) != (account.name, remote.id):
        raise PlanRefused(
            f"The plan is for {plan.account} ({plan.remote}), this is {account.name} ({remote.id})."
        )
    account_id = accounts.remember(db, account.name, remote)
    live = crm.pipelines()
    if moved := stale(plan, live, journal.written(db, account_id)):
        raise PlanRefused(
            f"The plan is stale and nothing was sent. Plan again. {'; '.join(map(str, moved))}"
        )
    run = journal.begin_apply(db, account_id, fingerprint(plan), text, now())
    applied = []
    for each in _apply(crm, db, account_id, run, plan, live, now):
        ended(each)
        applied.append(each)
    journal.finish_apply(db, run, now())
    return Application(run, live, tuple(applied))


def _clock_of(remote: Remote) -> Callable[[], datetime]:
    """The CRM's clock, so that the journal can be laid beside the CRM's own audit trail."""
    began = time.monotonic()
    return lambda: remote.now + timedelta(seconds=time.monotonic() - began)


def _apply(
    crm: Crm,
    db: Database,
    account_id: int,
    run: int,
    plan: Plan,
    live: tuple[Pipeline, ...],
    now: Callable[[], datetime],
) -> Iterator[Applied]:
    """Each change in turn, judged by the pipelines as they are after the one before it."""
    for seq, planned in enumerate(plan.changes):
        if planned not in remaining(plan, live):
            yield Applied(planned.change, State.SKIPPED, "it is so already")
        elif moved := stale(plan, live, journal.written(db, account_id)):
            yield Applied(planned.change, State.FAILED, "; ".join(map(str, moved)))
        else:
            journal.sent(db, run, seq, planned.change, now())
            fault = _send(crm, db, run, seq, planned.change, now)
            live = crm.pipelines()
            state, note = _verdict(fault, arrived=planned not in remaining(plan, live))
            journal.settle(db, run, seq, state, note, now())
            yield Applied(planned.change, state, note)


def _send(
    crm: Crm, db: Database, run: int, seq: int, change: StageChange, now: Callable[[], datetime]
) -> CrmError | None:
    """The fault of one write, if it has one that only concerns this write."""
    try:
        crm.write(change)
    except (Rejected, UnknownOutcome) as fault:
        return fault
    except CrmError as fault:
        journal.settle(db, run, seq, State.FAILED, str(fault), now())
        raise
    return None


def _verdict(fault: CrmError | None, *, arrived: bool) -> tuple[State, str]:
    """What became of a write: what a read shows counts for more than what its answer said."""
    match fault:
        case _ if arrived:
            return State.DONE, ""
        case None:
            return State.FAILED, "the CRM accepted it, but a read shows the value from before"
        case UnknownOutcome():
            return State.UNKNOWN, str(fault)
        case _:
            return State.FAILED, str(fault)
