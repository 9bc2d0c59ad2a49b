"""HTTP/1.1 on loopback: bytes in, bytes out, and no knowledge of any CRM."""

import contextlib
import socket
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.utils import format_datetime
from http.client import responses
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from connector.sandbox.clock import Clock
from connector.sandbox.delivery import AT_ONCE, Delivery, Ending, reset_on_close, send

POLL_SECONDS = 0.02


@dataclass(frozen=True, slots=True)
class Request:
    """One request; `target` is path and query as sent, header names are in lower case."""

    method: str
    target: str
    path: str
    query: tuple[tuple[str, str], ...]
    headers: Mapping[str, str]
    body: bytes = b""

    @property
    def origin(self) -> str:
        """Scheme and host as the client wrote them, for absolute links."""
        return f"http://{self.headers.get('host', 'localhost')}"


@dataclass(frozen=True, slots=True)
class Response:
    """One answer, and how its bytes are to reach the client."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    content_type: str = "application/json;charset=utf-8"
    delivery: Delivery = AT_ONCE


Answer = Callable[[Request], Response]


class Server(ThreadingHTTPServer):
    """Serves one `Answer` on 127.0.0.1, a thread a connection, connections kept alive."""

    daemon_threads = True

    def __init__(self, port: int, answer: Answer, clock: Clock) -> None:
        self.answer = answer
        self.clock = clock
        self._open: set[Any] = set()
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._away = 0.0
        super().__init__(("127.0.0.1", port), _Connection)

    @property
    def url(self) -> str:
        """Where clients find it."""
        return f"http://127.0.0.1:{self.server_port}"

    def serve(self) -> None:
        """Serve until `stop`, except while it is away."""
        self.serve_forever(POLL_SECONDS)
        while not self._over.is_set():
            self._stay_away()
            self.serve_forever(POLL_SECONDS)

    def stop(self) -> None:
        """End `serve`."""
        self._over.set()
        self.shutdown()

    def go_away(self, seconds: float) -> None:
        """Have every connection ended and new ones refused for a while, on the same port."""
        self._away = seconds
        self.shutdown()

    def _stay_away(self) -> None:
        address = self.server_address
        self.close()
        self._over.wait(self._away)
        self.socket = socket.socket(self.address_family, self.socket_type)
        self.server_address = address
        self.server_bind()
        self.server_activate()

    def process_request(self, request: Any, client_address: Any) -> None:
        """Remember the connection, so that `close` can end it."""
        with self._lock:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """Forget a connection that ended; one that is to be reset gets no orderly goodbye."""
        with self._lock:
            self._open.discard(request)
        if request.getsockopt(socket.SOL_SOCKET, socket.SO_LINGER):
            self.close_request(request)
        else:
            super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of clients that hang up; a fault of the sandbox itself is printed."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)

    def close(self) -> None:
        """Stop listening and end every connection that clients keep alive."""
        self.server_close()
        with self._lock:
            for connection in self._open:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)


class _Connection(BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def _serve(self) -> None:
        response = self.server.answer(self._request())
        how = response.delivery
        send(self.connection, self._head(response), response.body, how)
        self.close_connection = self.close_connection or how.ending is not Ending.KEPT
        if how.ending is Ending.RESET:
            reset_on_close(self.connection)
        if how.away:
            self.server.go_away(how.away)

    do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = _serve  # noqa: N815

    def _head(self, response: Response) -> bytes:
        told = {"Date": format_datetime(self.server.clock.now(), usegmt=True)}
        if response.body:
            told["Content-Type"] = response.content_type
        told |= response.headers
        if response.status != 204 and response.delivery.sized:
            told["Content-Length"] = str(len(response.body))
        lines = [f"HTTP/1.1 {response.status} {responses.get(response.status, '')}"]
        lines += [f"{name}: {value}" for name, value in told.items()]
        return "\r\n".join([*lines, "", ""]).encode("latin-1")

    def _request(self) -> Request:
        parts = urlsplit(self.path)
        return Request(
            method=self.command,
            target=self.path,
            path=parts.path,
            query=tuple(parse_qsl(parts.query, keep_blank_values=True)),
            headers={name.lower(): value for name, value in self.headers.items()},
            body=self.rfile.read(int(self.headers.get("Content-Length") or 0)),
        )

    def log_message(self, format: str, *args: object) -> None:
        """Stay quiet: the sandbox keeps its own list of requests."""
