import contextlib
import socket
import threading
import time
from collections.abc import Iterator

import pytest
import urllib3
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError

from connector.crm.deadline import look_up, punctual

SOON = 1.0  # how much later than its deadline a call may end


@pytest.fixture
def full() -> Iterator[int]:
    """The port of a server that is there and lets nobody in: its queue of callers is full."""
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        for _ in range(4):
            caller = stack.enter_context(socket.socket())
            caller.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                caller.connect(server.getsockname())
        yield server.getsockname()[1]


def test_a_connection_is_made_in_time_or_not_at_all(full: int):
    """A host that lets nobody in costs the time a connection may take, and no more."""
    pool = urllib3.PoolManager()
    punctual(pool)
    began = time.monotonic()
    with pytest.raises(ConnectTimeoutError, match=r"no connection to 127\.0\.0\.1"):
        pool.request("GET", f"http://127.0.0.1:{full}/", timeout=0.3, retries=False)
    assert 0.3 <= time.monotonic() - began < 0.3 + SOON


def test_a_name_is_looked_up_in_time_or_not_at_all():
    """A name server that does not answer costs the time a connection may take, and no more."""
    over = threading.Event()
    began = time.monotonic()
    with pytest.raises(TimeoutError, match=r"no address of crm\.example was found in 0\.2 s"):
        look_up("crm.example", 443, 0.2, ask=lambda *_, **__: over.wait(5) and [])
    assert time.monotonic() - began < 0.2 + SOON
    over.set()


def test_a_name_nobody_knows_is_told_as_such():
    """A name without an address is a connection that cannot be made."""
    pool = urllib3.PoolManager()
    punctual(pool)
    with pytest.raises((NewConnectionError, ConnectTimeoutError), match="no-such-host"):
        pool.request("GET", "http://no-such-host.invalid/", timeout=5.0, retries=False)


@pytest.mark.parametrize("host", ["a..b", "x" * 64 + ".example"])
def test_a_name_that_cannot_be_one_is_told_as_such(host: str):
    """What no name server could be asked for is no surprise either."""
    with pytest.raises(OSError, match=r"\w"):
        look_up(host, 443, 5.0)


def test_the_second_address_is_tried_when_the_first_does_not_answer(server, answer):
    """A host is reached as long as one of its addresses answers; localhost has two of them."""
    server.plays(answer(b"[]"))
    pool = urllib3.PoolManager()
    punctual(pool)
    url = server.url.replace("127.0.0.1", "localhost")
    assert pool.request("GET", url, timeout=2.0, retries=False).data == b"[]"


def test_what_is_under_way_can_be_given_up(server):
    """A thread that waits for an answer, or for the rest of one, gets an error at once."""
    sent = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n"

    def begin(connection: socket.socket) -> None:
        connection.sendall(sent)
        connection.recv(1)

    server.plays(lambda connection: connection.recv(1), begin)
    pool = urllib3.PoolManager()
    under_way, faults = punctual(pool), []

    def ask() -> None:
        try:
            pool.request("GET", server.url, timeout=30.0, retries=False)
        except HTTPError as fault:
            faults.append(fault)

    threads = [threading.Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    while len(server.asked) < 2:
        time.sleep(0.01)
    time.sleep(0.05)
    under_way.give_up()
    for thread in threads:
        thread.join(SOON)
    assert len(faults) == 2
