import json
from collections.abc import Callable
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import pytest

from connector.crm.hubspot import connect
from connector.crm.hubspot.walks import DealWalks
from connector.errors import BadAnswer
from connector.model import Page
from connector.sandbox import Portal, Sandbox, VirtualClock, named_faults
from connector.sandbox.hubspot.records import Stage

SINCE = datetime(2026, 11, 20, tzinfo=UTC)
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
NONE_FOUND = {"results": [], "total": 0}


@pytest.fixture
def walks(transport) -> DealWalks:
    return DealWalks(transport, {"stage": "dealstage"})


@pytest.fixture
def listing(answer: Callable[..., bytes]) -> Callable[..., bytes]:
    """A page of deals with these ids, and perhaps more."""

    def write(*ids: int, status: int = 200, **more: object) -> bytes:
        properties = {
            "dealstage": "s",
            "createdate": "2026-11-01T00:00:00Z",
            "hs_lastmodifieddate": "2026-11-02T00:00:00Z",
        }
        records = [{"id": str(deal), "properties": properties} for deal in ids]
        return answer(json.dumps({"results": records} | more).encode(), status)

    return write


def cursor(after: object, link: str = "") -> dict[str, object]:
    return {"next": {"after": after, "link": link}}


def ids(pages: list[Page]) -> list[list[str]]:
    return [[deal.id for deal in page.deals] for page in pages]


def listed(server) -> list[dict[str, list[str]]]:
    """The queries of the listings that were asked for."""
    gets = [asked for asked in server.asked if asked.method == "GET"]
    return [parse_qs(urlsplit(asked.target).query) for asked in gets]


def posted(server, end: str) -> list[dict[str, object]]:
    return [
        json.loads(asked.body)
        for asked in server.asked
        if urlsplit(asked.target).path.endswith(end)
    ]


def test_a_listing_is_read_to_its_end(walks, server, listing):
    """Fifty deals a page, all properties with history."""
    server.plays_at("/search", listing(total=3))
    server.plays(listing(1, 2, paging=cursor("3")), listing(3))
    pages = list(walks.deals(None, None))
    assert ids(pages) == [["1", "2"], ["3"]]
    asked = listed(server)
    assert [(q["archived"], q.get("after")) for q in asked] == [
        (["false"], None),
        (["false"], ["3"]),
    ]
    for query in asked:
        assert query["limit"] == ["50"]
        assert query["propertiesWithHistory"] == ["dealstage", "hs_merged_object_ids"]
        assert {"dealname", "dealstage", "amount_in_home_currency"} <= set(query["properties"])


def test_the_link_to_the_next_page_is_ignored(walks, server, listing):
    """Only the cursor is followed; a link, which may name any host, is not."""
    elsewhere = cursor("2", "http://169.254.169.254/steal?after=2")
    server.plays(listing(1, paging=elsewhere), listing(2))
    assert ids(list(walks.archived(None))) == [["1"], ["2"]]
    assert len(server.asked) == 2


def test_a_cut_listing_is_not_complete(walks, server, listing, answer):
    """A page without results is an error; the pages before it have bookmarks to go on from."""
    server.plays(listing(1, paging=cursor("2")), answer(b"{}"), listing(2))
    pages = walks.archived(None)
    begun = next(pages)
    with pytest.raises(BadAnswer):
        next(pages)
    assert ids(list(walks.archived(begun.bookmark))) == [["2"]]
    assert [query.get("after") for query in listed(server)] == [None, ["2"], ["2"]]


def test_a_listing_is_read_though_the_search_cannot_help(walks, server, listing, answer):
    """The search only hints at how large a listing is; a listing does without."""
    server.plays_at("/search", answer(b'{"message": "no"}', 400))
    server.plays(listing(1, paging=cursor("2")), listing(2))
    assert ids(list(walks.deals(None, None))) == [["1"], ["2"]]
    assert walks.count() is None


