"""Listings of several kinds of servers, walked by real threads."""

import threading
import time
from bisect import bisect_left
from itertools import islice

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.crm.answers import Answer
from connector.crm.hubspot.decoding import Decoded
from connector.crm.hubspot.listings import DealPage, Extent, Listing, worthwhile
from connector.crm.hubspot.paging import Paging, _Next
from connector.crm.hubspot.readers import Readers
from connector.crm.hubspot.records import Record
from connector.crm.hubspot.stretches import Stretch, Stretches
from connector.errors import BadAnswer, Rejected

SIZE = 5
IDS = st.lists(st.integers(1, 10**11), unique=True, min_size=1, max_size=120).map(sorted)
NEAR_IDS = st.sets(st.integers(1, 400), min_size=1).map(sorted)


class Server:
    """A listing of ids; `place` says how a cursor is understood and written."""

    def __init__(self, ids, place):
        self.ids = list(ids)
        self.asked = []
        self.first_takes = 0.0
        self._place = place(self)
        self._lock = threading.Lock()

    def ask(self, after):
        time.sleep(0 if self.asked else self.first_takes)
        with self._lock:
            self.asked.append(after)
            start, written = self._place(after)
            end = start + SIZE
            following = Paging(_Next(written(end))) if end < len(self.ids) else None
            records = tuple(Record(str(each)) for each in self.ids[start:end])
        return DealPage(Answer("HubSpot", "GET", 200, {}, b""), Decoded(records, (), following))


def by_next_id(server):
    """The cursor is the id of the next record, as HubSpot's is."""
    return lambda after: (
        bisect_left(server.ids, int(after or 0)),
        lambda end: str(server.ids[end]),
    )


def by_last_id(server):
    """The cursor is the id of the last record."""
    return lambda after: (
        bisect_left(server.ids, int(after or 0) + 1),
        lambda end: str(server.ids[end - 1]),
    )


def by_offset(server):
    """The cursor is how many records come before."""
    return lambda after: (int(after or 0), str)


def by_word(server):
    """The cursor is a word of the server's own; any other is refused."""

    def place(after):
        if after and not after.startswith("page-"):
            raise Rejected("no such cursor", 400)
        return int(after.removeprefix("page-") or 0), lambda end: f"page-{end}"

    return place


def deaf(server):
    """The cursor looks like an id, but a cursor it did not give leads to the beginning."""

    def place(after):
        start = bisect_left(server.ids, int(after or 0))
        known = start < len(server.ids) and str(server.ids[start]) == after and not start % SIZE
        return start if known else 0, lambda end: str(server.ids[end])

    return place


SERVERS = (by_next_id, by_last_id, by_offset, by_word, deaf)


def walked(server, stretches=None, hint=None, most=10**6):
    """The ids read, the last bookmark and whether the walk came to its end."""
    with Readers(lambda: None) as readers:
        walk = Listing(readers, server.ask, lambda: 10**6, hint and (lambda: hint))
        pages = list(islice(walk.pages(stretches or Stretches()), most))
    read = [each for page, _ in pages if page for each in page.ids()]
    reached = pages[-1][1]
    return read, reached, not any(stretch.open for stretch in reached.all)


@settings(max_examples=40, deadline=None)
@given(
    ids=IDS | NEAR_IDS,
    kind=st.sampled_from(SERVERS),
    total=st.integers(0, 10**4),
    highest=st.integers(0, 2 * 10**11),
)
def test_every_record_is_read_whatever_the_server_and_however_wrong_the_hint(
    ids, kind, total, highest
):
    """However cursors are meant and wherever guesses fall, nothing of the listing is left out."""
    server = Server(ids, kind)
    server.first_takes = 0.05
    read, _, ended = walked(server, hint=Extent(total, highest))
    assert ended
    assert set(read) == set(ids)


@settings(max_examples=60, deadline=None)
@given(ids=IDS, places=st.lists(st.integers(1, 10**11), max_size=6), kind=st.sampled_from(SERVERS))
def test_stretches_begun_anywhere_are_read_to_their_ends(ids, places, kind):
    """A walk split at any places reads what a plain one reads."""
    server = Server(ids, kind)
    places = sorted(set(places))
    stretches = Stretches([Stretch(), *(Stretch(place, str(place)) for place in places)])
    read, _, ended = walked(server, stretches)
    assert (ended, set(read)) == (True, set(ids))
    if kind is by_next_id:
        assert len(server.asked) <= len(ids) / SIZE + 1 + 2 * len(places)


@settings(max_examples=40, deadline=None)
@given(ids=IDS, places=st.lists(st.integers(1, 10**11), max_size=4), stop=st.integers(1, 12))
def test_a_walk_goes_on_from_where_it_was_stopped(ids, places, stop):
    """What was read before and after adds up to the listing, and little is read twice."""
    server = Server(ids, by_next_id)
    first = Stretches([Stretch(), *(Stretch(p, str(p)) for p in sorted(set(places)))])
    read, place, ended = walked(server, first, most=stop)
    rest, _, ended = walked(server, place) if not ended else ([], place, True)
    assert (ended, set(read) | set(rest)) == (True, set(ids))
    assert len(read) + len(rest) <= len(ids) + SIZE * 2 * (len(places) + 1)


@pytest.mark.parametrize("order", [[3, 2, 1], [1, 3, 2, 4, 6, 5, 9, 8, 7], [9, 9, 1, 1, 2, 2]])
def test_records_in_no_order_are_read_page_after_page(order):
    """Where ids do not rise, the listing is read from its beginning, and nothing is relied on."""
    server = Server(order * 2, by_offset)
    stretches = Stretches([Stretch(), Stretch(5, "5")])
    read, place, _ = walked(server, stretches)
    assert set(read) == set(order)
    assert place.alone


def test_a_page_that_names_itself_once_is_asked_for_again():
    """One cursor given twice by mistake costs a request, and no record."""
    server = Server(range(1, 30), by_offset)
    plain = server.ask
    slips = iter(["5"])

    def slipping(after):
        page = plain(after)
        if after == "5" and next(slips, None):
            return DealPage(page.answer, Decoded(page.content.records, (), Paging(_Next("5"))))
        return page

    server.ask = slipping
    read, _, ended = walked(server, Stretches(alone=True))
    assert (ended, set(read)) == (True, set(range(1, 30)))


def test_a_ring_of_cursors_is_found():
    """Pages that go round end the walk with an error, never in an endless one."""
    server = Server(range(1, 30), by_offset)
    plain = server.ask
    server.ask = lambda after: plain("" if after == "10" else after)
    with pytest.raises(BadAnswer, match="would never end"):
        walked(server, Stretches(alone=True))


@pytest.mark.parametrize(
    ("seconds", "pages", "burst", "lanes"),
    [
        pytest.param(0.008, 200, 190, 1, id="nothing binds"),
        pytest.param(0.2, 40, 190, 16, id="latency binds"),
        pytest.param(0.2, 3, 190, 3, id="no more lanes than pages"),
        pytest.param(0.2, 2000, 190, 4, id="as many as the quota lets through"),
        pytest.param(0.2, 60, 15, 1, id="the quota binds"),
        pytest.param(0.05, 13, 14, 1, id="none to waste"),
        pytest.param(9.0, 60, 15, 3, id="slow for want of quota"),
    ],
)
def test_requests_at_once_are_chosen_by_what_binds(seconds, pages, burst, lanes):
    """Many where answers are slow, and no more than the quota lets through in that time."""
    assert worthwhile(seconds, pages, burst) == lanes
