"""Threads that ask HubSpot while what came before is read and stored."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Any, Self, TypeVar

from connector.crm.hubspot.stretches import Disorder
from connector.errors import ConnectorError

Answer = TypeVar("Answer")

# As many requests as are ever worth having under way at once.
MOST = 16


class Readers:
    """They end with the `with`; by `stop` where it is no fault of the CRM's that ends it."""

    def __init__(self, stop: Callable[[], None]):
        self._stop = stop
        self._pool = ThreadPoolExecutor(MOST, "hubspot")

    def ask(self, question: Callable[..., Answer], *about: Any) -> Future[Answer]:
        """Have a question asked, as soon as a thread is free."""
        return self._pool.submit(question, *about)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is not None and not isinstance(error, ConnectorError | Disorder | GeneratorExit):
            self._stop()
        self._pool.shutdown(cancel_futures=True)
