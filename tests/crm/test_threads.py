"""Many threads on one transport: its limits, its retries and its end."""

import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
import urllib3

from connector.crm.exchange import Exchanges
from connector.crm.hubspot.endpoints import DEALS
from connector.crm.hubspot.exchanges import PoolExchanges
from connector.crm.nutshell.exchanges import Credential, SessionExchanges
from connector.crm.pace import Clock, Pace
from connector.crm.patience import Patience
from connector.crm.transport import Bounds, Transport
from connector.errors import ConnectorError, QuotaUsedUp, Unreachable
from connector.sandbox import Portal, Sandbox, VirtualClock

THREADS = 24
KEY = {"Authorization": "Bearer pat-sandbox-read"}
SEARCH = {"filterGroups": [], "properties": ["hs_object_id"], "limit": 200}


class SandboxClock(Clock):
    """Waiting puts the sandbox's own clock forward, once nothing under way can end it."""

    def __init__(self, sandbox_clock: VirtualClock) -> None:
        self._sandbox_clock = sandbox_clock

    def seconds(self) -> float:
        return self._sandbox_clock.seconds()

    def wait(self, bell: threading.Condition | threading.Event, seconds: float | None) -> None:
        if seconds is None:
            bell.wait()
        elif not bell.wait(0.6):
            self._sandbox_clock.advance(timedelta(seconds=seconds, microseconds=1))


