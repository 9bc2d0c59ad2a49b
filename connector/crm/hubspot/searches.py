"""HubSpot's search of deals: ids, and how many there are.

It is fast and costs nothing of the ten-second quota, but it lags behind, knows no history, ends at
10,000 results and has been seen out of order (HubSpot facts, 2026-11). So it finds ids in windows
that begin behind the last id found, and what contradicts itself is not believed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any

import msgspec

from connector.crm import values
from connector.crm.hubspot.endpoints import DEALS
from connector.crm.hubspot.paging import Paging
from connector.crm.hubspot.stretches import Disorder, rising
from connector.crm.pace import Pace
from connector.crm.transport import Transport

# HubSpot's largest page of a search, and how many searches an account may send (2026-11).
FOUND = 200
SEARCHES_PER_SECOND = 5
MODIFIED = "hs_lastmodifieddate"


class _FoundJson(msgspec.Struct):
    id: Annotated[str, msgspec.Meta(pattern="^[0-9]+$")] | int
    properties: dict[str, Any] | None = None

    def modified(self) -> datetime | None:
        """When it was modified last, where the answer says so."""
        try:
            return values.instant(str((self.properties or {}).get(MODIFIED)))
        except ValueError:
            return None


class _Listing(msgspec.Struct):
    results: list[_FoundJson]
    total: int
    paging: Paging | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """One page of a search: the ids, how many match in all, and whether more were said to come.

    `modified` says of ids, as text, when the deal was modified last, as far as the search knows.
    """

    ids: tuple[int, ...]
    total: int
    more: bool
    modified: Mapping[str, datetime] = field(default_factory=dict)


class Searches:
    """The searches of one account, which have a pace of their own."""

    def __init__(self, transport: Transport):
        self._transport = transport
        self._pace = Pace(SEARCHES_PER_SECOND, 1.0)

    def modified(self, since: datetime, after: int | None) -> Found:
        """The ids of deals modified since an instant that lie behind an id, in their order.

        Raises `Disorder` where the answer contradicts what was asked, or itself.
        """
        filters = [_filter(MODIFIED, "GTE", str(int(since.timestamp() * 1000)))]
        filters += [] if after is None else [_filter("hs_object_id", "GT", str(after))]
        found = self._search(filters, "ASCENDING", FOUND)
        told_too_few = found.total < len(found.ids)
        if told_too_few or not rising([-1 if after is None else after, *found.ids]):
            raise Disorder
        if found.total and not found.ids:
            raise Disorder
        return found

    def last(self) -> Found:
        """The active deal with the highest id, and how many active deals there are."""
        return self._search([], "DESCENDING", 1)

    def _search(self, filters: list[dict[str, Any]], direction: str, limit: int) -> Found:
        body = {
            "filterGroups": [{"filters": filters}] if filters else [],
            "sorts": [{"propertyName": "hs_object_id", "direction": direction}],
            "properties": [MODIFIED],
            "limit": limit,
        }
        answer = self._transport.read("POST", f"{DEALS}/search", body=body, pace=self._pace)
        listing = answer.decode(_Listing)
        ids = tuple(int(each.id) for each in listing.results)
        more = listing.paging is not None and listing.paging.next is not None
        dated = {str(each.id): at for each in listing.results if (at := each.modified())}
        return Found(ids, listing.total, bool(ids) and (more or listing.total > len(ids)), dated)


def _filter(name: str, operator: str, value: str) -> dict[str, Any]:
    return {"propertyName": name, "operator": operator, "value": value}
