"""The report of what became of each change of an applied plan."""

from collections import Counter
from collections.abc import Sequence

from connector.model import Pipeline, StageChange
from connector.report.document import (
    Column,
    Count,
    Document,
    Fact,
    Note,
    Place,
    Table,
    Term,
    Tone,
    phrase,
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
}
_NEXT = "Next: connector plan shows what is left; connector plan --undo {run} would take this back."

# A change, the state it ended in (done, skipped, failed or unknown), and why where it did not do.
Ended = tuple[StageChange, str, str]


def application_document(
    account: str, run: int, live: Sequence[Pipeline], ended: Sequence[Ended]
) -> Document:
    """Every change of a run in order; `live` are the pipelines as they were before it."""
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
        ),
        blocks=(
            Table("changes", _COLUMNS, rows, empty="The plan holds no changes."),
            Note(phrase(_NEXT, run=Count(run))),
        ),
    )
