"""A small instance on a clock that stands still, served over real HTTP."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests

from connector.sandbox import Instance, Sandbox, VirtualClock
from connector.sandbox.nutshell.records import Status

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
ADMIN = ("admin@example.com", "nutshell-sandbox-key")


class Client:
    """A client that knows the address and a credential."""

    def __init__(self, sandbox: Sandbox, session: requests.Session) -> None:
        self.sandbox = sandbox
        self.session = session
        self.session.auth = ADMIN

    def answer(self, path: str, method: str = "GET", **kw: Any) -> requests.Response:
        return self.session.request(method, f"{self.sandbox.url}/rest/{path}", timeout=10, **kw)

    def get(self, path: str, **query: Any) -> dict[str, Any]:
        answer = self.answer(path, params={_spelled(name): value for name, value in query.items()})
        assert answer.status_code == 200, answer.text
        return answer.json()

    def patch(self, path: str, steps: Any, media: str = "application/json-patch+json") -> Any:
        return self.answer(path, "PATCH", json=steps, headers={"Content-Type": media})

    def call(self, method: str, **params: Any) -> requests.Response:
        body = {"jsonrpc": "2.0", "id": "apeye", "method": method, "params": params}
        return self.session.post(f"{self.sandbox.url}/api/v1/json", json=body, timeout=10)

    def result(self, method: str, **params: Any) -> Any:
        answer = self.call(method, **params)
        assert answer.status_code == 200, answer.text
        return answer.json()["result"]


def _spelled(name: str) -> str:
    """`page` and `size` for what Python cannot spell."""
    return {"page": "page[page]", "size": "page[limit]"}.get(name, name)


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(NOW)


@pytest.fixture
def instance(clock: VirtualClock) -> Instance:
    """Pipeline 1 with stages 101 and 105, outcomes 3 (won), 7 (lost) and 11 (cancelled)."""
    instance = Instance()
    instance.clock = clock
    instance.pipelines.add_pipeline("Sales", ["Qualify", "Offer"], at=NOW - timedelta(days=900))
    instance.catalogue.add_outcome("Won", Status.WON)
    instance.catalogue.add_outcome("Price", Status.LOST)
    instance.catalogue.add_outcome("Called off", Status.CANCELLED)
    return instance


@pytest.fixture
def seller(instance: Instance) -> str:
    """The id of a seller in the team Blue, "5-users"."""
    blue = instance.people.add_team("Blue", at=NOW - timedelta(days=900))
    user = instance.people.add_user("Kari Hauge", "kari@example.com", teams=[blue], at=NOW)
    return user.ref


@pytest.fixture
def lead(instance: Instance) -> str:
    """The id of one lead that has stood in `Qualify` for ten days."""
    made = instance.add_lead(
        "A lead",
        101,
        amount="1000",
        expected=NOW + timedelta(days=30),
        at=NOW - timedelta(days=10),
    )
    return made.ref


@pytest.fixture
def many(instance: Instance) -> list[str]:
    """The ids of 25 leads, one a minute."""
    start = NOW - timedelta(days=1)
    return [
        instance.add_lead(
            f"Lead {n}", 101, amount=str(n), expected=NOW, at=start + timedelta(minutes=n)
        ).ref
        for n in range(25)
    ]


@pytest.fixture
def nutshell(instance: Instance) -> Iterator[Client]:
    with Sandbox(instance=instance) as sandbox, requests.Session() as session:
        yield Client(sandbox, session)
