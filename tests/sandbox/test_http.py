"""The protocol: connections, dates, and the official client on top."""

import signal
import socket
import subprocess
import sys
import threading
import time
from datetime import timedelta
from http.client import HTTPConnection
from subprocess import PIPE

import pytest
import requests
from hubspot import Client

from connector.sandbox import Sandbox, SystemClock

DETAILS = "/account-info/v3/details"
KEY = {"Authorization": "Bearer pat-sandbox-read"}


def test_the_date_is_the_clocks(hub, clock):
    """A client that reads the Date header sees the sandbox's time."""
    clock.advance(timedelta(days=1, seconds=1))
    assert hub.get(DETAILS).headers["Date"] == "Sun, 22 Nov 2026 12:00:01 GMT"


def test_a_virtual_clock_only_goes_forward(clock):
    """Time that runs back would be a fault of the test."""
    with pytest.raises(ValueError, match="go back"):
        clock.advance(timedelta(seconds=-1))


def test_the_system_clock_moves():
    """Both of its times grow by themselves."""
    clock = SystemClock()
    now, seconds = clock.now(), clock.seconds()
    time.sleep(0.002)
    assert clock.now() > now
    assert clock.seconds() > seconds


def test_one_connection_serves_many_requests(hub):
    """HTTP/1.1 connections are kept alive, through errors and empty answers too."""
    connection = HTTPConnection(hub.sandbox.url.removeprefix("http://"), timeout=10)
    stage = "/crm/v3/pipelines/deals/sales/stages/nope"
    key = {"Authorization": "Bearer pat-sandbox-write"}
    sockets, statuses = set(), []
    for method, path in (("GET", DETAILS), ("GET", "/nope"), ("DELETE", stage), ("GET", DETAILS)):
        connection.request(method, path, headers=key)
        answer = connection.getresponse()
        answer.read()
        statuses.append(answer.status)
        sockets.add(connection.sock)
    connection.close()
    assert statuses == [200, 404, 204, 200]
    assert len(sockets) == 1
    assert None not in sockets


def test_leaving_ends_kept_connections(portal):
    """A stopped sandbox leaves no thread reading from a client that is still there."""
    before = threading.active_count()
    with requests.Session() as session:
        with Sandbox(portal) as sandbox:
            session.get(sandbox.url + DETAILS, headers=KEY, timeout=10)
        with pytest.raises(requests.ConnectionError):
            session.get(sandbox.url + DETAILS, headers=KEY, timeout=10)
    deadline = time.monotonic() + 5
    while threading.active_count() > before and time.monotonic() < deadline:
        time.sleep(0.01)
    assert threading.active_count() == before


def test_it_listens_on_loopback_only(hub):
    """Nobody else on the network reaches the sandbox."""
    assert hub.sandbox.url.startswith("http://127.0.0.1:")


def test_a_port_can_be_chosen(portal):
    """A demo wants a port people can type."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with Sandbox(portal, port=port) as sandbox:
        assert sandbox.url == f"http://127.0.0.1:{port}"


def test_it_serves_in_the_foreground_until_ctrl_c():
    """A demo runs until someone presses Ctrl-C, and then ends without complaint."""
    code = (
        "import signal\n"
        "from connector.sandbox import Portal, Sandbox\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"  # ignored in background
        "sandbox = Sandbox(Portal())\n"
        "print(sandbox.url, flush=True)\n"
        "sandbox.serve_forever()\n"
    )
    command = [sys.executable, "-W", "error", "-c", code]
    with subprocess.Popen(command, stdout=PIPE, stderr=PIPE, text=True) as process:
        url = process.stdout.readline().strip()
        assert requests.get(url + DETAILS, headers=KEY, timeout=10).status_code == 200
        process.send_signal(signal.SIGINT)
        try:
            _, complaint = process.communicate(timeout=10)
        finally:
            process.kill()
    assert (process.returncode, complaint) == (0, "")


def test_requests_are_remembered(hub):
    """Tests can ask what was sent, without its query."""
    hub.get(DETAILS, x=1)
    assert list(hub.sandbox.requests) == [("GET", DETAILS)]


def test_latency_delays_every_answer(portal):
    """Latency is real seconds a request."""
    with Sandbox(portal, latency=0.05) as sandbox:
        began = time.monotonic()
        requests.get(sandbox.url + DETAILS, headers=KEY, timeout=10)
        assert time.monotonic() - began >= 0.05


def test_many_threads_read_and_write_at_once(hub, portal, many):
    """One lock guards the portal: no request sees half an edit, none fails."""
    pairs = set()

    def write():
        for n in range(50):
            portal.move(many[n], "offer" if n % 2 else "appointmentscheduled")

    def read():
        url = f"{hub.sandbox.url}/crm/v3/objects/deals?limit=100"
        for _ in range(20):
            deals = requests.get(url, headers=KEY, timeout=10).json()["results"]
            values = [deal["properties"] for deal in deals]
            pairs.update((each["dealstage"], each["pipeline"]) for each in values)

    threads = [threading.Thread(target=work) for work in (write, read, read)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    moved = {("offer", "sales"), ("appointmentscheduled", "default")}
    assert pairs - {("met", "sales")} == moved


def test_the_official_client_is_at_home(hub, many):
    """HubSpot's own Python client reads pipelines, owners and deals from the sandbox."""
    client = Client.create(access_token="pat-sandbox-read", host=hub.sandbox.url)
    pipelines = client.crm.pipelines.pipelines_api.get_all("deals").results
    assert [pipeline.id for pipeline in pipelines] == ["default", "sales"]
    assert client.crm.owners.owners_api.get_page().results == []
    assert len(client.crm.deals.get_all(properties_with_history=["dealstage"])) == len(many)
