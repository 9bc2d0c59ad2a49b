"""A raw HTTP server whose every byte a test decides, and the worlds the contract is proved in."""

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import pytest
import urllib3

from connector.crm import nutshell, values
from connector.crm.exchange import Exchanges
from connector.crm.hubspot import connect
from connector.crm.hubspot.exchanges import PoolExchanges
from connector.crm.nutshell.exchanges import Credential, SessionExchanges
from connector.crm.pace import Clock, Pace
from connector.crm.transport import Bounds, Transport
from connector.model import Crm, Field
from connector.sandbox import Portal, Sandbox, VirtualClock
from connector.sandbox.hubspot.records import Permission, Stage
from connector.sandbox.nutshell.instance import Instance
from connector.sandbox.nutshell.records import Status

TOKEN = "pat-na1-a-secret"
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
DEALS = 230

Reply = bytes | Callable[[socket.socket], None]


class Asked(NamedTuple):
    """One request as the server read it."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes


class RawServer:
    """Plays its replies in turn, the last one for ever, and remembers what it was asked.

    A reply is bytes, after which the connection stays open, or a function that does with the
    socket what it likes, after which the connection is closed.
    """

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.connections = 0
        self.over = threading.Event()
        self._replies: list[Reply] = []
        self._replies_at: dict[str, list[Reply]] = {}
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._open: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._listening.getsockname()[1]}"

    def plays(self, *replies: Reply) -> None:
        self._replies = list(replies)

    def plays_at(self, part: str, *replies: Reply) -> None:
        """Play these, in turn, to requests whose target holds this text."""
        self._replies_at[part] = list(replies)

    def close(self) -> None:
        self.over.set()
        with contextlib.suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        for connection in self._open:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()
        self._listening.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listening.accept()
                self.connections += 1
                self._open.append(connection)
                self._threads.append(threading.Thread(target=self._serve, args=(connection,)))
                self._threads[-1].start()

    def _replies_to(self, target: str) -> list[Reply]:
        known = (replies for part, replies in self._replies_at.items() if part in target)
        return next(known, self._replies)

    def _serve(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError), connection, connection.makefile("rb") as incoming:
            while first := incoming.readline():
                self.asked.append(_request(first, incoming))
                replies = self._replies_to(self.asked[-1].target)
                reply = replies.pop(0) if len(replies) > 1 else replies[0]
                if callable(reply):
                    reply(connection)
                    return
                connection.sendall(reply)


def _request(first: bytes, incoming) -> Asked:
    method, target, _ = first.decode().split()
    headers = {}
    while line := incoming.readline().strip():
        name, _, value = line.decode().partition(":")
        headers[name.lower()] = value.strip()
    return Asked(method, target, headers, incoming.read(int(headers.get("content-length", 0))))


@pytest.fixture
def server() -> Iterator[RawServer]:
    raw = RawServer()
    yield raw
    raw.close()


@pytest.fixture
def answer() -> Callable[..., bytes]:
    """Writes one whole HTTP answer."""

    def write(body: bytes = b"{}", status: int = 200, **headers: str) -> bytes:
        told = {"Content-Type": "application/json", "Content-Length": str(len(body))}
        told |= {name.replace("_", "-"): value for name, value in headers.items()}
        head = "".join(f"{name}: {value}\r\n" for name, value in told.items())
        return f"HTTP/1.1 {status} Word\r\n{head}\r\n".encode() + body

    return write


class HastyClock(Clock):
    """A clock on which nobody waits: it is put forward instead, by as much as was asked for."""

    def __init__(self) -> None:
        self.waited: list[float] = []
        self._lock = threading.Lock()

    def seconds(self) -> float:
        return sum(self.waited)

    def wait(self, bell: threading.Condition | threading.Event, seconds: float | None) -> None:
        if seconds is None:
            bell.wait()
        else:
            with self._lock:
                self.waited.append(seconds)


@pytest.fixture
def clock() -> HastyClock:
    return HastyClock()


@pytest.fixture
def pace(clock: HastyClock) -> Pace:
    return Pace(1000, 10.0, clock)


BOUNDS = Bounds(connect=1.0, exchange=0.3, answer=100_000, attempts=3)
USER = "admin@example.com"


def over_urllib3(url: str) -> tuple[str, Exchanges]:
    """HubSpot's way."""
    authorized = {"Authorization": f"Bearer {TOKEN}"}
    return "HubSpot", PoolExchanges(url, urllib3.PoolManager(), authorized, BOUNDS)


