"""Connections on which a timeout holds for a whole answer, and which can be given up from outside.

A socket's timeout starts anew with every byte, so that a server which drips holds a request for
ever (measured with requests 2.34), and looking up a name knows no timeout at all. Here the time
urllib3 grants before an answer begins runs until its last byte, headers included, and the time for
a connection covers its lookup and all its addresses.
"""

import contextlib
import io
import math
import queue
import socket
import threading
import time
from collections.abc import Callable
from functools import partial
from http.client import HTTPResponse
from typing import Any
from weakref import WeakSet

from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

Address = tuple[Any, ...]


class UnderWay:
    """The sockets on which answers are waited for."""

    def __init__(self) -> None:
        self._sockets: WeakSet[socket.socket] = WeakSet()
        self._given_up = False
        self._lock = threading.Lock()

    def add(self, connection: socket.socket) -> None:
        """Remember a socket for as long as anybody holds it."""
        with self._lock:
            self._sockets.add(connection)
            if self._given_up:
                _shut(connection)

    def give_up(self) -> None:
        """End every answer under way, and each one to come, in whichever thread it is read."""
        with self._lock:
            self._given_up = True
            for connection in self._sockets:
                _shut(connection)


def _shut(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):
        # The socket beneath TLS, whose own state only the thread that reads may touch.
        socket.socket.shutdown(connection, socket.SHUT_RDWR)


class _UntilDeadline(io.RawIOBase):
    """The bytes of one answer, each waited for only as long as the whole answer may still take."""

    def __init__(self, source: io.RawIOBase, connection: socket.socket):
        self._source = source
        self._connection = connection
        granted = connection.gettimeout()
        self._deadline = time.monotonic() + (math.inf if granted is None else granted)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("the answer took too long")
        self._connection.settimeout(left)
        return self._source.readinto(buffer)

    def close(self) -> None:
        self._source.close()
        super().close()


class _PunctualResponse(HTTPResponse):
    def __init__(self, sock: socket.socket, *args: Any, **named: Any):
        super().__init__(sock, *args, **named)
        self.fp = io.BufferedReader(_UntilDeadline(self.fp.detach(), sock))


def look_up(
    host: str,
    port: int,
    seconds: float,
    ask: Callable[..., list[Address]] = socket.getaddrinfo,
) -> list[Address]:
    """The addresses of a host, or TimeoutError; nothing can interrupt the system's own lookup.

    The thread that asks is left behind when time is up, and ends with the lookup.
    """
    found: queue.SimpleQueue[list[Address] | OSError] = queue.SimpleQueue()

    def answer() -> None:
        try:
            found.put(ask(host, port, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError) as fault:
            found.put(OSError(str(fault)))

    threading.Thread(target=answer, daemon=True, name=f"lookup of {host}").start()
    try:
        addresses = found.get(timeout=seconds if math.isfinite(seconds) else None)
    except queue.Empty:
        raise TimeoutError(f"no address of {host} was found in {seconds} s") from None
    if isinstance(addresses, OSError):
        raise addresses
    return addresses


class _Punctual(HTTPConnection):
    """A connection that is made in time, from the name of its host to an open socket."""

    response_class = _PunctualResponse

    def __init__(self, *args: Any, under_way: UnderWay, **named: Any):
        super().__init__(*args, **named)
        self._under_way = under_way

    def getresponse(self) -> Any:
        self._under_way.add(self.sock)
        return super().getresponse()

    def _new_conn(self) -> socket.socket:
        granted = self.timeout if isinstance(self.timeout, int | float) else math.inf
        deadline = time.monotonic() + granted
        try:
            addresses = look_up(self._dns_host.strip("[]"), self.port, granted)
            return self._first_of(addresses, deadline)
        except TimeoutError as fault:
            raise ConnectTimeoutError(self, f"no connection to {self.host}: {fault}") from fault
        except OSError as fault:
            raise NewConnectionError(self, f"no connection to {self.host}: {fault}") from fault

    def _first_of(self, addresses: list[Address], deadline: float) -> socket.socket:
        """A connection to the first address that answers; each gets its share of the time."""
        fault = OSError("it has no address")
        for tried, (family, kind, protocol, _, address) in enumerate(addresses):
            connection = socket.socket(family, kind, protocol)
            try:
                for option in self.socket_options or ():
                    connection.setsockopt(*option)
                _grant(connection, deadline, share=len(addresses) - tried)
                connection.connect(address)
                _grant(connection, deadline)
            except OSError as refusal:
                connection.close()
                fault = refusal
            else:
                return connection
        raise fault


def _grant(connection: socket.socket, deadline: float, share: int = 1) -> None:
    left = (deadline - time.monotonic()) / share
    connection.settimeout(max(left, 0.001) if math.isfinite(left) else None)


class _Encrypted(_Punctual, HTTPSConnection):
    pass


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _Punctual


class _EncryptedPool(HTTPSConnectionPool):
    ConnectionCls = _Encrypted


def punctual(pool: PoolManager) -> UnderWay:
    """Let a pool make connections that keep their deadlines; returns what is under way there."""
    under_way = UnderWay()
    # A pool hands what it does not know on to its connections.
    makers: dict[str, Any] = {
        "http": partial(_PlainPool, under_way=under_way),
        "https": partial(_EncryptedPool, under_way=under_way),
    }
    pool.pool_classes_by_scheme = makers
    return under_way
