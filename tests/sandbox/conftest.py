"""A small portal on a clock that stands still, served over real HTTP."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests

from connector.sandbox import Portal, Sandbox, VirtualClock
from connector.sandbox.hubspot.records import Permission, Stage

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
DEALS = "/crm/objects/2026-09/deals"
PIPELINES = "/crm/pipelines/2026-09/deals"
BORN = 1_700_000_000_000


class Hub:
    """A client that knows the address and a key."""

    def __init__(self, sandbox: Sandbox, session: requests.Session) -> None:
        self.sandbox = sandbox
        self.session = session
        self.key("pat-sandbox-write")

    def key(self, token: str) -> None:
        self.session.headers["Authorization"] = f"Bearer {token}"

    def __call__(self, method: str, path: str, body: Any = None, **kw: Any) -> requests.Response:
        return self.session.request(method, self.sandbox.url + path, json=body, timeout=10, **kw)

    def get(self, path: str, **query: Any) -> requests.Response:
        return self("GET", path, params=query)

    def post(self, path: str, body: Any) -> requests.Response:
        return self("POST", path, body)

    def patch(self, path: str, body: Any) -> requests.Response:
        return self("PATCH", path, body)

    def delete(self, path: str, **query: Any) -> requests.Response:
        return self("DELETE", path, params=query)

    def stage(self, stage: str, pipeline: str = "sales") -> dict[str, Any]:
        return self.get(f"{PIPELINES}/{pipeline}/stages/{stage}").json()

    def orders(self, pipeline: str = "sales") -> dict[str, int]:
        stages = self.get(f"{PIPELINES}/{pipeline}").json()["stages"]
        return {stage["id"]: stage["displayOrder"] for stage in stages}


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(NOW)


@pytest.fixture
def portal(clock: VirtualClock) -> Portal:
    """Pipelines `default` (one open stage, won, lost) and `sales`, which lists won first."""
    portal = Portal(rates={"SEK": 0.5})
    portal.clock = clock
    start = NOW - timedelta(days=900)
    portal.add_pipeline(
        "Default",
        [
            Stage("appointmentscheduled", "Appointment", 0, "0.2", BORN, BORN),
            Stage("closedwon", "Won", 1, "1.0", BORN, BORN),
            Stage("closedlost", "Lost", 2, "0.0", BORN, BORN),
        ],
        id="default",
        at=start,
    )
    portal.add_pipeline(
        "Sales",
        [
            Stage("won", "Won", 2, "1.0", BORN, BORN),
            Stage("lost", "Lost", 3, "0.0", BORN, BORN),
            Stage("met", "Met", 0, "0.1", BORN, BORN),
            Stage("offer", "Offer", 1, "0.6", BORN, BORN),
            Stage("locked", "Locked", 9, "0.7", BORN, BORN, Permission.READ_ONLY),
        ],
        id="sales",
        at=start,
    )
    return portal


@pytest.fixture
def deal(portal: Portal) -> int:
    """The id of one deal that stands in `met`."""
    values = {"dealname": "A", "dealstage": "met", "pipeline": "sales", "amount": "1000"}
    return portal.add_deal(values, NOW - timedelta(days=10), user_id=7).id


@pytest.fixture
def many(portal: Portal) -> list[int]:
    """The ids of 130 deals in `met`."""
    values = {"dealstage": "met", "pipeline": "sales"}
    return [
        portal.add_deal({"dealname": f"Deal {n}", "amount": str(n), **values}, NOW).id
        for n in range(130)
    ]


@pytest.fixture
def hub(portal: Portal, clock: VirtualClock) -> Iterator[Hub]:
    with Sandbox(portal, clock=clock) as sandbox, requests.Session() as session:
        yield Hub(sandbox, session)
