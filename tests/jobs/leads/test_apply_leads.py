"""What applying the leads of a plan promises, whatever others do and wherever it is broken off."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlite_utils import Database

from connector.errors import Interrupted, Unreachable
from connector.jobs.apply_leads import AppliedLeads, Desk, Ending, apply_leads
from connector.model import Change, LiveDeal, Remote, SetConfidence
from connector.reconcile.confidence.leads import LeadWrite, OpenLead, Ours
from connector.reconcile.confidence.undoing import undo_leads
from connector.store import accounts, close, journal, open_database
from connector.store.journal import MAY_HAVE_ARRIVED, State
from tests.jobs.leads.lead_crm import DAWN, PERSON, US, Killed, LeadCrm, Unlucky

BEFORE, AFTER, OTHER = 42, 60, 10
REMOTE = Remote("nutshell", "379104", "Nordlys", "", "UTC", "NOK", DAWN)
CLOSING = frozenset({"1-stagesets:won"})
FINE = ["fine"] * 6
LUCK = (
    *("killed", "stopped", "unreachable", "lost", "late", "late-killed"),
    *("answer-lost", "answered-killed", "answered-stopped"),
)
OTHERS = ("set", "back", "same", "touch", "automation", "move", "close")


@dataclass
class Books:
    """A database with one account, in which runs of a plan are kept."""

    db: Database
    account: int

    def apply(self, crm, world: LeadCrm, plan: list[SetConfidence], mark: str) -> AppliedLeads:
        """One run of a plan."""
        run = journal.begin_apply(self.db, self.account, mark, "{}", world.at)
        return apply_leads(crm, Desk(self.db, self.account, run, mark, world.now), plan, CLOSING, 0)

    def resume(self, crm, world: LeadCrm, plan: list[SetConfidence], mark: str) -> AppliedLeads:
        """The same plan again and again, until nothing breaks it off."""
        for _ in range(60):
            try:
                done = self.apply(crm, world, plan, mark)
            except Killed:
                continue
            if done.fault is None:
                return done
        raise AssertionError("never came to an end")


@pytest.fixture(scope="module")
def database(tmp_path_factory) -> Iterator[Database]:
    db = open_database(tmp_path_factory.mktemp("books") / "connector.db")
    db.execute("PRAGMA synchronous = OFF")
    yield db
    close(db)


@pytest.fixture(scope="module")
def numbers() -> Iterator[int]:
    return iter(range(1_000_000))


@pytest.fixture
def books(database: Database, numbers: Iterator[int]) -> Books:
    return fresh(database, numbers)


def fresh(db: Database, numbers: Iterator[int]) -> Books:
    return Books(db, accounts.remember(db, f"usa {next(numbers)}", REMOTE))


def world(count: int) -> LeadCrm:
    ids = [f"{n}-leads" for n in range(count)]
    return LeadCrm({id_: LiveDeal(id_, "a", BEFORE, "1") for id_ in ids})


def plan_for(crm: LeadCrm) -> list[SetConfidence]:
    """Planned when every lead was as it is made."""
    return [SetConfidence(id_, "sales", "a", BEFORE, AFTER) for id_ in crm.leads]


def act(crm: LeadCrm, what: str, lead: str) -> None:
    match what:
        case "set" | "back" | "same":
            value = {"set": OTHER, "back": BEFORE, "same": AFTER}[what]
            crm.set(lead, value, PERSON)
        case "automation":
            crm.set(lead, OTHER + 1, "23-origins")
        case "touch":
            crm.set(lead, None, PERSON)
        case _:
            crm.move(lead, "b" if what == "move" else "1-stagesets:won")


def stored(crm: LeadCrm) -> list[OpenLead]:
    """The leads as a pull finds them, of which every event tells."""
    found = []
    for lead in crm.leads.values():
        made = Change("confidence", str(BEFORE / 100), DAWN)
        events = [made] + [
            Change("confidence", str(touch.confidence / 100), touch.at, by=touch.by)
            for touch in crm.touches
            if touch.lead == lead.id and touch.confidence is not None
        ]
        if lead.stage not in CLOSING:
            place = (lead.id, "", "sales", lead.stage, None, 1.0, DAWN, DAWN, None)
            found.append(OpenLead(*place, tuple(events)))
    return found


trouble = st.lists(st.sampled_from([*FINE, *LUCK]), max_size=40)
interference = st.dictionaries(
    st.integers(1, 60), st.tuples(st.sampled_from(OTHERS), st.integers(0, 3)), max_size=8
)


@settings(max_examples=400, deadline=None)
@given(trouble, interference, interference)
def test_whatever_happens_no_lead_is_written_twice_or_over_somebody(
    database, numbers, lucks, meddling, later
):
    """Others' edits, 409s, lost and late answers and kills between any two steps: one plan writes
    a lead once at most, only as the plan saw it, the journal knows, and undo restores.
    """
    books, crm = fresh(database, numbers), world(4)
    plan = plan_for(crm)
    crm.script = lambda at: (
        act(at, meddling[at.steps][0], f"{meddling[at.steps][1]}-leads")
        if at.steps in meddling
        else None
    )
    fate = iter(lucks)
    done = books.resume(Unlucky(crm, lambda: next(fate, "fine")), crm, plan, "plan")

    written = Counter(lead.id for lead, _ in crm.effects)
    assert max(written.values(), default=0) <= 1
    assert all((lead.confidence, lead.stage) == (BEFORE, "a") for lead, _ in crm.effects)

    entries = journal.lead_entries(books.db, books.account)
    known = {entry.change.deal for entry in entries if entry.state in MAY_HAVE_ARRIVED}
    assert set(written) <= known
    settled = Counter(entry.change.deal for entry in entries if entry.state is State.DONE)
    assert max(settled.values(), default=0) <= 1

    touched = {touch.lead for touch in crm.touches if touch.by != US}
    endings = {each.change.deal: each.ending for each in done.applied}
    for id_ in crm.leads.keys() - touched:
        assert crm.leads[id_].confidence == AFTER
        assert endings[id_] in (Ending.DONE, Ending.SKIPPED)
        assert settled[id_] == 1

    count = len(crm.effects)
    again = books.apply(crm, crm, plan, "plan")
    assert len(again.applied) == len(crm.leads)
    assert max(Counter(lead.id for lead, _ in crm.effects).values(), default=0) <= 1
    open_ends = {id_ for id_, ending in endings.items() if ending is not Ending.LEFT}
    assert {lead.id for lead, _ in crm.effects[count:]} <= open_ends - written.keys()

    check_undo(books, crm, plan, later)


def by_lead(writes: Iterable[LeadWrite], crm: LeadCrm) -> Ours:
    """As it is known right after a pull."""
    found: dict[str, list[LeadWrite]] = {}
    for write in writes:
        found.setdefault(write.change.deal, []).append(write)
    return Ours(found, crm.at)


def check_undo(books: Books, crm: LeadCrm, plan: list[SetConfidence], later) -> None:
    start = crm.steps
    writes = journal.lead_writes(books.db, books.account)
    ours = {lead.id for lead, _ in crm.effects}
    last = {touch.lead: touch.by for touch in crm.touches if touch.confidence is not None}
    back = undo_leads([write.change for write in writes], stored(crm), by_lead(writes, crm))
    taken = {change.deal for change in back.changes}
    # Whoever gives a lead our value in the moment of our write cannot be told from us.
    alike = {t.lead for t in crm.touches if t.by != US and t.confidence == AFTER}
    still = {id_ for id_ in ours if last[id_] == US and crm.leads[id_].stage not in CLOSING}
    assert still - alike <= taken
    # What nobody knows of is planned as if it had arrived.
    assert taken - alike - still <= {write.change.deal for write in writes if not write.certain}
    crm.script = lambda at: (
        act(at, later[at.steps - start][0], f"{later[at.steps - start][1]}-leads")
        if at.steps - start in later
        else None
    )
    mark, count = len(crm.touches), len(crm.effects)
    books.resume(crm, crm, list(back.changes), "undo")
    touched = {touch.lead for touch in crm.touches[mark:] if touch.by != US}
    assert all(crm.leads[id_].confidence == BEFORE for id_ in taken - touched)
    undone = Counter(lead.id for lead, _ in crm.effects[count:])
    assert max(undone.values(), default=0) <= 1


@pytest.mark.parametrize(
    ("what", "ending", "why"),
    [
        ("set", Ending.LEFT, "its confidence was changed since and is 10"),
        ("automation", Ending.LEFT, "its confidence was changed since and is 11"),
        ("move", Ending.LEFT, "it was moved to another stage since"),
        ("close", Ending.LEFT, "it was closed since"),
        ("same", Ending.SKIPPED, "it is so already"),
        ("touch", Ending.DONE, ""),
    ],
)
@pytest.mark.parametrize("step", [1, 3], ids=["before the read", "behind the read"])
def test_a_lead_somebody_changed_is_left_alone(books, what, ending, why, step):
    """Whether they come before our read or, with a 409, right behind it."""
    crm = world(1)
    crm.script = lambda at: act(at, what, "0-leads") if at.steps == step else None
    (only,) = books.apply(crm, crm, plan_for(crm), "plan").applied
    assert (only.ending, only.note) == (ending, why)
    assert len(crm.effects) == (ending is Ending.DONE)


@pytest.mark.parametrize("step", [1, 3], ids=["before the read", "behind the read"])
def test_a_lead_that_is_gone_is_left(books, step):
    """The CRM no longer has it, though it may have had it a moment ago: nothing takes effect."""
    crm = world(1)
    plan = plan_for(crm)
    crm.script = lambda at: at.leads.clear() if at.steps == step else None
    (only,) = books.apply(crm, crm, plan, "plan").applied
    assert (only.ending, only.verdict) == (Ending.LEFT, "gone")
    assert not crm.effects


def test_a_write_that_was_turned_back_while_in_doubt_is_not_repeated(books):
    """The answer is lost, the process too, somebody turns it back: only the history can tell."""
    crm = world(1)
    fate = iter(["fine", "answered-killed"])
    with pytest.raises(Killed):
        books.apply(Unlucky(crm, lambda: next(fate)), crm, plan_for(crm), "plan")
    crm.set("0-leads", BEFORE, PERSON)
    for _ in range(2):
        (only,) = books.apply(crm, crm, plan_for(crm), "plan").applied
        assert only.ending is Ending.UNKNOWN
        assert "only its history tells" in only.note
    assert len(crm.effects) == 1


def test_a_lead_that_others_never_leave_alone_fails_in_the_end(books):
    """After five conflicts it is given up, with nothing sent that took effect."""
    crm = world(1)
    crm.script = lambda at: act(at, "touch", "0-leads")
    (only,) = books.apply(crm, crm, plan_for(crm), "plan").applied
    assert only.ending is Ending.FAILED
    assert not crm.effects
    states = [entry.state for entry in journal.lead_entries(books.db, books.account)]
    assert states == [State.FAILED] * 5


def test_a_lead_a_plan_has_left_stays_left(books):
    """Though somebody gives it the planned value from before again: that is a person's word too."""
    crm = world(1)
    crm.set("0-leads", OTHER, PERSON)
    books.apply(crm, crm, plan_for(crm), "plan")
    crm.set("0-leads", BEFORE, PERSON)
    (only,) = books.apply(crm, crm, plan_for(crm), "plan").applied
    assert only.ending is Ending.LEFT
    assert not crm.effects


@pytest.mark.parametrize(
    ("luck", "fault"), [("unreachable", Unreachable), ("stopped", Interrupted)]
)
def test_a_break_leaves_the_rest_unsent_and_the_same_plan_goes_on(books, luck, fault):
    """What was not come to is told, and a second run writes only that."""
    crm = world(3)
    fate = iter([*["fine"] * 3, luck])
    done = books.apply(Unlucky(crm, lambda: next(fate, "fine")), crm, plan_for(crm), "plan")
    assert isinstance(done.fault, fault)
    assert [each.ending for each in done.applied] == [Ending.DONE]
    assert [change.deal for change in done.unsent] == ["1-leads", "2-leads"]
    again = books.apply(crm, crm, plan_for(crm), "plan")
    endings = [each.ending for each in again.applied]
    assert endings == [Ending.SKIPPED, Ending.DONE, Ending.DONE]
    assert len(crm.effects) == 3
