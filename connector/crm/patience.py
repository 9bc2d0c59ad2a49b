"""How often a request is tried, and how long a whole run waits for a CRM."""

import threading
from collections.abc import Callable
from dataclasses import dataclass

import tenacity

from connector.crm.answers import Answer, Passing

_jitter = tenacity.wait_random_exponential(multiplier=0.5, max=20)


@dataclass(frozen=True, slots=True)
class Waits:
    """What a run has waited so far: how many retries, and the seconds it let go by for them."""

    retries: int = 0
    seconds: float = 0.0


class Patience:
    """One budget of waiting for all requests of a run, however many threads send them.

    `tries` are per request, `seconds` per run. `sleep` is told to wait before a request is sent
    again; its share is random and grows with each try, so that threads do not come back as one.
    """

    def __init__(self, tries: int, seconds: float, sleep: Callable[[float], None]):
        self._tries = tries
        self._left = seconds
        self._waits = Waits()
        self._sleep = sleep
        self._lock = threading.Lock()

    @property
    def waits(self) -> Waits:
        """What was waited so far."""
        return self._waits

    def spend(self, seconds: float, retries: int = 0) -> None:
        """Take waiting off the budget."""
        with self._lock:
            self._left -= seconds
            self._waits = Waits(self._waits.retries + retries, self._waits.seconds + seconds)

    def retry(self, attempt: Callable[[], Answer], again: Callable[[Passing], bool]) -> Answer:
        """Try until an answer comes, or raise the last fault once tries or budget are used up."""
        trying = tenacity.Retrying(
            stop=self._enough,
            wait=_jitter,
            retry=tenacity.retry_if_exception(
                lambda fault: isinstance(fault, Passing) and again(fault)
            ),
            before_sleep=lambda state: self.spend(state.upcoming_sleep, retries=1),
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
