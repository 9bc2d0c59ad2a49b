"""The ways HubSpot's deals are found, page by page, each page with a bookmark to go on from.

A full read walks the listing of active deals, then that of archived ones. A read since an instant
searches the ids of modified deals and reads those with their whole history, because a search knows
no history and a history cannot be filtered by date without losing changes (HubSpot facts, 2026-11);
the archived listing follows, for what a search never returns.
"""

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from itertools import pairwise
from typing import Annotated, Any

import msgspec

from connector.crm.answers import Answer
from connector.crm.hubspot.deals import MERGED_IDS, PLAIN_PROPERTIES, Reading, read_deal
from connector.crm.hubspot.decoding import Decoded
from connector.crm.hubspot.endpoints import DEALS
from connector.crm.hubspot.paging import listing
from connector.crm.hubspot.records import Record, read_records
from connector.crm.pace import Pace
from connector.crm.transport import Query, Transport
from connector.model import Page, Unread

# HubSpot's largest pages: with history, and of a search (2026-11).
WITH_HISTORY = 50
FOUND = 200
SEARCHES_PER_SECOND = 5


log = logging.getLogger(__name__)


class _Found(msgspec.Struct):
    id: Annotated[str, msgspec.Meta(pattern="^[0-9]+$")] | int


class _SearchListing(msgspec.Struct):
    results: list[_Found]
    total: int


class Walk(StrEnum):
    """A way through the deals of a portal."""

    ACTIVE = "active"
    MODIFIED = "modified"
    ARCHIVED = "archived"


class Bookmark(msgspec.Struct, frozen=True):
    """Where a read goes on: on which walk, and behind which cursor or id of it."""

    walk: Walk
    after: str | None = None

    def text(self) -> str:
        """The bookmark as the text a page carries."""
        return msgspec.json.encode(self).decode()


class DealWalks:
    """Reads the deals of one portal; `tracked` maps our fields to HubSpot's property names."""

    def __init__(self, transport: Transport, tracked: Mapping[str, str]):
        self._transport = transport
        self._tracked = tracked
        self._history = [*tracked.values(), MERGED_IDS]
        self._properties = [*PLAIN_PROPERTIES, *self._history]
        self._searches = Pace(SEARCHES_PER_SECOND, 1.0)

    def pages(self, since: datetime | None, bookmark: str | None) -> Iterator[Page]:
        """All pages of a read, or those behind a bookmark of the same read."""
        place = Bookmark(Walk.ACTIVE if since is None else Walk.MODIFIED)
        if bookmark:
            place = msgspec.json.decode(bookmark, type=Bookmark)
        match place.walk, since:
            case Walk.ARCHIVED, _:
                yield from self._archived(place.after)
                return
            case Walk.MODIFIED, datetime():
                yield from self._modified(since, place.after)
            case _:
                yield from self._active(place.after)
        yield from self._archived(None)

    def _active(self, after: str | None) -> Iterator[Page]:
        return self._listing(Walk.ACTIVE, after, then=Bookmark(Walk.ARCHIVED))

    def _archived(self, after: str | None) -> Iterator[Page]:
        return self._listing(Walk.ARCHIVED, after, then=None)

    def _listing(self, walk: Walk, after: str | None, then: Bookmark | None) -> Iterator[Page]:
        query: Query = [("limit", str(WITH_HISTORY))]
        query += [("archived", "true" if walk is Walk.ARCHIVED else "false")]
        query += [("properties", name) for name in self._properties]
        query += [("propertiesWithHistory", name) for name in self._history]
        for page in listing(self._transport, DEALS, query, read_records, after):
            onward = Bookmark(walk, page.after) if page.after else then
            yield _page(self._readings(page.answer, page.content), page.content.unread, onward)

    def _modified(self, since: datetime, after: str | None) -> Iterator[Page]:
        while True:
            found = self._search(since, after).decode(_SearchListing)
            ids = [int(each.id) for each in found.results]
            if not _rising([int(after or -1), *ids]):
                # Seen of HubSpot's search: results out of order. Then only the listing is sure.
                log.warning("HubSpot's search answered out of order; every deal is read instead")
                yield from self._active(None)
                return
            last = not ids or found.total <= len(ids)
            after = str(ids[-1]) if ids else after
            onward = Bookmark(Walk.ARCHIVED) if last else Bookmark(Walk.MODIFIED, after)
            yield self._by_id(ids, onward)
            if last:
                return

    def _search(self, since: datetime, after: str | None) -> Answer:
        """One page of modified deals' ids, by id, so that no page depends on the one before.

        Walking by id inside the search keeps clear of its limit of 10,000 results per query.
        """
        milliseconds = str(int(since.timestamp() * 1000))
        filters = [_filter("hs_lastmodifieddate", "GTE", milliseconds)]
        filters += [_filter("hs_object_id", "GT", after)] if after else []
        body = {
            "filterGroups": [{"filters": filters}],
            "sorts": [{"propertyName": "hs_object_id", "direction": "ASCENDING"}],
            "properties": ["hs_object_id"],
            "limit": FOUND,
        }
        return self._transport.read("POST", f"{DEALS}/search", body=body, pace=self._searches)

    def _by_id(self, ids: Sequence[int], onward: Bookmark) -> Page:
        readings: list[Reading] = []
        unread: list[Unread] = []
        for start in range(0, len(ids), WITH_HISTORY):
            asked = [str(each) for each in ids[start : start + WITH_HISTORY]]
            body = {
                "inputs": [{"id": each} for each in asked],
                "properties": self._properties,
                "propertiesWithHistory": self._history,
            }
            answer = self._transport.read("POST", f"{DEALS}/batch/read", body=body)
            read = read_records(answer)
            readings += self._readings(answer, read)
            unread += [*read.unread, *_withheld(asked, read)]
        return _page(readings, unread, onward)

    def _readings(self, answer: Answer, read: Decoded[Record]) -> list[Reading]:
        return [read_deal(record, self._tracked, answer.now) for record in read.records]


def _page(
    readings: Iterable[Reading], undecoded: Iterable[Unread], onward: Bookmark | None
) -> Page:
    readings = tuple(readings)
    return Page(
        deals=tuple(each.deal for each in readings if each.deal is not None),
        merged=tuple(merged for each in readings for merged in each.merged),
        unread=(*undecoded, *(one for each in readings for one in each.unread)),
        bookmark=onward.text() if onward else None,
    )


def _withheld(asked: Iterable[str], read: Decoded[Record]) -> Iterator[Unread]:
    """A trace of every deal that was found but not handed out (status 207 leaves some out)."""
    handed_out = {str(record.id) for record in read.records}
    handed_out |= {unread.record for unread in read.unread}
    for deal in asked:
        if deal not in handed_out:
            yield Unread(deal, None, "was found but could not be read; it may just be deleted", "")


def _rising(ids: Iterable[int]) -> bool:
    return all(first < second for first, second in pairwise(ids))


def _filter(name: str, operator: str, value: str) -> dict[str, Any]:
    return {"propertyName": name, "operator": operator, "value": value}
