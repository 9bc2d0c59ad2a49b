import sqlite3
from contextlib import closing

import pytest

from connector.errors import StoreError
from connector.model import CreateStage, EditStage, SetConfidence, StageValues
from connector.store import journal
from connector.store.journal import Entry, LeadEntry, Run, State

RENAME = EditStage(
    "sales", "met", StageValues(label="Met", probability=0.2), StageValues("Møte avtalt", 0.25)
)
CREATE = CreateStage("sales", "terms", StageValues("Terms approved", 0.7, slot=4))
LEAD = SetConfidence("1003-leads", "sales", "met", 42, 20)


@pytest.fixture
def run(norge, day) -> int:
    return journal.begin_apply(norge.db, norge.id, "f1", "{}", day(1))


def test_an_entry_is_on_the_disk_before_the_request_leaves(norge, run, path, day):
    """What was sent can be read by others at once, as sent and not yet settled."""
    journal.sent(norge.db, run, 0, RENAME, day(1))
    with closing(sqlite3.connect(path)) as other:
        assert other.execute("SELECT state FROM journal").fetchall() == [("sent",)]


def test_entries_come_back_as_the_changes_they_were(norge, run, day):
    """An edit keeps both sides, a creation its values, each with what became of it."""
    journal.sent(norge.db, run, 0, RENAME, day(1))
    journal.sent(norge.db, run, 1, CREATE, day(2))
    journal.settle(norge.db, run, 0, State.UNKNOWN, "no answer", day(3))
    assert journal.entries(norge.db, run) == (
        Entry(0, RENAME, State.UNKNOWN, "no answer", day(1), day(3)),
        Entry(1, CREATE, State.SENT, "", day(2), None),
    )


def test_the_entries_of_all_runs_come_with_their_run(norge, run, day):
    """Runs follow one another, the changes of each in order; other accounts have none of them."""
    again = journal.begin_apply(norge.db, norge.id, "f2", "{}", day(2))
    journal.sent(norge.db, again, 0, RENAME, day(2))
    journal.sent(norge.db, run, 0, RENAME, day(1))
    journal.sent(norge.db, run, 1, CREATE, day(1))
    entries = journal.entries_by_run(norge.db, norge.id)
    assert [(key, entry.seq) for key, entry in entries] == [(run, 0), (run, 1), (again, 0)]
    assert tuple(entry for key, entry in entries if key == run) == journal.entries(norge.db, run)
    assert journal.entries_by_run(norge.db, norge.id + 1) == ()


def test_a_later_answer_overrides_an_earlier_one(norge, run, day):
    """An unknown outcome can be settled by a read."""
    journal.sent(norge.db, run, 0, RENAME, day(1))
    journal.settle(norge.db, run, 0, State.UNKNOWN, "no answer", day(2))
    journal.settle(norge.db, run, 0, State.DONE, "", day(3))
    assert [entry.state for entry in journal.entries(norge.db, run)] == [State.DONE]


def test_what_was_never_sent_cannot_be_settled(norge, run, day):
    """Settling needs an entry, and an entry is written once."""
    with pytest.raises(StoreError, match="never sent"):
        journal.settle(norge.db, run, 0, State.DONE, "", day(1))
    journal.sent(norge.db, run, 0, RENAME, day(1))
    with pytest.raises(StoreError, match="nothing was written"):
        journal.sent(norge.db, run, 0, CREATE, day(1))


@pytest.mark.parametrize(
    ("state", "counts"),
    [
        (State.SENT, True),
        (State.DONE, True),
        (State.UNKNOWN, True),
        (State.FAILED, False),
        (State.SKIPPED, False),
    ],
)
def test_written_values_are_those_that_may_have_arrived(norge, run, day, state, counts):
    """A write refused or skipped left nothing at the CRM; any other one may have."""
    journal.sent(norge.db, run, 0, RENAME, day(1))
    if state is not State.SENT:
        journal.settle(norge.db, run, 0, state, "", day(2))
    assert journal.written(norge.db, norge.id) == (
        {
            ("sales", "met", "label"): frozenset({"Møte avtalt"}),
            ("sales", "met", "probability"): frozenset({0.25}),
        }
        if counts
        else {}
    )