def test_modified_deals_are_searched_and_read_by_id(walks, server, listing):
    """A read since an instant asks for ids by date and id, and reads those."""
    server.plays(listing(5, 7, total=2), listing(5, 7))
    assert ids(list(walks.deals(SINCE, None))) == [["5", "7"]]
    (search,), (batch,) = posted(server, "/search"), posted(server, "/read")
    assert [f["operator"] for f in search["filterGroups"][0]["filters"]] == ["GTE"]
    assert search["filterGroups"][0]["filters"][0]["value"] == "1795132800000"
    assert search["limit"] == 200
    assert batch["inputs"] == [{"id": "5"}, {"id": "7"}]
    assert batch["propertiesWithHistory"] == ["dealstage", "hs_merged_object_ids"]


def test_a_long_search_goes_on_behind_the_last_id(walks, server, listing):
    """Every page of a search is one of its own, so that none reaches HubSpot's 10,000."""
    server.plays_at("/search", listing(5, 7, total=3), listing(8, total=1))
    server.plays_at("/read", listing(5, 7, 8))
    pages = list(walks.deals(SINCE, None))
    assert ids(pages) == [[], ["5", "7", "8"]]
    second = posted(server, "/search")[1]["filterGroups"][0]["filters"][1]
    assert second == {"propertyName": "hs_object_id", "operator": "GT", "value": "7"}


def test_what_waits_for_a_full_batch_is_found_again(walks, server, listing):
    """A read that goes on searches from the first deal that was found and not read."""
    server.plays_at("/search", listing(*range(1, 61), total=70), listing(*range(61, 71), total=10))
    server.plays_at("/read", listing(*range(1, 51)), listing(*range(51, 71)))
    first, _ = walks.deals(SINCE, None)
    server.plays_at("/search", listing(*range(51, 71), total=20))
    server.plays_at("/read", listing(*range(51, 71)))
    rest = ids(list(walks.deals(SINCE, first.bookmark)))
    assert rest == [[str(deal) for deal in range(51, 71)]]
    assert posted(server, "/search")[-1]["filterGroups"][0]["filters"][1]["value"] == "50"


def test_deals_that_are_known_as_they_are_are_not_read(walks, server, answer):
    """Of the deals a search finds, those on record as of their last modification are left out."""
    dates = {"5": SINCE.isoformat(), "7": SINCE.isoformat(), "8": "soon"}
    rows = [{"id": n, "properties": {"hs_lastmodifieddate": date}} for n, date in dates.items()]
    server.plays_at("/search", answer(json.dumps({"results": rows, "total": 3}).encode()))
    server.plays_at("/read", answer(b'{"results": []}'))
    asked = {}

    def known(modified):
        asked.update(modified)
        return {"5"}

    list(walks.deals(SINCE, None, known))
    assert asked == {"5": SINCE, "7": SINCE}
    assert posted(server, "/read")[0]["inputs"] == [{"id": "7"}, {"id": "8"}]


def test_many_modified_deals_are_read_fifty_at_a_time(walks, server, listing):
    """HubSpot fact, 2026-11: a batch with histories holds fifty."""
    found = range(1, 121)
    server.plays_at("/search", listing(*found, total=120))
    server.plays_at("/read", listing(*found))
    list(walks.deals(SINCE, None))
    assert sorted(len(body["inputs"]) for body in posted(server, "/read")) == [20, 50, 50]


