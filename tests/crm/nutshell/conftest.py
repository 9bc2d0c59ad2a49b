"""A Nutshell whose every answer a test decides, in the shapes of the published facts."""

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlparse

import pytest
import responses

from connector.crm.nutshell import Nutshell, connect

USER, KEY = "admin@example.com", "a-secret-key-of-ours"
HOST = "https://app.nutshell.com"
BORN = 1755113219  # seconds; the time of the recorded answers
DAY = 86_400
DATE = {"Date": "Fri, 01 Jan 2027 00:00:00 GMT"}
FIELDS = {
    "confidence": "confidence",
    "product": "products",
    "source": "sources",
    "lost_reason": "outcome",
}


def a_lead(number: int = 1003, **more: Any) -> dict[str, Any]:
    """A lead as it was recorded (Nutshell facts 2.4, 2026-11)."""
    links = {"owner": "1-users", "stage": "101-stages", "stageset": "1-stagesets", "outcome": None}
    return {
        "id": f"{number}-leads",
        "type": "leads",
        "name": "Your first lead",
        "number": "1000",
        "status": "open",
        "confidence": 42,
        "priority": 0,
        "value": {"amount": 0, "currency": "USD", "formatted": ""},
        "createdTime": {"timestamp": BORN, "value": "Yesterday"},
        "closedTime": None,
        "anticipatedClosedTime": {"timestamp": BORN + 14 * DAY, "value": "August 27, 2025"},
        "deletedTime": None,
        "ownerType": "users",
        **more,
        "links": {**links, "products": [], "sources": [], **more.get("links", {})},
    }


def a_stage(number: int) -> dict[str, Any]:
    """A stage as an event has it."""
    return {"id": f"{number}-stages", "type": "stages", "name": "Qualify", "position": 1}


def an_event(number: int, at: int, *changes: tuple[str, Any, Any], lead: int = 1003) -> dict:
    """An event as it was recorded (Nutshell facts 5.1, 2026-11), `at` in seconds since birth."""
    return {
        "id": f"{number}-events",
        "type": "events",
        "createdTime": BORN + at,
        "actorType": "origins",
        "payloadType": "leads",
        "action": "stagechange",
        "changes": [{"attribute": a, "oldValue": old, "newValue": new} for a, old, new in changes],
        "count": None,
        "links": {"comments": [], "actor": "23-origins", "payloads": [f"{lead}-leads"]},
    }


class OddNutshell:
    """Serves leads, events and the rest from lists, with the oddities a test gives it.

    `most` caps how many records an answer has, whatever was asked for; `bare` answers lists without
    their envelope; `strict` answers 404 to a batch of which anything is not there; `deaf` heeds no
    `entity_id` and no `since_id`; `oldest_first` answers the latter with what is next to it.
    `asked` are the requests in order: method, or path, and query or params.
    """

    def __init__(self, mock: responses.RequestsMock) -> None:
        self.leads: list[Any] = []
        self.events: list[Any] = []
        self.deleted: list[Any] = []
        self.rest: dict[str, list[Any]] = {
            "stagesets": [{"id": "1-stagesets", "name": "Default pipeline", "status": 1}],
            "stages": [
                {"id": f"{n}-stages", "name": f"S{n}", "links": {"stageset": "1-stagesets"}}
                for n in (101, 105, 109)
            ],
            "users": [{"id": "1-users", "name": "A. Seller", "emails": [USER]}],
            "outcomes": [
                {"id": "3-outcomes", "name": "Signed", "type": 10},
                {"id": "7-outcomes", "name": "Price", "type": 11},
                {"id": "11-outcomes", "name": "Moved on", "status": "cancelled"},
            ],
        }
        self.found: dict[str, list[Any]] = {}
        self.most = 10_000
        self.bare = self.strict = self.deaf = self.oldest_first = False
        self.total: int | None = None
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.before_page = lambda number: None
        mock.add_callback("GET", re.compile(f"{HOST}/rest/.*"), self._rest)
        mock.add_callback("POST", f"{HOST}/api/v1/json", self._rpc)

    def crm(self, **fields: str) -> Nutshell:
        return connect(USER, KEY, fields=fields or FIELDS, requests_per_10s=100_000)

    def count(self, part: str) -> int:
        return sum(part in path for path, _ in self.asked)

    def _rest(self, request: Any) -> tuple[int, dict[str, str], str]:
        url = urlparse(request.url)
        query = {name: told[0] for name, told in parse_qs(url.query).items()}
        path = url.path.removeprefix("/rest/")
        self.asked.append((path, query))
        name, _, rest = path.partition("/")
        if name == "leads" and rest:
            return self._by_id(rest.replace("%2C", ",").split(","))
        if name == "leads":
            return self._page(int(query["page[page]"]), int(query["page[limit]"]))
        if name == "events":
            return self._events(self.deleted if rest else self.events, query)
        return self._told(name, self.rest[name])

    def _page(self, page: int, limit: int) -> tuple[int, dict[str, str], str]:
        size = min(limit, self.most)
        if limit > 1:
            self.before_page(page)
        return self._told("leads", self.leads[page * size : (page + 1) * size])

    def _by_id(self, ids: list[str]) -> tuple[int, dict[str, str], str]:
        known = {each["id"]: each for each in self.leads if isinstance(each, dict)}
        found = [known[each] for each in ids if each in known]
        if not found or (self.strict and len(found) < len(ids)):
            page = "<html><title>An Error Occurred: Not Found</title></html>"
            return 404, {"Content-Type": "text/html"}, page
        return self._told("leads", found[: self.most])

    def _events(self, events: list[Any], query: dict[str, str]) -> tuple[int, dict[str, str], str]:
        most = int(query.get("max_id", "999999-events").split("-")[0])
        told = sorted((e for e in events if _number(e) <= most), key=_number, reverse=True)
        if "entity_id" in query and not self.deaf:
            told = [e for e in told if query["entity_id"] in e["links"]["payloads"]]
        size = min(int(query["limit"]), self.most)
        if "since_id" in query and not self.deaf:
            told = [e for e in told if _number(e) > int(query["since_id"].split("-")[0])]
            told = told[-size:] if self.oldest_first else told
        return self._told("events", told[:size])

    def _told(self, name: str, records: list[Any]) -> tuple[int, dict[str, str], str]:
        total = len(self.leads) if self.total is None else self.total
        meta = {"count": 4, "total": total, "instanceId": 379104, "siteId": "x"}
        body = records if self.bare else {"meta": meta, "links": {}, name: records}
        return 200, {"Content-Type": "application/json", **DATE}, json.dumps(body)

    def _rpc(self, request: Any) -> tuple[int, dict[str, str], str]:
        call = json.loads(request.body)
        self.asked.append((call["method"], call["params"]))
        records = self.found.get(call["method"], [])
        if not call["method"].startswith("find"):
            return 200, {"Content-Type": "application/json"}, json.dumps({"result": records})
        size = min(call["params"]["limit"], self.most)
        page = call["params"]["page"] - 1
        told = {"result": records[page * size : (page + 1) * size], "id": "1", "error": None}
        return 200, {"Content-Type": "application/json"}, json.dumps(told)


def _number(event: dict[str, Any]) -> int:
    return int(str(event["id"]).split("-")[0])


@pytest.fixture
def odd() -> Iterator[OddNutshell]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield OddNutshell(mock)
