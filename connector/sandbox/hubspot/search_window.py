"""The common search, by ids and modified dates between bounds, quick also among many deals."""

from math import ceil, floor, inf
from typing import NamedTuple

from connector.sandbox.hubspot.portal import Portal
from connector.sandbox.hubspot.records import Deal

# The properties a window is of, and the attributes of a deal they tell.
BOUNDED = {"hs_object_id": "id", "hs_lastmodifieddate": "modified"}


class Window(NamedTuple):
    """Whole numbers that a deal's id and its modified instant lie between, both ends inside."""

    id_from: float = -inf
    id_to: float = inf
    modified_from: float = -inf
    modified_to: float = inf

    def narrowed(self, name: str, operator: str, bound: float) -> "Window | None":
        """The window after one more filter, or None where the filter is of another sort."""
        part = BOUNDED[name]
        low, high = getattr(self, f"{part}_from"), getattr(self, f"{part}_to")
        match operator:
            case "GT":
                return self._replace(**{f"{part}_from": max(low, floor(bound) + 1)})
            case "GTE":
                return self._replace(**{f"{part}_from": max(low, ceil(bound))})
            case "LT":
                return self._replace(**{f"{part}_to": min(high, ceil(bound) - 1)})
            case "LTE":
                return self._replace(**{f"{part}_to": min(high, floor(bound))})
            case _:
                return None

    def holds(self, deal: Deal) -> bool:
        """Whether a deal lies inside."""
        inside = self.modified_from <= deal.modified <= self.modified_to
        return inside and self.id_from <= deal.id <= self.id_to

    def deals(self, portal: Portal, newest: float) -> list[Deal]:
        """The active deals inside, by id, that were modified no later than `newest`."""
        low, high, last = self.modified_from, min(self.modified_to, newest), self.id_to
        return [
            deal
            for deal in map(portal.deals.__getitem__, portal.ids_from(self.id_from))
            if low <= deal.modified <= high
            and deal.id <= last
            and deal.archived is None
            and deal.merged_into is None
        ]