@pytest.mark.parametrize(
    "answers",
    [
        pytest.param([([7, 5], 2)], id="out of order"),
        pytest.param([([5, 5], 2)], id="the same twice"),
        pytest.param([([5, 7], 9), ([7], 7)], id="stands still"),
        pytest.param([([5, 7], 1)], id="more than there are"),
        pytest.param([([], 3)], id="fewer than there are"),
        pytest.param([([5, 7], 9), ([8], 1)], id="some lost on the way"),
    ],
)
def test_a_search_that_contradicts_itself_gives_way_to_the_listing(
    walks, server, listing, answers, caplog
):
    """Where a search's order, ids or totals cannot be, all deals are listed instead."""
    server.plays_at("/search", *(listing(*found, total=total) for found, total in answers))
    server.plays_at("/read", listing(5, 7))
    server.plays(listing(1, 2))
    pages = list(walks.deals(SINCE, None))
    assert ids(pages)[-1] == ["1", "2"]
    assert pages[-1].bookmark is None
    assert "contradicts itself" in caplog.text


def test_a_deal_that_is_not_handed_out_leaves_a_trace(walks, server, listing):
    """HubSpot fact, 2026-11: a batch may answer 207 and leave deals out; none goes silently."""
    named = {"category": "OBJECT_NOT_FOUND", "context": {"ids": ["[5, 8]"]}}
    server.plays_at("archived=true", listing(8, status=207, errors=[named]))
    server.plays(listing(7, status=207, errors=[{}, named]))
    page = next(walks.by_id(["5", "6", "7", "8"]))
    assert ids([page]) == [["7", "8"]]
    assert page.missing == ("5",)
    assert [(unread.record, unread.field) for unread in page.unread] == [("6", None)]


@pytest.mark.parametrize("found", ["x", "", "-5", "5.0"])
def test_a_search_with_an_id_that_is_none_is_refused(walks, server, answer, found):
    """HubSpot's deal ids are numbers; a search that answers another kind makes no sense."""
    server.plays(answer(json.dumps({"results": [{"id": found}], "total": 1}).encode()))
    with pytest.raises(BadAnswer):
        list(walks.deals(SINCE, None))


def test_what_was_set_aside_is_told_with_its_page(walks, server, answer):
    """Records and values set aside come with the page they stood on."""
    body = b'{"results": [{"id": "1", "properties": {"dealstage": NaN}}, {"id": "2"}]}'
    server.plays(answer(body))
    page = next(walks.archived(None))
    assert [(unread.record, unread.field) for unread in page.unread] == [("1", None), ("2", None)]


# --- against a portal that lies -------------------------------------------------------------------


@pytest.fixture(scope="module")
def portal() -> Portal:
    portal = Portal()
    portal.clock = VirtualClock(NOW)
    portal.add_pipeline("Sales", [Stage("s", "S", 0, "0.1", 0, 0)], id="sales", at=SINCE)
    for number in range(700):
        portal.add_deal({"dealname": str(number), "dealstage": "s", "pipeline": "sales"}, SINCE)
    return portal


@pytest.mark.parametrize(
    "fault",
    ["repeated", "overlapping", "shuffled", "same-cursor", "permuted", "total-high", "total-low"],
)
@pytest.mark.parametrize("latency", [0.0, 0.05])
def test_pages_in_any_disorder_hold_every_deal(portal, fault, latency):
    """Repeated, overlapping and reordered pages are read like orderly ones, fast or slow."""
    faults = named_faults.faults(fault)
    with Sandbox(portal, clock=portal.clock, latency=latency, faults=faults) as sandbox:
        crm = connect("pat-sandbox-read", base_url=sandbox.url, requests_per_10s=100_000)
        found = {deal.id for page in crm.deals(None) for deal in page.deals}
    assert found == {str(deal) for deal in portal.deals}


def test_slow_answers_are_asked_for_side_by_side(portal):
    """Where latency binds, the pages of a listing are under way together, few of them twice."""
    with Sandbox(portal, clock=portal.clock, latency=0.1) as sandbox:
        crm = connect("pat-sandbox-read", base_url=sandbox.url, requests_per_10s=100_000)
        pages = list(crm.deals(None))
        asked = [path for _, path in sandbox.requests if path.endswith("/deals")]
    assert len({deal.id for page in pages for deal in page.deals}) == 700
    assert 14 <= len(asked) <= 14 + 8
