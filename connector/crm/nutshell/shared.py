"""What several threads want to know of a CRM, asked for by one of them."""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Generic, TypeVar

Answer = TypeVar("Answer")


class Shared(Generic[Answer]):
    """An answer that is asked for once, by who wants it first; the others wait for it.

    They share a failure as well: what was refused to one thread is not tried by the next.
    """

    def __init__(self, ask: Callable[[], Answer]):
        self._ask = ask
        self._answer: Future[Answer] = Future()
        self._first = threading.Lock()

    def get(self) -> Answer:
        """The answer, or the error that asking for it ended in."""
        if self._first.acquire(blocking=False):
            try:
                self._answer.set_result(self._ask())
            except BaseException as fault:
                self._answer.set_exception(fault)
        return self._answer.result()
