"""How leads are found, on servers that page, cap and filter in ways nobody has written down."""

from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise

import pytest
import responses
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connector.errors import Rejected
from connector.model import Change, Deal, Field, Page
from tests.crm.nutshell.conftest import (
    BORN,
    DAY,
    FIELDS,
    HOST,
    OddNutshell,
    a_lead,
    a_stage,
    an_event,
)

BIRTH = datetime.fromtimestamp(BORN, UTC)
LEADS = range(1003, 1003 + 4 * 7, 4)


def fill(odd: OddNutshell) -> None:
    """Seven leads that entered a stage and moved, some a month ago and some today."""
    odd.leads = [a_lead(n, links={"stage": "105-stages"}) for n in LEADS]
    entries = [
        an_event(k, k, ("stage", None, a_stage(101)), lead=n) for k, n in enumerate(LEADS, 10)
    ]
    moves = [
        an_event(30 + k, k * DAY, ("stage", a_stage(101), a_stage(105)), lead=n)
        for k, n in enumerate(LEADS, 1)
    ]
    odd.events = entries + moves


def deals_of(pages: list[Page]) -> dict[str, Deal]:
    return {deal.id: deal for page in pages for deal in page.deals}


def missing_of(pages: list[Page]) -> list[str]:
    return [each for page in pages for each in page.missing]


def stages_of(deal: Deal) -> list[tuple[str | None, datetime]]:
    return [(c.value, c.at) for c in deal.changes if c.field == Field.STAGE]


def whole(odd: OddNutshell) -> dict[str, Deal]:
    """What a calm server gives, whose answers hold everything."""
    odd.most, odd.bare, odd.strict = 10_000, False, False
    return deals_of(list(odd.crm().deals(None)))


# --- everything -----------------------------------------------------------------------------------


@pytest.mark.parametrize("bare", [False, True])
@pytest.mark.parametrize("most", [2, 3, 7, 10_000])
def test_whatever_a_page_holds_everything_is_read(odd, most, bare):
    """Limits that are lowered without a word, and lists without an envelope, change nothing."""
    fill(odd)
    odd.most, odd.bare = most, bare
    pages = list(odd.crm().deals(None))
    assert [page.bookmark is None for page in pages] == [False] * (len(pages) - 1) + [True]
    found = deals_of(pages)
    assert len(found) == len(LEADS)
    assert all(len(stages_of(deal)) == 2 and deal.whole for deal in found.values())
    assert found == whole(odd)


def test_an_empty_page_ends_a_listing_whatever_its_count_says(odd):
    """A page past the end counts four records and has none (Nutshell facts 2.2, 2026-11)."""
    assert deals_of(list(odd.crm().deals(None))) == {}


def test_bookmarks_are_page_numbers_that_a_new_process_goes_on_from(odd):
    """Behind each page the read can be taken up, and gives the same leads."""
    fill(odd)
    odd.most = 3
    bookmarks = [page.bookmark for page in odd.crm().deals(None)]
    assert bookmarks[:3] == ["1", "2", "3"]
    everything = whole(odd)
    for read in (1, 2, 3):
        odd.most = 3
        begun = list(islice(odd.crm().deals(None), read))
        rest = list(odd.crm().deals(None, begun[-1].bookmark))
        assert not deals_of(begun).keys() & deals_of(rest).keys()
        assert deals_of(begun + rest) == everything


@pytest.mark.parametrize("bookmark", ["", "x", "-1", "after x-leads", "1.5"])
@pytest.mark.parametrize("since", [None, BIRTH])
def test_a_bookmark_that_is_none_is_refused(odd, since, bookmark):
    """Then a pull begins this part of it again."""
    with pytest.raises(Rejected) as caught:
        list(odd.crm().deals(since, bookmark))
    assert caught.value.status == 400


def test_a_lead_that_slipped_between_two_pages_is_asked_for_by_id(odd):
    """Somebody deletes a lead of the first page, and the rest moves up by one, past the second."""
    fill(odd)
    odd.most = 3

    def slip(page: int) -> None:
        if page == 1:
            del odd.leads[0]

    odd.before_page = slip
    found = deals_of(list(odd.crm().deals(None)))
    assert set(found) == {f"{n}-leads" for n in LEADS}


