"""The sandbox itself: emulated CRMs behind one loopback port."""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from itertools import count
from types import TracebackType
from typing import Self

from connector.sandbox.clock import Clock, SystemClock
from connector.sandbox.crms import Crms
from connector.sandbox.faults import Fault, lay_over
from connector.sandbox.http import Request, Response, Server
from connector.sandbox.hubspot.app import HubSpot
from connector.sandbox.hubspot.portal import Portal
from connector.sandbox.nutshell.instance import Instance

REMEMBERED = 100_000


class Sandbox:
    """Serves a portal over real HTTP, in a thread as a context manager or with `serve_forever`.

    An `instance` is served beside it on the same port, Nutshell's paths being its own; given as a
    function, it is made when it is first asked for. Without a portal there is an empty one.
    Without `clock` both go by the portal's, or the instance's where it is served alone.
    `latency` is in seconds a request, `index_lag` is how far search is behind, in seconds, and
    `rate` is HubSpot's limit per ten seconds and key; None switches the short limits off.
    `faults` are struck as `seed` has it, and `strikes` tells how often each did; `before` is called
    with its number, from 1, before each request is answered, portal and instance locked meanwhile.
    """

    def __init__(
        self,
        portal: Portal | None = None,
        *,
        instance: Instance | Callable[[], Instance] | None = None,
        port: int = 0,
        clock: Clock | None = None,
        latency: float = 0.0,
        rate: int | None = None,
        index_lag: float = 0.0,
        faults: Iterable[Fault] = (),
        seed: int = 0,
        before: Callable[[int], None] | None = None,
    ) -> None:
        kept = (each.clock for each in (portal, instance) if isinstance(each, Portal | Instance))
        clock = clock or next(kept, SystemClock())
        self.portal = portal or Portal()
        self.portal.clock = clock
        self.requests: deque[tuple[str, str]] = deque(maxlen=REMEMBERED)
        self._latency = latency
        self._before = before
        self._numbers = count(1)
        hubspot = HubSpot(self.portal, rate=rate, index_lag=index_lag)
        self._crms = Crms(hubspot.answer, instance, self.portal.lock, clock)
        self._struck, self._outermost = lay_over(self._crms.answer, faults, clock, seed)
        self._server = Server(port, self._answer, clock)
        self._thread = threading.Thread(target=self._server.serve)

    @property
    def url(self) -> str:
        """The address to give a client as its base URL."""
        return self._server.url

    @property
    def instance(self) -> Instance | None:
        """The Nutshell instance that is served, made by now; None where there is none."""
        return self._crms.instance

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
        return self._outermost(request)

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
