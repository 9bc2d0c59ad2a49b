"""The journal: what was planned, every write before it was sent, and what became of it.

Changes of stages and confidences of leads stand in it side by side, and are asked for apart.
"""

from dataclasses import dataclass, fields
from datetime import datetime
from enum import StrEnum

import msgspec
from sqlite_utils import Database

from connector.errors import StoreError
from connector.model import CreateStage, EditStage, SetConfidence, StageChange, StageValues
from connector.reconcile.confidence.leads import LeadWrite
from connector.reconcile.revisions import Write
from connector.store.database import writing
from connector.store.encoding import decode, encode, storable
from connector.store.instants import from_ms, optional_instant, to_ms


class State(StrEnum):
    """What became of a change: sent and nothing heard yet, or settled one way or the other."""

    SENT = "sent"
    DONE = "done"
    FAILED = "failed"
    UNKNOWN = "unknown"
    SKIPPED = "skipped"


# A change whose answer was lost, or never came, may have reached the CRM all the same.
MAY_HAVE_ARRIVED = (State.SENT, State.DONE, State.UNKNOWN)
_ARRIVED = ", ".join(f"'{state}'" for state in MAY_HAVE_ARRIVED)


@dataclass(frozen=True, slots=True)
class Entry:
    """One change of a stage in a run, in the order it was sent."""

    seq: int
    change: StageChange
    state: State
    note: str
    sent_at: datetime
    settled_at: datetime | None


@dataclass(frozen=True, slots=True)
class LeadEntry:
    """One confidence a run sent for the state of a lead that `rev` marks, or left unsent."""

    run: int
    seq: int
    change: SetConfidence
    rev: str
    state: State
    sent_at: datetime
    settled_at: datetime | None


@dataclass(frozen=True, slots=True)
class Run:
    """One apply of a plan; `finished` None was cut off or is still at it."""

    id: int
    fingerprint: str
    begun: datetime
    finished: datetime | None


def save_plan(db: Database, account: int, fingerprint: str, text: str) -> None:
    """Keep a plan; the same fingerprint is kept once."""
    with writing(db):
        _save(db, account, fingerprint, text)


def begin_apply(db: Database, account: int, fingerprint: str, text: str, at: datetime) -> int:
    """The key of a new run of a plan."""
    with writing(db):
        _save(db, account, fingerprint, text)
        row = db.execute(
            "INSERT INTO applies (account, fingerprint, begun) VALUES (?, ?, ?) RETURNING id",
            (account, fingerprint, to_ms(at)),
        ).fetchone()
    return int(row[0])


def sent(db: Database, run: int, seq: int, change: StageChange, at: datetime) -> None:
    """Note a change that is about to be sent; on return it is on the disk."""
    with writing(db):
        db.execute(
            "INSERT INTO journal (run, seq, change, state, sent_at) VALUES (?, ?, ?, ?, ?)",
            (run, seq, encode(change).decode(), State.SENT, to_ms(at)),
        )


def sent_lead(
    db: Database, run: int, seq: int, change: SetConfidence, rev: str, at: datetime
) -> None:
    """Note a confidence that is about to be sent for a rev; on return it is on the disk."""
    with writing(db):
        db.execute(
            "INSERT INTO journal (run, seq, change, state, sent_at, lead, rev)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (run, seq, encode(change).decode(), State.SENT, to_ms(at), change.deal, rev),
        )


def left_lead(
    db: Database, run: int, seq: int, change: SetConfidence, rev: str, note: str, at: datetime
) -> None:
    """Note a confidence that is not sent, because the lead is not as it was planned for."""
    with writing(db):
        db.execute(
            "INSERT INTO journal VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *(run, seq, encode(change).decode(), State.SKIPPED, storable(note)),
                *(to_ms(at), to_ms(at), change.deal, rev),
            ),
        )


def settle(db: Database, run: int, seq: int, state: State, note: str, at: datetime) -> None:
    """Note what became of a change; a later answer overrides an earlier one."""
    with writing(db):
        settled = db.execute(
            "UPDATE journal SET state = ?, note = ?, settled_at = ? WHERE run = ? AND seq = ?",
            (state, storable(note), to_ms(at), run, seq),
        ).rowcount
        if not settled:
            raise StoreError(f"run {run}: change {seq} was never sent, so it cannot be settled")


def finish_apply(db: Database, run: int, at: datetime) -> None:
    """Close a run."""
    with writing(db):
        db.execute("UPDATE applies SET finished = ? WHERE id = ?", (to_ms(at), run))


def entries(db: Database, run: int) -> tuple[Entry, ...]:
    """The changes of stages of a run, in order."""
    rows = db.execute(
        "SELECT seq, change, state, note, sent_at, settled_at FROM journal"
        " WHERE run = ? AND lead IS NULL ORDER BY seq",
        (run,),
    )
    return tuple(_entry(*row) for row in rows)


