"""No person is ever overruled, whatever events tell and whatever they keep to themselves."""

from dataclasses import dataclass

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from connector.model import Change
from connector.reconcile.confidence.leads import LeadWrite, OpenLead
from connector.reconcile.confidence.planner import plan_leads
from connector.reconcile.confidence.wanted import Basis, by_process
from tests.reconcile.confidence.leads import (
    AIM,
    KARI,
    NUTSHELL,
    US,
    lead,
    ours,
    said,
    seen,
    wrote,
)

PULLED = 40
ACTORS = {"person": (KARI, None, "7-unheard-of"), "automation": (NUTSHELL,), "us": (US, KARI)}


@dataclass(frozen=True)
class Event:
    """What truly happened on one day: a confidence, or with None a move to the stage."""

    who: str
    value: int | None
    told: bool
    by: int


events = st.builds(
    Event,
    st.sampled_from(["person", "automation", "us", "move"]),
    st.sampled_from([10, 42, 50, 90]),
    st.booleans(),
    st.integers(0, 2),
)


@dataclass(frozen=True)
class Truth:
    """A lead as it truly came to be, and as the CRM tells of it."""

    lead: OpenLead
    writes: list[LeadWrite]
    last: Event | None
    traceable: bool
    whole: bool


def live_through(happened: list[Event]) -> Truth:
    value, told_value, told_at, entered = 42, 42, 1.0, 1.0
    changes: list[Change] = [said(42, 1)]
    writes: list[LeadWrite] = []
    last: Event | None = None
    unseen: list[Event] = []
    for day, event in enumerate(happened, 2):
        if event.who == "move":
            entered, last = float(day), None
            continue
        if event.value == value:
            continue  # nothing changes, so that nothing can tell of it
        if event.who == "us":
            writes.append(wrote(value, event.value, day))
        value, last = event.value, event
        if event.told:
            by = ACTORS[event.who]
            changes.append(said(value, day, by[event.by % len(by)]))
            told_value, told_at, unseen = value, float(day), []
        else:
            unseen.append(event)
    if value != told_value:
        changes.append(seen(value, PULLED, told_at))
    alike = {write.change.after for write in writes}
    traceable = not unseen or (value != told_value and value not in alike)
    return Truth(lead(*changes, entered=entered), writes, last, traceable, not unseen)


@settings(max_examples=600, deadline=None)
@given(st.lists(events, max_size=8))
def test_whoever_set_it_last_in_the_stage_is_never_overruled_if_a_person(happened):
    """What leaves a trace at all is respected; what is certainly no person's is planned."""
    truth = live_through(happened)
    assume(truth.traceable)
    known = ours(*truth.writes, pulled=PULLED)
    made = plan_leads([truth.lead], {"a": AIM}, known, Basis.PROCESS, by_process)
    last = truth.last
    if last is not None and last.who == "person":
        assert not made.changes
    elif truth.whole:
        assert len(made.changes) == 1
    assert len(made.changes) + len(made.left) == 1
