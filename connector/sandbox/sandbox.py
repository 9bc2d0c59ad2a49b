"""The sandbox itself: emulated CRMs behind one loopback port."""

import threading
import time
from collections import deque
from types import TracebackType
from typing import Self

from connector.sandbox.clock import Clock
from connector.sandbox.http import Request, Response, Server
from connector.sandbox.hubspot.app import HubSpot
from connector.sandbox.hubspot.portal import Portal

REMEMBERED = 100_000


class Sandbox:
    """Serves a portal over real HTTP, in a thread as a context manager or with `serve_forever`.

    Without `clock` the portal keeps its own, the system's by default.
    `latency` is in seconds a request, `index_lag` is how far search is behind, in seconds, and
    `rate` is HubSpot's limit per ten seconds and key; None switches the short limits off.
    """

    def __init__(
        self,
        portal: Portal,
        *,
        port: int = 0,
        clock: Clock | None = None,
        latency: float = 0.0,
        rate: int | None = None,
        index_lag: float = 0.0,
    ) -> None:
        self.portal = portal
        portal.clock = clock or portal.clock
        self.requests: deque[tuple[str, str]] = deque(maxlen=REMEMBERED)
        self._latency = latency
        self._hubspot = HubSpot(portal, rate=rate, index_lag=index_lag)
        self._server = Server(port, self._answer, portal.clock)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))

    @property
    def url(self) -> str:
        """The address to give a client as its base URL."""
        return self._server.url

    def _answer(self, request: Request) -> Response:
        self.requests.append((request.method, request.path))
        if self._latency:
            time.sleep(self._latency)
        return self._hubspot.answer(request)

    def serve_forever(self) -> None:
        """Serve in the foreground until Ctrl-C."""
        try:
            self._server.serve_forever()
        except KeyboardInterrupt:
            pass
        finally:
            self._server.close()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.close()
