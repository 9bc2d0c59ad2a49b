"""The report of what became of each change of an applied plan."""

from collections import Counter
from collections.abc import Iterator, Sequence

from connector.model import Pipeline, StageChange
from connector.reconcile.confidence.aftermath import Aftermath
from connector.report.document import (
    Column,
    Count,
    CrmText,
    Document,
    Fact,
    Items,
    Note,
    Phrase,
    Place,
    Table,
    Term,
    Tone,
    phrase,
)
from connector.report.lead_application import (
    EndedLead,
    aftermath_notes,
    ended_lead_blocks,
    lead_facts,
)
from connector.report.names import names_in
from connector.report.plan_rows import VALUE_COLUMNS, live_slots, slots_along, value_rows

_COLUMNS = (
    Column("step", "Step"),
    *VALUE_COLUMNS,
    Column("state", "Ended"),
    Column("note", "Because", Place.UNDER),
)
_STATES = {
    "done": Term("done", "done", Tone.GOOD),
    "skipped": Term("skipped", "already so"),
    "failed": Term("failed", "failed", Tone.BAD),
    "unknown": Term("unknown", "not known", Tone.CAUTION),
    "unsent": Term("unsent", "not sent", Tone.CAUTION),
}
_NEXT = "Next: connector plan shows what is left."
_UNDO = "connector plan --undo {run} would take this back."
_GO_ON = "The same command goes on where it stopped."
_TEMPORARY = "A temporary label still stands: {labels}. The same command, or a new plan, ends that."

# A change, the state it ended in (a key of `_STATES`), and why where it did not do.
Ended = tuple[StageChange, str, str]


def application_document(
    account: str,
    run: int,
    live: Sequence[Pipeline],
    ended: Sequence[Ended],
    temporary: Sequence[str] = (),
    leads: Sequence[EndedLead] = (),
    aftermath: Aftermath | None = None,
) -> Document:
    """Every change of a run in order; `live` are the pipelines as they were before it.

    `temporary` are labels that stand in the CRM and are not meant to stay; `aftermath` is what
    became of what earlier runs wrote to leads.
    """
    found = Counter(state for _, state, _ in ended)
    names, along = names_in(live), slots_along((each[0] for each in ended), live_slots(live))
    rows = tuple(
        (Count(step), *row, _STATES[state], note or None)
        for step, ((change, state, note), slots) in enumerate(zip(ended, along, strict=True), 1)
        for row in value_rows(change, names, slots)
    )
    return Document(
        name="apply",
        version=1,
        title=f"Applied to {account}",
        facts=(
            Fact("account", "Account", account),
            Fact("run", "Run", Count(run)),
            *(Fact(state, str(_STATES[state].words), Count(found[state])) for state in _STATES),
            *lead_facts(leads),
        ),
        blocks=(
            Table("changes", _COLUMNS, rows, empty="" if leads else "The plan holds no changes."),
            *ended_lead_blocks(leads, names),
            *aftermath_notes(aftermath),
            *_notes(run, found + Counter(state for _, state, _ in leads), temporary),
        ),
    )


def _notes(run: int, found: Counter[str], temporary: Sequence[str]) -> Iterator[Note]:
    if temporary:
        labels = Items(tuple(map(CrmText, temporary)))
        yield Note(phrase(_TEMPORARY, labels=labels), Tone.CAUTION)
    if found["unsent"]:
        yield Note(_GO_ON, Tone.CAUTION)
    undo = phrase(f" {_UNDO}", run=Count(run)) if found["done"] or found["unknown"] else ""
    yield Note(Phrase((_NEXT, undo)))