def entries_by_run(db: Database, account: int) -> tuple[tuple[int, Entry], ...]:
    """Every change of an account's stages with the run that sent it, oldest first."""
    rows = db.execute(
        "SELECT run, seq, change, state, note, sent_at, settled_at FROM journal"
        " JOIN applies ON applies.id = run WHERE account = ? AND lead IS NULL ORDER BY run, seq",
        (account,),
    )
    return tuple((run, _entry(*row)) for run, *row in rows)


def lead_entries(
    db: Database, account: int, fingerprint: str | None = None
) -> tuple[LeadEntry, ...]:
    """Every confidence sent to an account's leads, or by one plan of it, oldest first."""
    rows = db.execute(
        "SELECT run, seq, change, rev, state, sent_at, settled_at FROM journal"
        " JOIN applies ON applies.id = run WHERE account = ? AND lead IS NOT NULL"
        " AND (? IS NULL OR fingerprint = ?) ORDER BY run, seq",
        (account, fingerprint, fingerprint),
    )
    return tuple(
        LeadEntry(
            run,
            seq,
            decode(change, SetConfidence),
            rev,
            State(state),
            from_ms(sent_at),
            optional_instant(settled_at),
        )
        for run, seq, change, rev, state, sent_at, settled_at in rows
    )


def lead_writes(db: Database, account: int) -> tuple[LeadWrite, ...]:
    """Every confidence that may have reached the CRM by our hand, in the order they were sent."""
    return tuple(
        LeadWrite(each.run, each.change, each.sent_at, each.settled_at, each.state is State.DONE)
        for each in lead_entries(db, account)
        if each.state in MAY_HAVE_ARRIVED
    )


def found_changed(db: Database, account: int) -> dict[str, datetime]:
    """The leads an apply left alone, because they were not as planned, with when one last did."""
    rows = db.execute(
        "SELECT lead, MAX(settled_at) FROM journal JOIN applies ON applies.id = run"
        f" WHERE account = ? AND lead IS NOT NULL AND state = '{State.SKIPPED}' GROUP BY lead",
        (account,),
    )
    return {lead: from_ms(at) for lead, at in rows}


def runs(db: Database, account: int) -> tuple[Run, ...]:
    """Every run of an account, oldest first."""
    rows = db.execute(
        "SELECT id, fingerprint, begun, finished FROM applies WHERE account = ? ORDER BY id",
        (account,),
    )
    return tuple(
        Run(key, fingerprint, from_ms(begun), optional_instant(finished))
        for key, fingerprint, begun, finished in rows
    )


def last_run(db: Database, account: int) -> int:
    """The number of an account's newest run; 0 where it has none."""
    row = db.execute("SELECT MAX(id) FROM applies WHERE account = ?", (account,)).fetchone()
    return int(row[0] or 0)


def written(db: Database, account: int) -> dict[tuple[str, str, str], frozenset[str | float | int]]:
    """Every value of a stage that may have reached the CRM by our hand, by its place.

    A place is a pipeline, a stage and a field of `StageValues`. A change whose answer was lost
    counts; one that was refused or skipped does not.
    """
    rows = db.execute(
        "SELECT change FROM journal JOIN applies ON applies.id = journal.run"
        f" WHERE account = ? AND lead IS NULL AND state IN ({_ARRIVED})",
        (account,),
    )
    values: dict[tuple[str, str, str], set[str | float | int]] = {}
    for (text,) in rows:
        change = _change(text)
        for name in (field.name for field in fields(StageValues)):
            if (value := getattr(change.after, name)) is not None:
                values.setdefault((change.pipeline, change.stage, name), set()).add(value)
    return {place: frozenset(known) for place, known in values.items()}


def writes(db: Database, account: int) -> tuple[Write, ...]:
    """Every change of a stage that may have reached the CRM by our hand, oldest first."""
    rows = db.execute(
        "SELECT run, change, sent_at, settled_at FROM journal JOIN applies ON applies.id = run"
        f" WHERE account = ? AND lead IS NULL AND state IN ({_ARRIVED}) ORDER BY run, seq",
        (account,),
    )
    return tuple(
        Write(run, _change(change), from_ms(sent_at), optional_instant(settled_at))
        for run, change, sent_at, settled_at in rows
    )


def _save(db: Database, account: int, fingerprint: str, text: str) -> None:
    db.execute(
        "INSERT INTO plans VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
        (account, fingerprint, storable(text)),
    )


def _entry(
    seq: int, change: str, state: str, note: str, sent_at: int, settled_at: int | None
) -> Entry:
    return Entry(
        seq, _change(change), State(state), note, from_ms(sent_at), optional_instant(settled_at)
    )


def _change(text: str) -> StageChange:
    """The change of a journal entry; one without values before it created the stage."""
    change = msgspec.json.decode(text)
    kind: type[StageChange] = EditStage if "before" in change else CreateStage
    return msgspec.convert(change, kind)
