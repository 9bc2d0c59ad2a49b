"""The names of what leads point to; Nutshell's leads hold ids alone."""

import threading
from functools import cached_property

from connector.crm.nutshell import endpoints, rpc, shapes
from connector.crm.nutshell.statuses import Outcomes
from connector.crm.transport import Transport
from connector.errors import BadAnswer, Rejected

# Which method lists what a link leads to. That its numbers are those of REST is INFERRED (2026-11).
_LISTED_BY = {
    "products": "findProducts",
    "sources": "findSources",
    "territories": "findTerritories",
    "markets": "findMarkets",
    "competitors": "findCompetitors",
    "tags": "findTags",
}


class Names:
    """Reads each list of names once, and only when one of them is needed."""

    def __init__(self, transport: Transport):
        self._transport = transport
        self._known: dict[str, dict[str, str]] = {}
        self._lock = threading.RLock()

    @cached_property
    def outcomes(self) -> Outcomes:
        """The ways leads end; without names where the account does not tell them."""
        with self._lock:
            try:
                answer = self._transport.read("GET", endpoints.OUTCOMES)
                return Outcomes(shapes.rows(answer, "outcomes"))
            except (Rejected, BadAnswer):
                return Outcomes(rpc.find_where_known(self._transport, "findLead_Outcomes"))

    def of(self, remote: str) -> str | None:
        """The name of a record by its id; None where nobody knows one."""
        kind = remote.partition("-")[2]
        if kind not in _LISTED_BY:
            return None
        with self._lock:
            if kind not in self._known:
                self._known[kind] = dict(self._read(kind))
            return self._known[kind].get(remote)

    def _read(self, kind: str) -> list[tuple[str, str]]:
        found = rpc.find_where_known(self._transport, _LISTED_BY[kind])
        return [
            (f"{shapes.number(each.get('id'))}-{kind}", shapes.text(each.get("name")))
            for each in found
        ]
