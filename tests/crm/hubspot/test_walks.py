import json
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import islice
from urllib.parse import parse_qs, urlsplit

import pytest

from connector.crm.hubspot.walks import DealWalks
from connector.errors import BadAnswer
from connector.model import Page

SINCE = datetime(2026, 11, 20, tzinfo=UTC)


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


def queries(server) -> list[dict[str, list[str]]]:
    return [parse_qs(urlsplit(asked.target).query) for asked in server.asked]


def test_a_full_read_walks_the_active_deals_then_the_archived(walks, server, listing):
    """Both listings are read to their ends, fifty deals a page, all properties with history."""
    server.plays(listing(1, 2, paging=cursor("3")), listing(3), listing(4))
    pages = list(walks.pages(None, None))
    assert ids(pages) == [["1", "2"], ["3"], ["4"]]
    assert [page.bookmark is None for page in pages] == [False, False, True]
    asked = queries(server)
    assert [(q["archived"], q.get("after")) for q in asked] == [
        (["false"], None),
        (["false"], ["3"]),
        (["true"], None),
    ]
    for query in asked:
        assert query["limit"] == ["50"]
        assert query["propertiesWithHistory"] == ["dealstage", "hs_merged_object_ids"]
        assert {"dealname", "dealstage", "amount_in_home_currency"} <= set(query["properties"])


def test_the_link_to_the_next_page_is_ignored(walks, server, listing):
    """Only the cursor is followed; a link, which may name any host, is not."""
    elsewhere = cursor("2", "http://169.254.169.254/steal?after=2")
    server.plays(listing(1, paging=elsewhere), listing(2), listing())
    assert ids(list(walks.pages(None, None))) == [["1"], ["2"], []]
    assert len(server.asked) == 3


@pytest.mark.parametrize("ring", [["1"], ["1", "2"], ["1", "2", "3", "1"]])
def test_a_ring_of_cursors_is_found(walks, server, listing, ring):
    """Cursors that come round again end the read with an error, never in an endless one."""
    server.plays(*(listing(int(after), paging=cursor(after)) for after in [*ring, *ring]))
    with pytest.raises(BadAnswer, match="again, which would never end"):
        list(islice(walks.pages(None, None), 9))


def test_a_cut_listing_is_not_complete(walks, server, listing, answer):
    """A page without results is an error; the pages before it have bookmarks to go on from."""
    server.plays(listing(1, paging=cursor("2")), answer(b"{}"))
    pages = walks.pages(None, None)
    assert next(pages).bookmark == '{"walk":"active","after":"2"}'
    with pytest.raises(BadAnswer):
        next(pages)


def test_modified_deals_are_searched_and_read_by_id(walks, server, listing):
    """A read since an instant asks for ids by date and id, reads them, then the archived ones."""
    server.plays(listing(5, 7, total=2), listing(5, 7), listing(9))
    assert ids(list(walks.pages(SINCE, None))) == [["5", "7"], ["9"]]
    search, batch = (json.loads(asked.body) for asked in server.asked[:2])
    assert [f["operator"] for f in search["filterGroups"][0]["filters"]] == ["GTE"]
    assert search["filterGroups"][0]["filters"][0]["value"] == "1795132800000"
    assert search["limit"] == 200
    assert batch["inputs"] == [{"id": "5"}, {"id": "7"}]
    assert batch["propertiesWithHistory"] == ["dealstage", "hs_merged_object_ids"]


def test_a_long_search_goes_on_behind_the_last_id(walks, server, listing):
    """Every page of a search is one of its own, so that none reaches HubSpot's 10,000."""
    server.plays(
        *[listing(5, 7, total=3), listing(5, 7)],
        *[listing(8, total=1), listing(8)],
        listing(),
    )
    pages = list(walks.pages(SINCE, None))
    assert ids(pages) == [["5", "7"], ["8"], []]
    assert pages[0].bookmark == '{"walk":"modified","after":"7"}'
    second = json.loads(server.asked[2].body)["filterGroups"][0]["filters"][1]
    assert second == {"propertyName": "hs_object_id", "operator": "GT", "value": "7"}


def test_many_modified_deals_are_read_fifty_at_a_time(walks, server, listing):
    """HubSpot fact, 2026-11: a batch with histories holds fifty."""
    found = range(1, 121)
    parts = [listing(*found[start : start + 50]) for start in (0, 50, 100)]
    server.plays(listing(*found, total=120), *parts, listing())
    assert len(ids(list(walks.pages(SINCE, None)))[0]) == 120
    sizes = [len(json.loads(asked.body)["inputs"]) for asked in server.asked[1:4]]
    assert sizes == [50, 50, 20]


@pytest.mark.parametrize("found", [[7, 5], [5, 5], [5, 9, 7]])
def test_a_search_out_of_order_gives_way_to_the_listing(walks, server, listing, found, caplog):
    """Where the search does not keep the order it was asked for, all deals are listed instead."""
    server.plays(listing(*found, total=len(found)), listing(1, 2), listing(3))
    pages = list(walks.pages(SINCE, None))
    assert ids(pages) == [["1", "2"], ["3"]]
    assert pages[0].bookmark == '{"walk":"archived","after":null}'
    assert "out of order" in caplog.text


def test_a_search_that_stands_still_gives_way_to_the_listing(walks, server, listing):
    """Where the search finds ids again that lie behind it, it could go on for ever."""
    server.plays(listing(5, 7, total=9), listing(5, 7), listing(7, total=9), listing(1), listing())
    assert ids(list(walks.pages(SINCE, None))) == [["5", "7"], ["1"], []]


def test_a_deal_that_is_found_but_not_handed_out_leaves_a_trace(walks, server, listing):
    """HubSpot fact, 2026-11: a batch may answer 207 and leave deals out; none goes silently."""
    server.plays(listing(5, 7, total=2), listing(7, status=207, errors=[{}]), listing())
    page = next(walks.pages(SINCE, None))
    assert ids([page]) == [["7"]]
    assert [(unread.record, unread.field) for unread in page.unread] == [("5", None)]


@pytest.mark.parametrize("found", ["x", "", "-5", "5.0"])
def test_a_search_with_an_id_that_is_none_is_refused(walks, server, answer, found):
    """HubSpot's deal ids are numbers; a search that answers another kind makes no sense."""
    server.plays(answer(json.dumps({"results": [{"id": found}], "total": 1}).encode()))
    with pytest.raises(BadAnswer):
        list(walks.pages(SINCE, None))


@pytest.mark.parametrize(
    ("bookmark", "asked"),
    [
        ('{"walk":"active","after":"3"}', [("false", "3"), ("true", None)]),
        ('{"walk":"archived","after":null}', [("true", None)]),
        ('{"walk":"archived","after":"8"}', [("true", "8")]),
    ],
)
@pytest.mark.parametrize("since", [None, SINCE])
def test_a_read_goes_on_from_its_bookmark(walks, server, listing, since, bookmark, asked):
    """Behind a bookmark only what was not read yet is asked for."""
    server.plays(listing())
    list(walks.pages(since, bookmark))
    assert [(q["archived"][0], q.get("after", [None])[0]) for q in queries(server)] == asked


def test_what_was_set_aside_is_told_with_its_page(walks, server, answer):
    """Records and values set aside come with the page they stood on."""
    body = b'{"results": [{"id": "1", "properties": {"dealstage": NaN}}, {"id": "2"}]}'
    server.plays(answer(body))
    page = next(walks.pages(None, None))
    assert [(unread.record, unread.field) for unread in page.unread] == [("1", None), ("2", None)]