def test_a_lead_touched_meanwhile_is_read_again(odd):
    """What happens while pages are read is in the history, exactly."""
    fill(odd)

    def move(page: int) -> None:
        if page == 1:
            odd.events.append(an_event(99, 9 * DAY, ("stage", a_stage(105), a_stage(109))))
            odd.leads[0] = a_lead(1003, links={"stage": "109-stages"})

    odd.before_page = move
    pages = list(odd.crm().deals(None))
    assert stages_of(deals_of(pages)["1003-leads"])[-1] == ("109-stages", BIRTH + 9 * timedelta(1))
    assert [deal.id for deal in pages[-2].deals] == ["1003-leads"]


@pytest.mark.parametrize("most", [2, 3, 10_000])
@pytest.mark.parametrize("answering", ["newest", "oldest_first", "deaf"])
def test_whatever_since_id_is_answered_with_all_that_is_newer_is_found(odd, answering, most):
    """The newest events of those, the next ones, or no heed at all: none is missed (INFERRED)."""
    fill(odd)
    odd.oldest_first, odd.deaf = answering == "oldest_first", answering == "deaf"

    def go_on(page: int) -> None:
        if page == 0:
            odd.events += [an_event(90 + n, 9 * DAY, lead=lead) for n, lead in enumerate(LEADS)]
            odd.most = most

    odd.before_page = go_on
    found = deals_of(list(odd.crm().deals(None)))
    assert len(found) == len(LEADS)
    assert all(deal.modified_at > BIRTH + timedelta(days=9) for deal in found.values())
    forward = [query for path, query in odd.asked if "since_id" in query]
    assert forward[0]["since_id"] == "37-events"


def test_a_quiet_log_is_gone_on_from_with_one_request(odd):
    """Nothing is newer than the newest event known: one empty answer says so."""
    fill(odd)
    list(odd.crm().deals(None))
    assert [query for _, query in odd.asked if "since_id" in query] == [
        {"limit": "1000", "since_id": "37-events"}
    ]


@pytest.mark.parametrize("strict", [False, True])
def test_a_lead_that_only_events_know_is_missing(odd, strict):
    """It is asked for by id, and only its own 404 says that it is not there."""
    fill(odd)
    odd.strict = strict
    odd.events += [an_event(90 + n, DAY, lead=n) for n in (5, 6)]
    assert missing_of(list(odd.crm().deals(None))) == ["5-leads", "6-leads"]
    assert len(whole(odd)) == len(LEADS)


def test_deleted_leads_are_not_asked_for_one_by_one_after_a_full_listing(odd):
    """The log of deletions names them, and the listing, just read, does not have them."""
    fill(odd)
    odd.strict = True
    odd.events += [an_event(90 + n, DAY, lead=n) for n in range(50)]
    odd.deleted = [an_event(200 + n, DAY, lead=n) for n in range(50)]
    crm = odd.crm()
    assert missing_of(list(crm.deals(None))) == []
    assert missing_of(list(crm.archived())) == [f"{n}-leads" for n in range(50)]
    assert odd.count("leads/") == 0


@pytest.mark.parametrize(
    "entry",
    [
        an_event(200, DAY, lead=1003),
        {"id": "200-events", "createdTime": BORN, "links": {"payloads": ["1003-leads"]}},
        {"id": "200-events", "payload": {"id": 1003, "type": "leads"}},
        {"id": "1003-leads", "type": "leads", "deletedTime": {"timestamp": BORN}},
        {"id": 200, "entities": [{"lead": "1003-leads"}]},
    ],
)
def test_a_deletion_is_understood_in_any_shape_and_confirmed(odd, entry):
    """No recorded answer shows the log of deletions, so ids are looked for, and asked for."""
    fill(odd)
    odd.deleted = [entry]
    assert missing_of(list(odd.crm().archived())) == []
    del odd.leads[0]
    assert missing_of(list(odd.crm().archived())) == ["1003-leads"]


def test_an_account_without_a_log_of_deletions_is_read_all_the_same(odd):
    """Then a full read finds by id who is gone."""
    fill(odd)
    odd.events.append(an_event(90, DAY, lead=5))
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        mock.get(f"{HOST}/rest/events/deleted", "<html>", status=404, content_type="text/html")
        served = OddNutshell(mock)
        served.leads, served.events = odd.leads, odd.events
        assert missing_of(list(served.crm().deals(None))) == ["5-leads"]
        assert missing_of(list(served.crm().archived())) == []


# --- what changed ---------------------------------------------------------------------------------