def together(count: int, work: Callable[[], object]) -> list[BaseException | object]:
    """What came of the work in each of so many threads, none of which is left."""
    came: list[BaseException | object] = []

    def go() -> None:
        try:
            came.append(work())
        except ConnectorError as error:
            came.append(error)

    threads = [threading.Thread(target=go) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(came) == count
    return came


def over_urllib3(url: str, bounds: Bounds) -> Exchanges:
    return PoolExchanges(url, urllib3.PoolManager(maxsize=THREADS), KEY, bounds)


def over_requests(url: str, bounds: Bounds) -> Exchanges:
    return SessionExchanges(url, Credential("a@b.example", "k"), bounds, THREADS)


@pytest.fixture(params=[over_urllib3, over_requests])
def quick(request, server) -> Callable[..., Transport]:
    """Makes transports to the raw server that wait in earnest, over each of the libraries."""

    def make(bounds: Bounds | None = None, **named) -> Transport:
        bounds = bounds or Bounds(connect=1.0, exchange=20.0)
        exchanges = request.param(server.url, bounds)
        return Transport("HubSpot", exchanges, Pace(1000, 10.0), bounds=bounds, **named)

    return make


class Limited:
    """A sandbox with a limit on a clock of its own, and transports to it that are told of none."""

    def __init__(self, sandbox: Sandbox, clock: VirtualClock) -> None:
        self.clock = SandboxClock(clock)
        self._url = sandbox.url

    def transport(self, limit: int = 190) -> Transport:
        pool = urllib3.PoolManager(maxsize=THREADS)
        pace = Pace(limit, 10.0, self.clock)
        exchanges = PoolExchanges(self._url, pool, KEY, Bounds())
        return Transport("HubSpot", exchanges, pace, clock=self.clock)


@pytest.fixture
def limited() -> Iterator[Limited]:
    clock = VirtualClock(datetime(2026, 11, 21, tzinfo=UTC))
    with Sandbox(Portal(), clock=clock, rate=15) as sandbox:
        yield Limited(sandbox, clock)


def a_page(transport: Transport) -> object:
    return transport.read("GET", DEALS, [("limit", "1")])


# --- limits ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [1, THREADS])
def test_a_quota_is_used_to_the_last_request_and_never_beyond(limited: Limited, count: int):
    """At 15 requests per ten seconds, told by headers alone, no 429 comes and no time is lost."""
    requests = 72  # 3,000 deals take about as many
    transport = limited.transport()
    together(count, lambda: [a_page(transport) for _ in range(requests // count)])
    floor = (-(-requests // 15) - 1) * 10
    assert floor <= limited.clock.seconds() <= 1.05 * floor + 2
    usage = transport.usage
    assert (usage.requests, usage.throttled, usage.retries, usage.burst) == (requests, 0, 0, 15)


def test_searches_have_a_pace_of_their_own(limited: Limited):
    """Searches keep to five a second and take nothing from the other requests' limit."""
    transport, searches = limited.transport(), Pace(5, 1.0, limited.clock)

    def share() -> None:
        transport.read("POST", f"{DEALS}/search", body=SEARCH, pace=searches)
        a_page(transport)

    together(15, share)
    usage = transport.usage
    assert (usage.requests, usage.searches, usage.throttled) == (30, 15, 0)
    assert 2.0 <= limited.clock.seconds() <= 2.1


def test_another_run_of_the_same_key_is_noticed(limited: Limited):
    """What another run has just used of the limit is not asked for a second time."""
    other, transport = limited.transport(), limited.transport()
    together(1, lambda: [a_page(other) for _ in range(9)])
    a_page(transport)
    together(13, lambda: a_page(transport))
    assert transport.usage.throttled == 0
    assert 10.0 <= limited.clock.seconds() <= 10.3


# --- faults and the end ---------------------------------------------------------------------------


def test_a_429_holds_everybody(quick, server, answer):
    """One thread is told to wait, and all of them do, instead of each finding out for itself."""
    server.plays(answer(b'{"policyName": "SECONDLY"}', 429, Retry_After="0.5"), answer())
    transport = quick()
    first = threading.Thread(target=transport.read, args=("GET", "/"))
    first.start()
    while not transport.usage.throttled:
        time.sleep(0.01)
    began = time.monotonic()
    together(THREADS, lambda: transport.read("GET", "/"))
    first.join()
    assert 0.4 < time.monotonic() - began < 2.0
    assert (transport.usage.throttled, transport.usage.retries) == (1, 1)


def test_connections_are_kept_for_all_threads(quick, server, answer):
    """Two dozen threads need two dozen connections at most, however much they ask."""
    server.plays(answer())
    transport = quick()
    together(THREADS, lambda: [transport.read("GET", "/") for _ in range(10)])
    assert transport.usage.requests == 240
    assert server.connections <= THREADS


def test_an_ended_run_leaves_no_thread(quick, server, answer):
    """Who waits for an answer, for a limit or between tries ends at once, and nobody asks again."""
    server.plays(answer(status=503), lambda connection: connection.recv(1))
    transport, tight = quick(), Pace(1, 60.0)
    paces = iter([None] * 8 + [tight] * 4)
    began = time.monotonic()
    stop = threading.Timer(0.3, transport.stop)
    stop.start()
    came = together(12, lambda: transport.read("GET", "/", pace=next(paces)))
    stop.join()
    assert time.monotonic() - began < 2.0
    assert all(isinstance(error, Unreachable) for error in came)
    asked = len(server.asked)
    with pytest.raises(Unreachable, match="the run had ended"):
        transport.read("GET", "/")
    assert len(server.asked) == asked


def test_a_run_has_one_budget_of_waiting(quick, server, answer):
    """With nothing but failures all threads give up within the budget, naming the last answer."""
    server.plays(answer(status=503))
    transport = quick(bounds=Bounds(waiting=1.5, attempts=1000))
    began = time.monotonic()
    came = together(6, lambda: transport.read("GET", "/deals"))
    assert time.monotonic() - began < 2.5
    assert 0 < transport.usage.waited <= 1.5
    assert all("failed on GET /deals with status 503. Tried" in str(error) for error in came)
    assert 6 < len(server.asked) < 200


def test_an_outage_costs_its_own_length_in_however_many_threads(clock):
    """Seconds that several threads wait through are taken off the budget once."""
    patience = Patience(2, 100.0, clock.waited.append, clock)
    for _ in range(16):
        patience.spend(clock.seconds(), 4.0)
    clock.waited.append(3.0)
    patience.spend(clock.seconds(), 4.0)
    patience.spend(20.0, 5.0)
    assert patience.waits.seconds == 12.0


def test_all_that_goes_by_for_nothing_is_waiting(quick, server, answer):
    """Answers that did not come, and the time a refusal asks for, count as what lies between."""
    server.plays(lambda connection: connection.recv(1))
    transport = quick(bounds=Bounds(exchange=0.4, waiting=60.0, attempts=2))
    together(1, lambda: transport.read("GET", "/"))
    assert transport.usage.waited >= 0.8
    server.plays(answer(status=429, Retry_After="60"))
    together(1, lambda: transport.read("GET", "/"))
    assert transport.usage.waited >= 60.0
    assert len(server.asked) == 3


def test_the_reserve_of_the_day_ends_every_thread(quick, server, answer):
    """Once no more than the reserve is left, nobody asks for anything, and the message says why."""
    day = {"X_HubSpot_RateLimit_Daily": "1000", "X_HubSpot_RateLimit_Daily_Remaining": "100"}
    server.plays(answer(**day))
    transport = quick(daily_reserve=0.1)
    transport.read("GET", "/")
    came = together(6, lambda: transport.read("GET", "/"))
    assert all(isinstance(error, QuotaUsedUp) for error in came)
    assert "100 of 1,000 requests left" in str(came[0])
    assert len(server.asked) == 1
    assert (transport.usage.daily, transport.usage.daily_left) == (1000, 100)
