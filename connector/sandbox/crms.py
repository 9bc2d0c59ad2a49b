"""The CRMs behind one port: every request goes to the one whose path it is."""

from collections.abc import Callable
from threading import RLock

from connector.sandbox.clock import Clock
from connector.sandbox.http import Answer, Request, Response
from connector.sandbox.nutshell.app import Nutshell
from connector.sandbox.nutshell.instance import Instance
from connector.sandbox.nutshell.paths import is_nutshell


class Crms:
    """HubSpot's answers, and those of a Nutshell instance, made at the first request for it."""

    def __init__(
        self,
        hubspot: Answer,
        instance: Instance | Callable[[], Instance] | None,
        lock: RLock,
        clock: Clock,
    ) -> None:
        self._hubspot = hubspot
        self._made: Instance | None = None
        self._make = None if isinstance(instance, Instance) else instance
        self._lock = lock
        self._clock = clock
        if isinstance(instance, Instance):
            self._adopt(instance)

    def _adopt(self, instance: Instance) -> None:
        """Let one time and one lock hold for both CRMs."""
        instance.clock, instance.lock, self._made = self._clock, self._lock, instance

    @property
    def instance(self) -> Instance | None:
        """The instance, made by now; None where only HubSpot is served."""
        with self._lock:
            if self._made is None and self._make is not None:
                self._adopt(self._make())
            return self._made

    def answer(self, request: Request) -> Response:
        """Answer one request."""
        instance = self.instance if is_nutshell(request) else None
        return Nutshell(instance).answer(request) if instance else self._hubspot(request)
