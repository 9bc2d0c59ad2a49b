"""Apply the leads of a plan: each judged as it is now, journalled before and read back after."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlite_utils import Database

from connector.errors import (
    BadAnswer,
    ConnectorError,
    CrmError,
    Interrupted,
    NotAuthorised,
    QuotaUsedUp,
    Rejected,
)
from connector.model import ConfidenceCrm, LiveDeal, SetConfidence
from connector.reconcile.confidence.verdict import Verdict, verdict
from connector.store import journal
from connector.store.journal import MAY_HAVE_ARRIVED, LeadEntry, State

# How often one lead is read and written anew, because others change it or answers are lost.
TRIES = 5
# The lead is in another state than it was read in, or is not there any more.
OVERTAKEN = (409, 404)


class Ending(StrEnum):
    """How a planned lead ended; SKIPPED was as planned already, LEFT belongs to somebody else."""

    DONE = "done"
    SKIPPED = "skipped"
    LEFT = "left"
    FAILED = "failed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class AppliedLead:
    """One lead of a plan and how it ended; `verdict` is why it was left, where it was."""

    change: SetConfidence
    ending: Ending
    note: str = ""
    verdict: Verdict | None = None


@dataclass(frozen=True, slots=True)
class AppliedLeads:
    """How the leads of a plan ended, which were not come to, and what broke it off."""

    applied: tuple[AppliedLead, ...] = ()
    unsent: tuple[SetConfidence, ...] = ()
    fault: ConnectorError | None = None


@dataclass(frozen=True, slots=True)
class Desk:
    """Where a run keeps its books: the database, its number, its plan and the CRM's clock."""

    db: Database
    account: int
    run: int
    fingerprint: str
    now: Callable[[], datetime]


def apply_leads(
    crm: ConfidenceCrm,
    desk: Desk,
    leads: Sequence[SetConfidence],
    closing: Collection[str],
    first_seq: int,
    ended: Callable[[AppliedLead], None] = lambda applied: None,
) -> AppliedLeads:
    """Send the confidences this plan has not sent yet, to leads that are as it saw them.

    `closing` are the ids of stages that are not open; `first_seq` is where the run's journal goes
    on. `ended` hears of each lead as it ends. A lead the CRM rejects does not stop the others; a
    refused key, a used-up quota, a CRM out of reach or Ctrl-C does, and is told as the `fault`.
    """
    earlier: dict[str, list[LeadEntry]] = {}
    for entry in journal.lead_entries(desk.db, desk.account, desk.fingerprint):
        if entry.state in (*MAY_HAVE_ARRIVED, State.SKIPPED):
            earlier.setdefault(entry.change.deal, []).append(entry)
    applied: list[AppliedLead] = []
    seqs = _Seqs(first_seq)
    work: _Lead | None = None
    fault: ConnectorError | None = None
    try:
        for change in leads:
            work = _Lead(crm, desk, change, closing, seqs, earlier.get(change.deal, ()))
            found = work.go()
            fault, work = work.fault, None
            if found is not None:
                applied.append(found)
                ended(found)
            if fault is not None:
                break
    except KeyboardInterrupt:
        fault = Interrupted("stopped by hand")
        if work and (found := work.broken_off("stopped by hand before it could be read back")):
            applied.append(found)
    return AppliedLeads(tuple(applied), tuple(leads[len(applied) :]), fault)


class _Seqs:
    """The numbers of a run's journal entries: each write has one of its own."""

    def __init__(self, first: int):
        self._next = first

    def take(self) -> int:
        """The next one."""
        self._next += 1
        return self._next - 1


@dataclass(frozen=True, slots=True)
class _Doubt:
    """A write of this plan to the lead that may have arrived, sent for the state `rev` marks."""

    run: int
    seq: int
    rev: str


