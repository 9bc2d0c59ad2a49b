"""How often a request is tried, and how long a whole run waits for a CRM."""

import math
import threading
from collections.abc import Callable
from dataclasses import dataclass

import tenacity

from connector.crm.answers import Answer, Passing
from connector.crm.pace import Clock

_jitter = tenacity.wait_random_exponential(multiplier=0.5, max=20)


@dataclass(frozen=True, slots=True)
class Waits:
    """What a run has waited so far: how many retries, and the seconds that went by for them."""

    retries: int = 0
    seconds: float = 0.0


class Patience:
    """One budget of waiting for all requests of a run, however many threads send them.

    `tries` are per request, `seconds` per run, in which a second that several threads wait through
    counts once: an outage costs its own length. `sleep` is told to wait before a request is sent
    again; its share is random and grows with each try, so that threads do not come back as one.
    """

    def __init__(self, tries: int, seconds: float, sleep: Callable[[float], None], clock: Clock):
        self._tries = tries
        self._left = seconds
        self._waits = Waits()
        self._counted_until = -math.inf
        self._sleep = sleep
        self._clock = clock
        self._lock = threading.Lock()

    @property
    def waits(self) -> Waits:
        """What was waited so far."""
        return self._waits

    def spend(self, start: float, seconds: float, retries: int = 0) -> None:
        """Take waiting that began or begins at `start` off the budget."""
        with self._lock:
            end = start + seconds
            counted = max(0.0, end - max(start, self._counted_until))
            self._counted_until = max(self._counted_until, end)
            self._left -= counted
            self._waits = Waits(self._waits.retries + retries, self._waits.seconds + counted)

    def retry(self, attempt: Callable[[], Answer], again: Callable[[Passing], bool]) -> Answer:
        """Try until an answer comes, or raise the last fault once tries or budget are used up."""
        trying = tenacity.Retrying(
            stop=self._enough,
            wait=_jitter,
            retry=tenacity.retry_if_exception(
                lambda fault: isinstance(fault, Passing) and again(fault)
            ),
            before_sleep=lambda state: self.spend(
                self._clock.seconds(), state.upcoming_sleep, retries=1
            ),
            sleep=self._sleep,
            reraise=True,
        )
        try:
            return trying(attempt)
        except Passing as fault:
            fault.tries = trying.statistics["attempt_number"]
            raise

    def _enough(self, state: tenacity.RetryCallState) -> bool:
        return state.attempt_number >= self._tries or state.upcoming_sleep > self._left
