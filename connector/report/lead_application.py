"""The part of a run's report that is about leads."""

from collections import Counter
from collections.abc import Iterator, Sequence

from connector.model import SetConfidence
from connector.reconcile.confidence.aftermath import Aftermath
from connector.report.document import (
    Block,
    Column,
    Count,
    Fact,
    Note,
    Place,
    Table,
    Term,
    Tone,
    phrase,
)
from connector.report.lead_plan import LEAD_COLUMNS, lead_cells
from connector.report.names import Names

_STATES = {
    "done": Term("done", "done", Tone.GOOD),
    "skipped": Term("skipped", "already so"),
    "left": Term("left", "left to others"),
    "failed": Term("failed", "failed", Tone.BAD),
    "unknown": Term("unknown", "not known", Tone.CAUTION),
    "unsent": Term("unsent", "not sent", Tone.CAUTION),
}
_COLUMNS = (
    *LEAD_COLUMNS,
    Column("state", "Ended"),
    Column("note", "Because", Place.UNDER),
)
_LEFT = (
    "Left as they are, because somebody has changed them since they were planned: {left}."
    " The next plan judges them anew."
)
_AFTERMATH = (
    "Open leads that connector gave a confidence before: {leads}. With another one now: {changed}"
    " ({automation} by the CRM's automation, {people} by people, {stage} by automation on a move to"
    " another stage). With the one from before again: {back}."
)

# A lead, the state it ended in (a key of `_STATES`), and why where it was not written.
EndedLead = tuple[SetConfidence, str, str]


def lead_facts(ended: Sequence[EndedLead]) -> Iterator[Fact]:
    """How many leads ended in which way; nothing where the plan was about none."""
    found = Counter(state for _, state, _ in ended)
    if ended:
        for state, term in _STATES.items():
            yield Fact(f"leads_{state}", f"Leads {term.words}", Count(found[state]))


def ended_lead_blocks(ended: Sequence[EndedLead], names: Names) -> Iterator[Block]:
    """The leads that were not simply written; those that were are only counted."""
    if not ended:
        return
    rows = tuple(
        (*lead_cells(change, names), _STATES[state], note or None)
        for change, state, note in ended
        if state != "done"
    )
    yield Table("leads", _COLUMNS, rows, "Leads that were not written")
    left = sum(state == "left" for _, state, _ in ended)
    if left:
        yield Note(phrase(_LEFT, left=Count(left)))


def aftermath_notes(aftermath: Aftermath | None) -> Iterator[Note]:
    """What became of the confidences that earlier runs wrote."""
    if aftermath is not None and aftermath.leads:
        yield Note(
            phrase(
                _AFTERMATH,
                leads=Count(aftermath.leads),
                changed=Count(aftermath.changed),
                automation=Count(aftermath.automation),
                people=Count(aftermath.people),
                stage=Count(aftermath.stage),
                back=Count(aftermath.back),
            )
        )
