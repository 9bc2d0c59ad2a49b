"""HTTP to one CRM for many threads at once: its limits kept, its passing faults waited out.

A read is asked again after faults that pass by themselves. A write is sent again only after an
answer that says it was not carried out; where no answer tells, it ends in `UnknownOutcome`.
"""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from connector.crm.answers import Answer, Passing
from connector.crm.exchange import Bounds, Exchanges, Query
from connector.crm.pace import Clock, Pace, Stopped
from connector.crm.patience import Patience
from connector.crm.quota import DailyQuota, told
from connector.errors import BadAnswer, CrmError, QuotaUsedUp, UnknownOutcome, Unreachable

__all__ = ["Bounds", "Query", "Transport", "Usage"]

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Usage:
    """What a run asked of a CRM so far.

    `requests` are all that were sent, `searches` those of them outside the burst limit, which is
    `burst` requests within ten seconds. `waited` are seconds that went by for retries.
    """

    requests: int
    searches: int
    throttled: int
    retries: int
    waited: float
    burst: int
    daily: int | None
    daily_left: int | None


class Transport:
    """Requests to one CRM, carried by `exchanges`, which holds its host and the key.

    `scope_for` says which scope a method on a path needs, where that is known; `daily_reserve` is
    the share of the daily quota that is left to others.
    """

    def __init__(
        self,
        crm: str,
        exchanges: Exchanges,
        pace: Pace,
        *,
        bounds: Bounds | None = None,
        scope_for: Callable[[str, str], str] = lambda method, path: "",
        daily_reserve: float = 0.0,
        clock: Clock | None = None,
    ):
        bounds = bounds or Bounds()
        self.quota = DailyQuota(crm, daily_reserve)
        self._crm = crm
        self._exchanges = exchanges
        self._pace = pace
        self._paces = {pace}
        self._scope_for = scope_for
        self._clock = clock or Clock()
        self._over = threading.Event()
        self._patience = Patience(bounds.attempts, bounds.waiting, self._sleep, self._clock)
        self._lock = threading.Lock()
        self._requests = self._searches = self._throttled = 0

    @property
    def usage(self) -> Usage:
        """What was asked of the CRM so far."""
        waits = self._patience.waits
        return Usage(
            requests=self._requests,
            searches=self._searches,
            throttled=self._throttled,
            retries=waits.retries,
            waited=waits.seconds,
            burst=self._pace.limit,
            daily=self.quota.of,
            daily_left=self.quota.left,
        )

    def read(
        self,
        method: str,
        path: str,
        query: Query | None = None,
        body: Any = None,
        pace: Pace | None = None,
    ) -> Answer:
        """Ask something that changes nothing, again if need be, within reason.

        `pace` is that of requests which do not count against the burst limit but have their own.
        """

        def ask() -> Answer:
            return self._attempt(method, path, query, body, pace or self._pace)

        try:
            return self._patience.retry(ask, again=lambda fault: True)
        except Passing as fault:
            tried = "once" if fault.tries == 1 else f"{fault.tries} times"
            raise Unreachable(f"{fault} Tried {tried}; try again later.") from fault

    def write(self, method: str, path: str, body: Any) -> None:
        """Send a change; again only where the CRM said that it did not carry it out.

        What the answer says is not handed on: it repeats the request, and only a later read tells
        what was stored (HubSpot fact, 2026-11).
        """

        def send() -> Answer:
            return self._attempt(method, path, None, body, self._pace)

        try:
            self._patience.retry(send, again=lambda fault: not fault.reached).require_json()
        except BadAnswer as fault:
            raise UnknownOutcome(f"{fault} The change may have been made.") from fault
        except Passing as fault:
            if fault.reached:
                raise UnknownOutcome(f"{fault} The change may have been made.") from fault
            raise Unreachable(f"{fault} Nothing was changed; try again later.") from fault

    def stop(self) -> None:
        """End the run: whoever waits or comes, and every answer under way, ends in an error."""
        self._over.set()
        for pace in tuple(self._paces):
            pace.stop()
        self._exchanges.give_up()

    def _attempt(
        self, method: str, path: str, query: Query | None, body: Any, pace: Pace
    ) -> Answer:
        try:
            with self._admitted(pace) as began:
                answer = self._exchange(method, path, query, body)
                self._heed(answer, pace, began)
        except Stopped:
            raise Unreachable(f"{self._crm} was not asked any more; the run had ended.") from None
        size, trace = len(answer.body), answer.trace and f", request {answer.trace}"
        log.debug("%s: %s, %d bytes%s", answer.asked, answer.status, size, trace)
        if 200 <= answer.status < 300:
            return answer
        raise self._refusal(answer, self._scope_for(method, path), pace)

    def _exchange(self, method: str, path: str, query: Query | None, body: Any) -> Answer:
        """One exchange; what time it takes to fail is waiting, too."""
        began = self._clock.seconds()
        try:
            return self._exchanges.exchange(method, path, query, body)
        except Passing:
            self._patience.spend(began, self._clock.seconds() - began)
            raise

    @contextmanager
    def _admitted(self, pace: Pace) -> Iterator[float]:
        """A turn in the pace, counted, unless the run or the day's quota is over."""
        self._paces.add(pace)
        if self._over.is_set():
            raise Stopped
        with pace.turn() as began:
            self.quota.check()
            with self._lock:
                self._requests += 1
                self._searches += pace is not self._pace
            yield began

    def _heed(self, answer: Answer, pace: Pace, began: float) -> None:
        limits = told(answer.headers)
        self.quota.heed(limits, answer.now)
        if limits.burst is not None and pace is self._pace:
            pace.heed(limits.burst, limits.window)
            if limits.burst_left is not None:
                pace.heed_remaining(limits.burst_left, limits.window, began)

    def _refusal(self, answer: Answer, scope: str, pace: Pace) -> CrmError:
        """The error of an answer, once all that share its pace are held off where it asks so."""
        fault = answer.refusal(scope)
        with self._lock:
            self._throttled += answer.status == 429
        if isinstance(fault, QuotaUsedUp):
            self.quota.refuse(answer.now)
            self.quota.check()
        if isinstance(fault, Passing) and fault.wait is not None:
            pace.hold(fault.wait)
            self._patience.spend(self._clock.seconds(), fault.wait)
        return fault

    def _sleep(self, seconds: float) -> None:
        self._clock.wait(self._over, seconds)
