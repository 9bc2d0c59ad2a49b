"""The sandbox itself: emulated CRMs behind one loopback port."""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from itertools import count
from types import TracebackType
from typing import Self

from connector.sandbox.clock import Clock
from connector.sandbox.faults import Fault, lay_over
from connector.sandbox.http import Answer, Request, Response, Server
from connector.sandbox.hubspot.app import HubSpot
from connector.sandbox.hubspot.portal import Portal

REMEMBERED = 100_000


class Sandbox:
    """Serves a portal over real HTTP, in a thread as a context manager or with `serve_forever`.

    Without `clock` the portal keeps its own, the system's by default.
    `latency` is in seconds a request, `index_lag` is how far search is behind, in seconds, and
    `rate` is HubSpot's limit per ten seconds and key; None switches the short limits off.
    `faults` are struck as `seed` has it, and `strikes` tells how often each did; `before` is called
    with its number, from 1, before each request is answered, the portal locked meanwhile.
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
        faults: Iterable[Fault] = (),
        seed: int = 0,
        before: Callable[[int], None] | None = None,
    ) -> None:
        self.portal = portal
        portal.clock = clock or portal.clock
        self.requests: deque[tuple[str, str]] = deque(maxlen=REMEMBERED)
        self._latency = latency
        self._before = before
        self._numbers = count(1)
        hubspot: Answer = HubSpot(portal, rate=rate, index_lag=index_lag).answer
        self._struck, self._hubspot = lay_over(hubspot, faults, portal.clock, seed)
        self._server = Server(port, self._answer, portal.clock)
        self._thread = threading.Thread(target=self._server.serve)

    @property
    def url(self) -> str:
        """The address to give a client as its base URL."""
        return self._server.url

    @property
    def strikes(self) -> tuple[int, ...]:
        """How often each of the faults struck so far, in their order."""
        return tuple(each.strikes for each in self._struck)

    def _answer(self, request: Request) -> Response:
        self.requests.append((request.method, request.path))
        if self._latency:
            time.sleep(self._latency)
        if self._before:
            with self.portal.lock:
                self._before(next(self._numbers))
        return self._hubspot(request)

    def serve_forever(self) -> None:
        """Serve in the foreground until Ctrl-C."""
        try:
            self._server.serve()
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
        self._server.stop()
        self._thread.join()
        self._server.close()