@pytest.mark.parametrize("most", [2, 10_000])
def test_a_night_reads_the_leads_that_events_touched(odd, most):
    """Those with an event since then come, with the changes since and what each field is now."""
    fill(odd)
    odd.most = most
    since = BIRTH + timedelta(days=5, hours=1)
    found = deals_of(list(odd.crm().deals(since)))
    assert sorted(found) == ["1023-leads", "1027-leads"]
    for deal in found.values():
        assert not deal.whole
        assert stages_of(deal)[-1][0] == "105-stages"
        exact = [c for c in deal.changes if c.not_before is None]
        assert [(c.field, c.value) for c in exact] == [("stage", "105-stages")]
        assert {c.field for c in deal.changes} >= {*Field.ALWAYS[:5], *FIELDS}


def test_a_night_does_not_tell_the_pipeline_a_lead_was_in_as_news(odd):
    """A lead moved on where it lay: since when it lies in that pipeline, an earlier pull knows."""
    odd.leads = [a_lead(links={"stage": "105-stages"})]
    odd.events = [an_event(40, 5 * DAY, ("stage", None, a_stage(105)))]
    (deal,) = deals_of(list(odd.crm().deals(BIRTH + timedelta(days=1)))).values()
    told = [(c.value, c.not_before) for c in deal.changes if c.field == Field.PIPELINE]
    assert told == [("1-stagesets", BIRTH)]


def test_a_night_tells_a_reopening_by_its_event(odd):
    """A lead was reopened at that instant in the stage it went on from, not when it was read."""
    odd.leads = [a_lead(links={"stage": "109-stages"})]
    odd.events = [
        an_event(40, 5 * DAY, ("status", "won", "open"), ("outcome", "3-outcomes", None)),
        an_event(44, 6 * DAY, ("stage", a_stage(105), a_stage(109))),
    ]
    (deal,) = deals_of(list(odd.crm().deals(BIRTH + timedelta(days=1)))).values()
    assert stages_of(deal) == [
        ("105-stages", BIRTH + timedelta(days=5)),
        ("109-stages", BIRTH + timedelta(days=6)),
    ]


def test_an_event_that_says_it_is_older_ends_no_night(odd):
    """An import brings events of long ago today, between today's others, over several pages."""
    fill(odd)
    odd.events += [
        an_event(100 + n, -999 * DAY if n % 2 else 30 * DAY, lead=1003 + 4 * n) for n in range(7)
    ]
    odd.most = 3
    found = deals_of(list(odd.crm().deals(BIRTH + timedelta(days=29))))
    assert sorted(found) == [f"{n}-leads" for n in LEADS]


def test_a_quiet_night_costs_two_requests_for_leads(odd):
    """One look at the events, one at the deletions; nothing else is asked, names neither."""
    fill(odd)
    list(odd.crm().deals(BIRTH + timedelta(days=30)))
    assert [path for path, _ in odd.asked] == ["events", "events/deleted"]


def test_what_is_known_is_not_read_again(odd):
    """The newest event of a lead, told by its time and its number, says whether anything is new."""
    fill(odd)
    everything = {deal.id: deal.modified_at for deal in whole(odd).values()}
    assert len(set(everything.values())) == len(LEADS)

    def known(modified):
        return [lead for lead, at in modified.items() if everything.get(lead) == at]

    odd.asked.clear()
    assert deals_of(list(odd.crm().deals(BIRTH, None, known))) == {}
    assert odd.count("leads/") == 0
    # An event in the very second of the last one that was known.
    odd.events.append(an_event(98, 7 * DAY, ("confidence", 42, 60), lead=LEADS[-1]))
    assert list(deals_of(list(odd.crm().deals(BIRTH, None, known)))) == [f"{LEADS[-1]}-leads"]


def test_an_event_behind_a_newer_one_of_its_lead_is_not_missed(odd):
    """It was given its number first and turned up last, after a pull had read the lead."""
    fill(odd)
    odd.events.append(an_event(990, 20 * DAY, ("confidence", 42, 60), lead=LEADS[0]))
    everything = {deal.id: deal.modified_at for deal in whole(odd).values()}

    def known(modified):
        return [lead for lead, at in modified.items() if everything.get(lead) == at]

    since = BIRTH + timedelta(days=20, hours=-1)
    assert deals_of(list(odd.crm().deals(since, None, known))) == {}
    odd.events.append(an_event(989, 20 * DAY - 60, ("confidence", 41, 42), lead=LEADS[0]))
    assert list(deals_of(list(odd.crm().deals(since, None, known)))) == [f"{LEADS[0]}-leads"]


def test_a_lead_deleted_since_is_missing_the_same_night(odd):
    """Its events may be older, or none at all."""
    fill(odd)
    del odd.leads[0]
    odd.deleted = [an_event(200, 30 * DAY, lead=1003), an_event(199, DAY, lead=4)]
    found = list(odd.crm().deals(BIRTH + timedelta(days=29)))
    assert missing_of(found) == ["1003-leads"]


