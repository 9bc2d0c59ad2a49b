"""Who set the confidence of a lead, and whether connector may set it again."""

from dataclasses import replace
from datetime import timedelta

import pytest

from connector.model import Change
from connector.reconcile.confidence.leads import LeadWrite, LeftBecause, OpenLead
from connector.reconcile.confidence.planner import plan_leads
from connector.reconcile.confidence.wanted import Basis, by_process
from tests.reconcile.confidence.leads import (
    AIM,
    KARI,
    NUTSHELL,
    US,
    day,
    lead,
    ours,
    said,
    seen,
    wrote,
)

PERSON, UNKNOWN = LeftBecause.PERSON, LeftBecause.UNKNOWN


def judged(of: OpenLead, *writes: LeadWrite, **found: float) -> tuple[int, list[str], int]:
    """How many changes are planned, why leads are left, and how many judgements are outdated."""
    known = ours(*writes, **{f"{of.id.replace('-', '_')}": at for at in found.values()})
    made = plan_leads([of], {"a": AIM}, known, Basis.PROCESS, by_process)
    return len(made.changes), [left.because for left in made.left], made.outdated


@pytest.mark.parametrize(
    ("changes", "because"),
    [
        # Nobody has set it: the value it was made with, told by an event or only seen.
        ([said(42, 1, KARI)], None),
        ([seen(42, 20, after=1)], None),
        ([], None),
        # A person, in this stage or at the very instant of entering it; an earlier stage is past.
        ([said(42, 1), said(30, 6, KARI)], PERSON),
        ([said(42, 1), said(30, 5, KARI)], PERSON),
        ([said(42, 1), said(30, 4.99, KARI)], None),
        # Who came last counts.
        ([said(30, 6, KARI), said(31, 7, NUTSHELL)], None),
        ([said(30, 6, NUTSHELL), said(31, 7, KARI)], PERSON),
        ([said(30, 6, NUTSHELL)], None),
        # Whoever nobody knows counts as a person.
        ([said(42, 1), said(30, 6, None)], UNKNOWN),
        ([said(42, 1), said(30, 6, "7-unheard-of")], UNKNOWN),
        ([said(42, 1), said(30, 6, "")], UNKNOWN),
        # Only an interval is known: it may have been since, and by anybody.
        ([said(42, 1), seen(30, 20, after=1)], UNKNOWN),
        ([said(42, 1), seen(30, 20, after=6)], UNKNOWN),
        ([said(42, 1), seen(30, 4, after=1)], None),
        # A second value seen since the creation is not the one it was made with.
        ([seen(42, 10, after=1), seen(30, 20, after=1)], UNKNOWN),
    ],
)
def test_only_what_no_person_set_in_this_stage_is_planned(changes, because):
    """A lead that should have 60 % and was made on day 1, in its stage since day 5."""
    planned, left, _ = judged(lead(*changes))
    assert (planned, left) == ((1, []) if because is None else (0, [because]))


def test_a_log_that_never_told_of_a_confidence_is_said_to_be_silent():
    """Going by events nobody set it, so it is planned; whether events would tell, nobody knows."""
    quiet = lead(seen(42, 20, after=1))
    for told in (True, False):
        made = plan_leads(
            [replace(quiet, told=told)], {"a": AIM}, ours(), Basis.PROCESS, by_process
        )
        assert (len(made.changes), made.silent) == (1, not told)


@pytest.mark.parametrize(
    ("change", "is_ours"),
    [
        (said(50, 10, US), True),
        (said(50, 10, KARI), True),  # an impersonating key writes in the user's name
        (said(50, 10, None), True),
        (said(51, 10, US), False),
        (Change("confidence", "0.5", day(10) + timedelta(seconds=5), by=KARI), True),
        (Change("confidence", "0.5", day(10) + timedelta(seconds=30), by=KARI), False),
        (seen(50, 20, after=1), True),
        (seen(50, 20, after=11), False),
        (seen(51, 20, after=1), False),
    ],
)
def test_our_own_writes_are_no_persons(change, is_ours):
    """What came to our value as we wrote it is ours, in whoever's name."""
    planned, _, _ = judged(lead(said(42, 1), change), wrote(42, 50, 10))
    assert planned == is_ours


def test_a_write_whose_answer_was_lost_is_ours_where_history_tells_of_it():
    """Possibly arrived is enough, once a change of the same value and moment is known."""
    doubtful = wrote(42, 50, 10, certain=False)
    assert judged(lead(said(42, 1), said(50, 10, KARI)), doubtful)[0] == 1


def test_a_person_after_us_is_a_person():
    """Our write protects nothing that somebody set later."""
    changes = said(42, 1), said(50, 10, US), said(30, 12, KARI)
    assert judged(lead(*changes), wrote(42, 50, 10)) == (0, [PERSON], 0)


def test_an_entry_of_which_only_an_interval_is_known_counts_from_its_beginning():
    """What a person set within it may have been in this stage."""
    assert judged(lead(said(42, 1), said(30, 4, KARI), entered=5, after=3)) == (0, [PERSON], 0)
    assert judged(lead(said(42, 1), said(30, 2, KARI), entered=5, after=3)) == (1, [], 1)


@pytest.mark.parametrize(
    ("changes", "outdated"),
    [
        ([said(42, 1), said(30, 3, KARI)], 1),
        ([said(42, 1), said(30, 3, None)], 1),
        ([said(42, 1), said(30, 3, KARI), said(31, 6, NUTSHELL)], 0),
        ([said(42, 1, KARI)], 0),
        ([said(42, 1), said(30, 3, NUTSHELL)], 0),
    ],
)
def test_a_judgement_of_an_earlier_stage_that_is_overruled_is_counted(changes, outdated):
    """A move makes it out of date; the plan says of how many."""
    assert judged(lead(*changes)) == (1, [], outdated)


def test_right_after_an_apply_a_plan_holds_nothing():
    """What was written after the last pull began is what the lead has."""
    assert judged(lead(said(42, 1)), wrote(42, 60, 21)) == (0, [], 0)


def test_a_write_before_the_last_pull_counts_as_far_as_the_pull_tells():
    """What a later pull saw goes before what we once wrote."""
    assert judged(lead(said(42, 1), said(30, 12, NUTSHELL)), wrote(42, 60, 11))[0] == 1


def test_a_write_in_doubt_keeps_a_lead_out_until_a_pull_tells():
    """Nobody knows what the lead has now."""
    doubtful = wrote(42, 50, 21, certain=False)
    assert judged(lead(said(42, 1)), doubtful) == (0, [LeftBecause.IN_DOUBT], 0)


def test_what_an_apply_found_changed_stays_out_until_a_pull_tells():
    """Somebody changed it since the last pull; who, only the next one says."""
    assert judged(lead(said(42, 1)), changed=21) == (0, [LeftBecause.FOUND_CHANGED], 0)
    assert judged(lead(said(42, 1)), changed=19)[0] == 1