def over_requests(url: str) -> tuple[str, Exchanges]:
    """Nutshell's way."""
    return "Nutshell", SessionExchanges(url, Credential(USER, TOKEN), BOUNDS, 4)


@pytest.fixture(params=[over_urllib3, over_requests])
def transport(request, server: RawServer, pace: Pace, clock: HastyClock) -> Iterator[Transport]:
    """A transport to the raw server with a short deadline, over each of the libraries."""
    crm, exchanges = request.param(server.url)
    yield Transport(crm, exchanges, pace, bounds=BOUNDS, clock=clock)
    exchanges.give_up()


class HubSpotWorld:
    """A small portal in the sandbox, and what is true of it."""

    account_id = "146210777"
    write_scope = "crm.schemas.deals.write"
    pipeline, stage, closed_to_us = "sales", "met", "signed"
    nobody = "404"
    exact = Field.ALWAYS
    pipelines = {  # noqa: RUF012
        "sales": [
            ("met", "Møte avtalt", 0.2, "open", True),
            ("examined", "Produkt undersøkt", 0.5, "open", True),
            ("signed", "Kontrakt signert", 1.0, "won", False),
            ("lost", "Tapt", 0.0, "lost", True),
        ],
        "partners": [("p1", "Ny", 0.1, "open", True)],
    }
    owners = [("Kari Berg", "Norge"), ("Ola Berg", "Norge")]  # noqa: RUF012
    former_owners = [("Nils Berg", "Norge")]  # noqa: RUF012

    def __init__(self) -> None:
        self.clock = VirtualClock(NOW)
        self.portal = Portal(name="Fjordkraft Pumper")
        self._fill()
        self._sandbox = Sandbox(self.portal, clock=self.clock)

    def __enter__(self) -> "HubSpotWorld":
        self._sandbox.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        self._sandbox.__exit__(None, None, None)

    def crm(self, key: str = "pat-sandbox-write") -> Crm:
        return connect(key, base_url=self._sandbox.url)

    def reading_crm(self) -> Crm:
        return self.crm("pat-sandbox-read")

    def _fill(self) -> None:
        spring = NOW - timedelta(days=200)
        born = round(spring.timestamp() * 1000)
        team = self.portal.people.add_team("Norge")
        for first, gone in (("Kari", False), ("Ola", False), ("Nils", True)):
            email = f"{first}@fjordkraft.example"
            self.portal.people.add_owner(
                first, "Berg", email=email, teams=[team], archived=gone, at=spring
            )
        stages = [  # not in their order, as in a listing of HubSpot
            Stage("signed", "Kontrakt signert", 8, "1.0", born, born, Permission.READ_ONLY),
            Stage("met", "Møte avtalt", 0, "0.20", born, born),
            Stage("examined", "Produkt undersøkt", 3, "0.5", born, born),
            Stage("lost", "Tapt", 9, "0.0", born, born),
        ]
        self.portal.add_pipeline("Nysalg", stages, id="sales", at=spring)
        partner = [Stage("p1", "Ny", 0, "0.1", born, born)]
        self.portal.add_pipeline("Partnere", partner, id="partners", at=spring)
        ids = [self._add(n, spring + timedelta(hours=n)) for n in range(DEALS)]
        for deal in ids[::40]:
            self.portal.archive(deal, NOW - timedelta(days=3))
        for winner, loser in zip(ids[1::50], ids[2::50], strict=True):
            self.portal.merge(winner, loser, NOW - timedelta(days=2))

    def _add(self, n: int, at: datetime) -> int:
        owner = list(self.portal.people.owners)[n % 3]
        sent = {"dealname": f"Avtale {n}", "amount": f"{n}00.50", "hubspot_owner_id": str(owner)}
        deal = self.portal.add_deal(sent, at).id
        path = ("met", "examined", "met", "signed" if n % 2 else "lost")[: n % 5]
        for step, stage in enumerate(path or ("p1",)):
            self.portal.move(deal, stage, at + timedelta(days=9 * step), user_id=28_604_001)
        if n % 7 == 0:
            self.portal.set(deal, "amount", "", at + timedelta(days=40))
        return deal

    # What people in the account do.

    def raise_amount(self, deal: str) -> None:
        self.portal.set(deal, "amount", "77777")

    def archive(self, deal: str) -> None:
        self.portal.archive(deal)

    # What is true.

    def listed(self, *, archived: bool) -> set[str]:
        deals = self.portal.deals.values()
        return {str(deal.id) for deal in deals if deal.listed(archived=archived)}

    def merged(self) -> dict[str, str]:
        deals = self.portal.deals.values()
        return {str(d.id): str(d.merged_into) for d in deals if d.merged_into is not None}

    def present(self, deal: str) -> dict[str, str | None]:
        """The present values of a deal's fields, in canonical text."""
        record = self.portal.deal(deal)
        amount, closes = record.value("amount"), record.value("closedate")
        return {
            Field.STAGE: record.value("dealstage"),
            Field.PIPELINE: record.value("pipeline"),
            Field.AMOUNT: amount and values.amount(amount),
            Field.CLOSE_DATE: closes and values.date_text(closes),
            Field.OWNER: record.value("hubspot_owner_id"),
            Field.FORECAST_CATEGORY: None,
        }

    def stages_of(self, deal: str) -> list[tuple[str, datetime, str]]:
        """Every stage a deal entered, when, and by which user's hand."""
        return [
            (v.value, datetime.fromtimestamp(v.at / 1000, UTC), str(v.user_id))
            for v in self.portal.deal(deal).history["dealstage"]
        ]