class _Lead:
    """One lead of a plan being applied; `fault` is what concerns all that are left, too."""

    def __init__(
        self,
        crm: ConfidenceCrm,
        desk: Desk,
        change: SetConfidence,
        closing: Collection[str],
        seqs: _Seqs,
        earlier: Sequence[LeadEntry],
    ):
        self._crm, self._desk, self._change = crm, desk, change
        self._closing, self._seqs = closing, seqs
        self._written = any(entry.state is State.DONE for entry in earlier)
        self._left = any(entry.state is State.SKIPPED for entry in earlier)
        self._doubts = [
            _Doubt(entry.run, entry.seq, entry.rev)
            for entry in earlier
            if entry.state in (State.SENT, State.UNKNOWN)
        ]
        self._accepted = False
        self.fault: CrmError | None = None

    def go(self) -> AppliedLead | None:
        """How it ended; None where it was not come to, because of the fault."""
        if self._written:
            return self._ends(Ending.SKIPPED, "this plan has written it before")
        if self._left:
            # Somebody may have given it the planned value from before again; it is still theirs.
            return self._ends(Ending.LEFT, "this plan has found it changed before")
        for left in reversed(range(TRIES + 1)):
            try:
                live = self._crm.live_deal(self._change.deal)
            except (Rejected, BadAnswer) as fault:
                return self._lost(str(fault))
            except CrmError as fault:
                self.fault = fault
                return self.broken_off(f"it could not be read back: {fault}")
            found = self._judge(live)
            if found is not None or live is None or not left:
                break
            found = self._send(live.rev)
            if found is not None:
                break
        return found or self._lost("others keep changing it, or its answers are lost")

    def broken_off(self, why: str) -> AppliedLead | None:
        """A lead whose write nobody can settle now; None where this run has sent none."""
        ours = any(doubt.run == self._desk.run for doubt in self._doubts)
        return self._lost(why) if ours else None

    def _judge(self, live: LiveDeal | None) -> AppliedLead | None:
        """How it ends, by the lead as it is now; None where it is to be sent."""
        revs = {doubt.rev for doubt in self._doubts}
        found = verdict(self._change, live, self._closing, revs)
        if self._accepted:
            return self._read_back(live, found)
        match found:
            case Verdict.SEND:
                return None
            case Verdict.ARRIVED:
                return self._arrived()
            case Verdict.SO_ALREADY:
                return self._ends(Ending.SKIPPED, "it is so already")
            case Verdict.IN_DOUBT:
                return self._lost(
                    "it was sent and the lead was changed since, so that only its history tells"
                    " whether it arrived: pull, then plan again"
                )
            case _:
                return self._leave(live, found)

    def _leave(self, live: LiveDeal | None, found: Verdict) -> AppliedLead:
        """It is not as planned: somebody else's, for this plan, from now on."""
        desk, why = self._desk, _why(found, live)
        self._settle(State.UNKNOWN, why)
        rev = "" if live is None else live.rev
        journal.left_lead(desk.db, desk.run, self._seqs.take(), self._change, rev, why, desk.now())
        return AppliedLead(self._change, Ending.LEFT, why, found)

    def _send(self, rev: str) -> AppliedLead | None:
        """Send it once for this state of the lead; None where a read is to tell what came of it."""
        desk, seq = self._desk, self._seqs.take()
        doubt = _Doubt(desk.run, seq, rev)
        journal.sent_lead(desk.db, desk.run, seq, self._change, rev, desk.now())
        self._doubts.append(doubt)
        try:
            self._crm.set_confidence(self._change.deal, rev, self._change.after)
        except (Rejected, NotAuthorised, QuotaUsedUp) as fault:
            self._doubts.remove(doubt)
            journal.settle(desk.db, desk.run, seq, State.FAILED, str(fault), desk.now())
            if isinstance(fault, Rejected) and fault.status in OVERTAKEN:
                return None
            self.fault = None if isinstance(fault, Rejected) else fault
            return self._lost(str(fault))
        except CrmError:
            return None
        self._accepted = True
        return None

    def _read_back(self, live: LiveDeal | None, found: Verdict) -> AppliedLead:
        """How a write ends that the CRM accepted; the lead's rev has moved if it took effect."""
        if found is Verdict.SEND:
            return self._lost("the CRM accepted it, but a read shows the value from before")
        if live is not None and live.confidence == self._change.after:
            return self._arrived()
        return self._arrived("and it was changed again right after")

    def _arrived(self, note: str = "") -> AppliedLead:
        """The newest write in doubt is the one; a CRM takes only one for a rev."""
        *others, last = self._doubts
        now = self._desk.now()
        for doubt in others:
            why = "it was sent again for the same state of the lead"
            journal.settle(self._desk.db, doubt.run, doubt.seq, State.FAILED, why, now)
        journal.settle(self._desk.db, last.run, last.seq, State.DONE, note, now)
        return self._ends(Ending.DONE, note)

    def _lost(self, note: str) -> AppliedLead:
        """It has failed, or nobody knows, where a write of it may have arrived."""
        self._settle(State.UNKNOWN, note)
        return self._ends(Ending.UNKNOWN if self._doubts else Ending.FAILED, note)

    def _settle(self, state: State, note: str) -> None:
        for doubt in self._doubts:
            journal.settle(self._desk.db, doubt.run, doubt.seq, state, note, self._desk.now())

    def _ends(self, ending: Ending, note: str) -> AppliedLead:
        return AppliedLead(self._change, ending, note)


def _why(found: Verdict, live: LiveDeal | None) -> str:
    match found:
        case Verdict.GONE:
            return "the CRM has no such lead any more"
        case Verdict.CLOSED:
            return "it was closed since"
        case Verdict.MOVED:
            return "it was moved to another stage since"
        case _:
            present = "none" if live is None or live.confidence is None else live.confidence
            return f"its confidence was changed since and is {present}"