def test_a_night_can_be_taken_up_behind_each_page(odd):
    """Leads come in the order of their ids, so that the last one read says where to go on."""
    odd.leads = [a_lead(n) for n in range(250)]
    odd.events = [an_event(n, n, ("confidence", 1, 42), lead=n) for n in range(250)]
    pages = list(odd.crm().deals(BIRTH))
    assert [page.bookmark for page in pages] == [
        "after 99-leads", "after 199-leads", "after 249-leads", None,
    ]  # fmt: skip
    rest = list(odd.crm().deals(BIRTH, pages[0].bookmark))
    assert deals_of(pages[:1] + rest) == deals_of(pages)
    assert len(deals_of(rest)) == 150


def test_what_was_touched_during_a_full_read_keeps_its_history(odd):
    """The read since its beginning, which follows it, knows all events: nothing is lost."""
    fill(odd)
    crm = odd.crm()
    everything = deals_of(list(crm.deals(None)))
    meanwhile = deals_of(list(crm.deals(BIRTH + timedelta(days=6))))
    assert meanwhile == {deal: everything[deal] for deal in meanwhile} != {}


# --- by id ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("deaf", [False, True])
@pytest.mark.parametrize("strict", [False, True])
@pytest.mark.parametrize("most", [3, 10_000])
def test_a_read_by_id_is_as_good_as_a_listing(odd, most, strict, deaf):
    """With its whole history, also where `entity_id` is not heeded and batches are cut short."""
    fill(odd)
    everything = whole(odd)
    odd.most, odd.strict, odd.deaf = most, strict, deaf
    ids = [f"{n}-leads" for n in LEADS]
    pages = list(odd.crm().by_id([*ids[:3], "5-leads", *ids[3:]]))
    assert (deals_of(pages), missing_of(pages)) == (everything, ["5-leads"])
    assert {page.bookmark for page in pages} == {None}


def test_a_lead_that_came_out_unreadable_is_not_missing(odd):
    """It is there, so it is set aside instead."""
    odd.leads = [a_lead(createdTime="soon")]
    (page,) = odd.crm().by_id(["1003-leads"])
    assert (page.deals, page.missing) == ((), ())
    assert page.unread[0].record == "1003-leads"


# --- order and paging mean nothing ----------------------------------------------------------------

STEPS = st.lists(
    st.one_of(
        st.sampled_from([101, 105, 109]).map(lambda n: ("stage", None, a_stage(n))),
        st.sampled_from(["open", "won", "lost", "cancelled"]).map(lambda s: ("status", None, s)),
        st.integers(0, 100).map(lambda n: ("confidence", None, n)),
        st.integers(0, 10**6).map(lambda n: ("value", None, {"amount": n})),
    ),
    max_size=12,
)


class Shuffled(OddNutshell):
    """A server that sends each page in another order, and some records twice."""

    def __init__(self, mock, data) -> None:
        super().__init__(mock)
        self._data = data

    def _told(self, name, records):
        drawn = self._data.draw(st.permutations(records))
        twice = self._data.draw(st.lists(st.sampled_from(records), max_size=2)) if records else []
        return super()._told(name, drawn + twice)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data(), steps=STEPS, ticks=st.lists(st.integers(0, 3), min_size=12, max_size=12))
def test_any_order_duplication_and_paging_of_events_gives_the_same_history(data, steps, ticks):
    """A history follows from the events and their ids alone."""
    at = [sum(ticks[:n]) for n in range(12)]
    events = [an_event(n + 1, at[n], step, lead=1003 + n % 2) for n, step in enumerate(steps)]
    leads = [a_lead(1003), a_lead(1004, status="won", closedTime=BORN + 5)]
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        calm = OddNutshell(mock)
        calm.leads, calm.events = leads, events
        expected = deals_of(list(calm.crm().deals(None)))
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        odd = Shuffled(mock, data)
        odd.leads, odd.events = leads, data.draw(st.permutations(events))
        odd.most = data.draw(st.integers(2, 5))
        assert deals_of(list(odd.crm().deals(None))) == expected
    for deal in expected.values():
        assert_sane(deal)


def assert_sane(deal: Deal) -> None:
    """Each field's changes stand in order, none repeats the one before."""
    for field in {change.field for change in deal.changes}:
        history: list[Change] = [change for change in deal.changes if change.field == field]
        assert [c.at for c in history] == sorted(c.at for c in history)
        assert all(a.value != b.value for a, b in pairwise(history))
        assert all(c.not_before is None or c.not_before <= c.at for c in history)