class NutshellWorld:
    """A small instance in the sandbox, and what is true of it."""

    account_id = "379104"
    pipeline, stage = "1-stagesets", "101-stages"
    nobody = "404-leads"
    exact = (Field.STAGE, Field.PIPELINE)
    pipelines = {  # noqa: RUF012
        "1-stagesets": [
            ("101-stages", "Møte avtalt", None, "open", False),
            ("105-stages", "Produkt undersøkt", None, "open", False),
            ("1-stagesets:won", "Won", 1.0, "won", False),
            ("1-stagesets:lost", "Lost", 0.0, "lost", False),
            ("1-stagesets:cancelled", "Cancelled", 0.0, "lost", False),
        ],
        "5-stagesets": [
            ("109-stages", "Ny", None, "open", False),
            ("5-stagesets:won", "Won", 1.0, "won", False),
            ("5-stagesets:lost", "Lost", 0.0, "lost", False),
            ("5-stagesets:cancelled", "Cancelled", 0.0, "lost", False),
        ],
    }
    owners = [("Admin", ""), ("Kari Berg", ""), ("Ola Berg", ""), ("Norge", "Norge")]  # noqa: RUF012
    former_owners = [("Nils Berg", "")]  # noqa: RUF012

    def __init__(self) -> None:
        self.clock = VirtualClock(NOW)
        self.instance = Instance(self.account_id)
        self.instance.clock = self.clock
        self._changes: dict[str, list[tuple[str, datetime, str]]] = {}
        self._fill()
        self._sandbox = Sandbox(instance=self.instance, clock=self.clock)

    def __enter__(self) -> "NutshellWorld":
        self._sandbox.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        self._sandbox.__exit__(None, None, None)

    def crm(self, key: str = "nutshell-sandbox-key") -> Crm:
        return nutshell.connect(
            "admin@example.com", key, base_url=self._sandbox.url, requests_per_10s=1000
        )

    def reading_crm(self) -> Crm:
        return self.crm()

    def _fill(self) -> None:
        spring = NOW - timedelta(days=200)
        people, pipelines = self.instance.people, self.instance.pipelines
        people.add_team("Norge", at=spring)
        for first in ("Kari", "Ola", "Nils"):
            people.add_user(f"{first} Berg", f"{first}@fjordkraft.example", at=spring)
        people.disable_user(13)
        pipelines.add_pipeline("Nysalg", ["Møte avtalt", "Produkt undersøkt"], at=spring)
        pipelines.add_pipeline("Partnere", ["Ny"], at=spring)
        for name, status in (("Signert", Status.WON), ("Pris", Status.LOST)):
            self.instance.catalogue.add_outcome(name, status)
        ids = [self._add(n, spring + timedelta(hours=n)) for n in range(DEALS)]
        for lead in ids[::40]:
            self.instance.delete(lead, at=NOW - timedelta(days=3))

    def _add(self, n: int, at: datetime) -> int:
        path = ("101-stages", "105-stages", "101-stages", "won" if n % 2 else "lost")[: n % 5]
        begun, *later = path or ("109-stages",)
        owner = ("5-users", "9-users", "59-teams")[n % 3]
        lead = self.instance.add_lead(
            f"Avtale {n}", begun, amount=f"{n}00.50", owner=owner, by="5-users", at=at
        ).id
        pipeline = "5-stagesets" if begun == "109-stages" else "1-stagesets"
        entered = [(begun, at)]
        for step, stage in enumerate(later, 1):
            moved = at + timedelta(days=9 * step)
            if stage in ("won", "lost"):
                self.instance.close(lead, 3 if stage == "won" else 7, by="5-users", at=moved)
                entered.append((f"{pipeline}:{stage}", moved))
            else:
                self.instance.move(lead, stage, by="5-users", at=moved)
                entered.append((stage, moved))
        self._changes[f"{lead}-leads"] = [(stage, moved, "5-users") for stage, moved in entered]
        if n % 7 == 0:
            self.instance.set_value(lead, "7.25", at=at + timedelta(days=40))
        return lead

    # What people in the account do.

    def raise_amount(self, deal: str) -> None:
        self.instance.set_value(deal, "77777")

    def archive(self, deal: str) -> None:
        self.instance.delete(deal)

    # What is true.

    def listed(self, *, archived: bool) -> set[str]:
        leads = self.instance.leads.values()
        return set() if archived else {lead.ref for lead in leads if lead.deleted is None}

    def merged(self) -> dict[str, str]:
        return {}

    def present(self, deal: str) -> dict[str, str | None]:
        """The present values of a lead's fields, in canonical text."""
        lead, stage = self.instance.lead(deal), self._changes[deal][-1][0]
        return {
            Field.STAGE: stage,
            Field.PIPELINE: "5-stagesets" if stage == "109-stages" else "1-stagesets",
            Field.AMOUNT: values.amount(str(lead.amount)),
            Field.CLOSE_DATE: None,
            Field.OWNER: lead.owner,
            Field.FORECAST_CATEGORY: None,
        }

    def stages_of(self, deal: str) -> list[tuple[str, datetime, str]]:
        """Every stage a lead entered, when, and by which user's hand."""
        return self._changes[deal]


WORLDS = {"hubspot": HubSpotWorld, "nutshell": NutshellWorld}


@pytest.fixture(params=WORLDS)
def world(request) -> Iterator[HubSpotWorld | NutshellWorld]:
    with WORLDS[request.param]() as world:
        yield world
