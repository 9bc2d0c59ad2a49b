"""A raw HTTP server whose every byte a test decides, and the worlds the contract is proved in."""

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from typing import NamedTuple

import pytest
import urllib3

from connector.crm.pace import Pace
from connector.crm.transport import Bounds, Transport

TOKEN = "pat-na1-a-secret"

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
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._open: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._listening.getsockname()[1]}"

    def plays(self, *replies: Reply) -> None:
        self._replies = list(replies)

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

    def _serve(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError), connection, connection.makefile("rb") as incoming:
            while first := incoming.readline():
                self.asked.append(_request(first, incoming))
                reply = self._replies.pop(0) if len(self._replies) > 1 else self._replies[0]
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


@pytest.fixture
def waits() -> list[float]:
    """The waits a transport decided on, in seconds; none of them is slept."""
    return []


@pytest.fixture
def pace() -> Pace:
    return Pace(1000, 10.0)


@pytest.fixture
def transport(server: RawServer, pace: Pace, waits: list[float]) -> Iterator[Transport]:
    """A transport to the raw server with a short deadline."""
    with urllib3.PoolManager() as pool:
        yield Transport(
            "HubSpot",
            server.url,
            pool,
            {"Authorization": f"Bearer {TOKEN}"},
            pace,
            bounds=Bounds(connect=1.0, exchange=0.3, answer=100_000, attempts=3),
            sleep=waits.append,
        )
