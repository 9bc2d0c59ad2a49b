"""Taking back what was sent to leads, and what became of it."""

import pytest

from connector.model import SetConfidence
from connector.reconcile.confidence.aftermath import Aftermath, aftermath
from connector.reconcile.confidence.leads import LeftBecause
from connector.reconcile.confidence.undoing import undo_leads
from tests.reconcile.confidence.leads import KARI, NUTSHELL, US, lead, ours, said, wrote

WRITE = wrote(42, 50, 10)
TOLD = (said(42, 1), said(50, 10, US))


def undone(of, *writes, sent=None, pulled=20):
    known = () if of is None else (of,)
    made = undo_leads(
        [write.change for write in sent or writes], known, ours(*writes, pulled=pulled)
    )
    left = [each.because for each in made.left]
    return [(each.before, each.after) for each in made.changes], left


@pytest.mark.parametrize(
    ("changes", "back", "left"),
    [
        (TOLD, [(50, 42)], []),
        ((*TOLD, said(30, 12, KARI)), [], [LeftBecause.CHANGED_SINCE]),
        ((*TOLD, said(30, 12, NUTSHELL)), [], [LeftBecause.CHANGED_SINCE]),
        # Somebody set our value anew: it is theirs by now.
        ((*TOLD, said(30, 12, KARI), said(50, 13, KARI)), [], [LeftBecause.CHANGED_SINCE]),
        # As it was before: nothing is left to do.
        ((*TOLD, said(42, 12, KARI)), [], []),
    ],
)
def test_only_what_is_still_ours_goes_back(changes, back, left):
    """Whoever changed it since keeps it."""
    assert undone(lead(*changes), WRITE) == (back, left)


def test_a_lead_that_moved_on_with_our_value_gets_its_own_back_where_it_stands_now():
    """The value is ours either way."""
    moved = lead(*TOLD, stage="b", entered=15)
    made = undo_leads([WRITE.change], [moved], ours(WRITE))
    assert made.changes == (SetConfidence("1003-leads", "sales", "b", 50, 42),)


def test_a_lead_that_is_not_open_any_more_stays():
    """Closed or gone: connector writes open leads only."""
    assert undone(None, WRITE) == ([], [LeftBecause.CLOSED_SINCE])


def test_a_lead_that_had_none_keeps_what_it_has():
    """No CRM takes a confidence away."""
    write = wrote(None, 50, 10)
    assert undone(lead(said(50, 10, US)), write) == ([], [LeftBecause.NOTHING_BEFORE])


def test_before_a_pull_our_own_word_is_taken():
    """Also where the outcome is not known: applying the undoing finds out."""
    assert undone(lead(said(42, 1)), wrote(42, 50, 21)) == ([(50, 42)], [])
    assert undone(lead(said(42, 1)), wrote(42, 50, 21, certain=False)) == ([(50, 42)], [])


def test_a_later_run_of_ours_is_not_taken_back_with_an_earlier_one():
    """What another plan wrote since is a change since, as for stages."""
    later = wrote(50, 60, 15)
    known = lead(*TOLD, said(60, 15, US))
    assert undone(known, WRITE, later, sent=[WRITE]) == ([], [LeftBecause.CHANGED_SINCE])
    assert undone(known, WRITE, later) == ([(60, 42)], [])


@pytest.mark.parametrize(
    ("after", "entered", "expected"),
    [
        ((), 5, Aftermath(1)),
        ((said(70, 12, NUTSHELL),), 5, Aftermath(1, automation=1)),
        ((said(42, 12, NUTSHELL),), 5, Aftermath(1, automation=1, back=1)),
        ((said(70, 12, NUTSHELL),), 12, Aftermath(1, stage=1)),
        ((said(70, 12, KARI),), 5, Aftermath(1, people=1)),
        ((said(70, 12, None),), 5, Aftermath(1, people=1)),
        ((), 12, Aftermath(1)),
    ],
)
def test_what_became_of_what_we_wrote(after, entered, expected):
    """By automation, by people, or by moving to another stage."""
    assert aftermath([lead(*TOLD, *after, entered=entered)], ours(WRITE)) == expected


def test_nothing_is_told_of_what_no_pull_has_seen():
    """A write of after the last pull, and one that may never have arrived."""
    assert aftermath([lead(said(42, 1))], ours(wrote(42, 50, 21))) == Aftermath()
    doubtful = wrote(42, 50, 10, certain=False)
    assert aftermath([lead(*TOLD)], ours(doubtful)) == Aftermath()