def test_written_values_of_many_runs_add_up(norge, run, day):
    """Every value our journal ever wrote to a place is known, slots too."""
    again = journal.begin_apply(norge.db, norge.id, "f2", "{}", day(2))
    journal.sent(norge.db, run, 0, RENAME, day(1))
    journal.sent(norge.db, again, 0, CREATE, day(2))
    back = EditStage("sales", "met", StageValues("Møte avtalt"), StageValues("Met"))
    journal.sent(norge.db, again, 1, back, day(2))
    written = journal.written(norge.db, norge.id)
    assert written["sales", "met", "label"] == {"Møte avtalt", "Met"}
    assert written["sales", "terms", "slot"] == {4}
    assert journal.written(norge.db, norge.id + 1) == {}


def test_runs_are_listed_oldest_first(norge, run, day):
    """A run that was cut off has no end; the same plan may run twice."""
    again = journal.begin_apply(norge.db, norge.id, "f1", "{}", day(2))
    journal.finish_apply(norge.db, again, day(3))
    assert journal.runs(norge.db, norge.id) == (
        Run(run, "f1", day(1), None),
        Run(again, "f1", day(2), day(3)),
    )


def test_a_plan_is_kept_once(norge, day):
    """Saving a plan again, or applying it, keeps the text it was first saved with."""
    journal.save_plan(norge.db, norge.id, "f1", "as reviewed")
    journal.save_plan(norge.db, norge.id, "f1", "as reviewed")
    journal.begin_apply(norge.db, norge.id, "f1", "as reviewed", day(1))
    assert norge.rows("SELECT fingerprint, text FROM plans") == [("f1", "as reviewed")]


def test_leads_and_stages_stand_side_by_side_and_are_asked_for_apart(norge, run, day):
    """Nobody who asks for changes of stages is told of leads, nor the other way round."""
    journal.sent(norge.db, run, 0, RENAME, day(1))
    journal.sent_lead(norge.db, run, 1, LEAD, "85", day(2))
    journal.settle(norge.db, run, 1, State.DONE, "", day(3))
    assert [entry.change for entry in journal.entries(norge.db, run)] == [RENAME]
    assert [entry.change for _, entry in journal.entries_by_run(norge.db, norge.id)] == [RENAME]
    assert [write.change for write in journal.writes(norge.db, norge.id)] == [RENAME]
    assert {stage for _, stage, _ in journal.written(norge.db, norge.id)} == {RENAME.stage}
    assert journal.lead_entries(norge.db, norge.id) == (
        LeadEntry(run, 1, LEAD, "85", State.DONE, day(2), day(3)),
    )
    assert journal.last_run(norge.db, norge.id) == run


def test_writes_to_leads_are_those_that_may_have_arrived(norge, run, day):
    """One that was refused never was; of one whose answer was lost nobody is certain."""
    for seq, state in enumerate((State.DONE, State.UNKNOWN, State.FAILED)):
        journal.sent_lead(norge.db, run, seq, LEAD, "85", day(2))
        journal.settle(norge.db, run, seq, state, "", day(3))
    journal.sent_lead(norge.db, run, 3, LEAD, "86", day(4))
    assert [write.certain for write in journal.lead_writes(norge.db, norge.id)] == [
        True,
        False,
        False,
    ]


def test_a_lead_that_was_left_is_on_record_and_no_write(norge, run, day):
    """When it was last found changed is known; nothing was sent."""
    journal.left_lead(norge.db, run, 0, LEAD, "85", "it was closed since", day(2))
    assert journal.found_changed(norge.db, norge.id) == {LEAD.deal: day(2)}
    assert journal.lead_writes(norge.db, norge.id) == ()


def test_the_leads_of_one_plan_are_told_from_those_of_another(norge, run, day):
    """A plan asks for what it has sent itself."""
    again = journal.begin_apply(norge.db, norge.id, "f2", "{}", day(2))
    journal.sent_lead(norge.db, run, 0, LEAD, "85", day(1))
    journal.sent_lead(norge.db, again, 0, LEAD, "86", day(2))
    assert [entry.rev for entry in journal.lead_entries(norge.db, norge.id, "f2")] == ["86"]
    assert len(journal.lead_entries(norge.db, norge.id)) == 2
