"""The ways HubSpot's deals are found, page by page, each page with a bookmark to go on from.

A full read walks the listing of active deals, then that of archived ones. A read since an instant
searches the ids of modified deals and reads those with their whole history, because a search knows
no history and a history cannot be filtered by date without losing changes (HubSpot facts, 2026-11);
the archived listing follows, for what a search never returns.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

import msgspec

from connector.crm.answers import Answer
from connector.crm.hubspot.deals import (
    MERGED_IDS,
    PLAIN_PROPERTIES,
    Reading,
    Record,
    read_deal,
    read_records,
)
from connector.crm.hubspot.endpoints import DEALS
from connector.crm.hubspot.paging import cursor_behind
from connector.crm.pace import Pace
from connector.crm.transport import Query, Transport
from connector.model import Page, Unread

# HubSpot's largest pages: with history, and of a search (2026-11).
WITH_HISTORY = 50
FOUND = 200
SEARCHES_PER_SECOND = 5


class _Found(msgspec.Struct):
    id: str | int


class _SearchListing(msgspec.Struct):
    results: list[_Found]
    total: int


class Bookmark(msgspec.Struct, frozen=True):
    """Where a read goes on: on which walk, and behind which cursor or id of it."""

    walk: str
    after: str | None = None

    def text(self) -> str:
        """The bookmark as the text a page carries."""
        return msgspec.json.encode(self).decode()


ACTIVE = Bookmark("active")
MODIFIED = Bookmark("modified")
ARCHIVED = Bookmark("archived")


class DealWalks:
    """Reads the deals of one portal; `tracked` maps our fields to HubSpot's property names."""

    def __init__(self, transport: Transport, tracked: Mapping[str, str]):
        self._transport = transport
        self._tracked = tracked
        self._history = [*tracked.values(), MERGED_IDS]
        self._properties = [*PLAIN_PROPERTIES, *self._history]
        self._searches = Pace(SEARCHES_PER_SECOND, 1.0)

    def pages(self, since: datetime | None, bookmark: str | None) -> Iterator[Page]:
        """All pages of a read, or those behind a bookmark."""
        first = ACTIVE if since is None else MODIFIED
        place = msgspec.json.decode(bookmark, type=Bookmark) if bookmark else first
        if place.walk == ACTIVE.walk:
            yield from self._listing(place, then=ARCHIVED)
            place = ARCHIVED
        if place.walk == MODIFIED.walk and since is not None:
            yield from self._modified(since, place)
            place = ARCHIVED
        yield from self._listing(place, then=None)

    def _listing(self, place: Bookmark, then: Bookmark | None) -> Iterator[Page]:
        after = place.after
        while True:
            query: Query = [("limit", str(WITH_HISTORY))]
            query += [("archived", "true" if place.walk == ARCHIVED.walk else "false")]
            query += [("properties", name) for name in self._properties]
            query += [("propertiesWithHistory", name) for name in self._history]
            query += [("after", after)] if after else []
            answer = self._transport.read("GET", DEALS, query)
            listing = read_records(answer)
            after = cursor_behind(answer, listing.paging, after)
            onward = Bookmark(place.walk, after) if after else then
            yield self._page(answer, listing.records, listing.unread, onward)
            if after is None:
                return

    def _modified(self, since: datetime, place: Bookmark) -> Iterator[Page]:
        after = place.after
        while True:
            answer = self._search(since, after)
            listing = answer.decode(_SearchListing)
            ids = [int(found.id) for found in listing.results]
            if ids != sorted(ids):
                # Seen of HubSpot's search: results out of order. Then only the listing is sure.
                yield from self._listing(ACTIVE, then=ARCHIVED)
                return
            last = not ids or listing.total <= len(ids)
            after = str(ids[-1]) if ids else after
            onward = ARCHIVED if last else Bookmark(MODIFIED.walk, after)
            yield self._by_id(ids, answer, onward)
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

    def _by_id(self, ids: list[int], found: Answer, onward: Bookmark | None) -> Page:
        records: list[Record] = []
        unread: list[Unread] = []
        for start in range(0, len(ids), WITH_HISTORY):
            body = {
                "inputs": [{"id": str(each)} for each in ids[start : start + WITH_HISTORY]],
                "properties": self._properties,
                "propertiesWithHistory": self._history,
            }
            read = read_records(self._transport.read("POST", f"{DEALS}/batch/read", body=body))
            records += read.records
            unread += read.unread
        return self._page(found, records, unread, onward)

    def _page(
        self,
        answer: Answer,
        records: Iterable[Record],
        unread: Iterable[Unread],
        onward: Bookmark | None,
    ) -> Page:
        readings: list[Reading] = [
            read_deal(record, self._tracked, answer.now) for record in records
        ]
        return Page(
            deals=tuple(each.deal for each in readings if each.deal is not None),
            merged=tuple(merged for each in readings for merged in each.merged),
            unread=(*unread, *(one for each in readings for one in each.unread)),
            bookmark=onward.text() if onward else None,
        )


def _filter(name: str, operator: str, value: str) -> dict[str, Any]:
    return {"propertyName": name, "operator": operator, "value": value}
