"""The CRMs behind one port: every request goes to the one whose path it is."""

from collections.abc import Callable
from threading import RLock

from connector.sandbox.clock import Clock
from connector.sandbox.http import Answer, Request, Response
from connector.sandbox.nutshell.app import Nutshell
from connector.sandbox.nutshell.instance import Instance
from connector.sandbox.nutshell.paths import is_nutshell


class Crms:
    """HubSpot's answers, and those of a Nutshell instance that is made when first asked for.

    The instance gets the clock, so that one time holds for both.
    """

    def __init__(
        self, hubspot: Answer, make: Callable[[], Instance] | None, lock: RLock, clock: Clock
    ) -> None:
        self._hubspot = hubspot
        self._make = make
        self._lock = lock
        self._clock = clock
        self._instance: Instance | None = None

    @property
    def instance(self) -> Instance | None:
        """The instance, made by now; None where only HubSpot is served."""
        with self._lock:
            if self._instance is None and self._make is not None:
                self._instance = self._make()
                self._instance.clock = self._clock
                self._instance.lock = self._lock
            return self._instance

    def answer(self, request: Request) -> Response:
        """Answer one request."""
        instance = self.instance if is_nutshell(request) else None
        return Nutshell(instance).answer(request) if instance else self._hubspot(request)
