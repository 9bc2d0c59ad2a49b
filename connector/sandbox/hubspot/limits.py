"""HubSpot's request limits: ten seconds a token, one second for search, one day for all."""

from collections import defaultdict, deque
from zoneinfo import ZoneInfo

from connector.sandbox.hubspot.portal import Portal
from connector.sandbox.hubspot.refusals import too_many_of

BURST_SECONDS = 10
SEARCHES_A_SECOND = 5


class Window:
    """A sliding window: at most `most` takes within any `seconds`."""

    def __init__(self, most: int, seconds: float) -> None:
        self.most = most
        self.seconds = seconds
        self._taken: deque[float] = deque()

    def remaining(self, now: float) -> int:
        """Takes still free."""
        while self._taken and self._taken[0] <= now - self.seconds:
            self._taken.popleft()
        return self.most - len(self._taken)

    def take(self, now: float) -> bool:
        """Take one if any is free."""
        free = self.remaining(now) > 0
        if free:
            self._taken.append(now)
        return free


class Limits:
    """Counts requests; INFERRED: a request that is refused for its number is not counted.

    Without `rate` only the daily limit holds, so that tests and demos run at full speed.
    """

    def __init__(self, portal: Portal, rate: int | None) -> None:
        self._portal = portal
        self._rate = rate
        self._bursts: dict[str, Window] = defaultdict(lambda: Window(rate or 0, BURST_SECONDS))
        self._search = Window(SEARCHES_A_SECOND, 1)
        self._day = ""
        self._used = 0

    def admit(self, token: str, *, search: bool) -> None:
        """Count one request, or refuse it.

        HubSpot fact, 2026-11: search has its own per-second window and is exempt from the
        ten-second one.
        """
        if self._daily_remaining() <= 0:
            raise too_many_of("DAILY")
        now = self._portal.clock.seconds()
        if self._rate and search and not self._search.take(now):
            raise too_many_of("SECONDLY")
        if self._rate and not search and not self._bursts[token].take(now):
            raise too_many_of("TEN_SECONDLY_ROLLING")
        self._used += 1

    def headers(self, token: str) -> dict[str, str]:
        """What is left, as HubSpot's headers; search answers carry none of them."""
        told = {
            "X-HubSpot-RateLimit-Daily": self._portal.daily_limit,
            "X-HubSpot-RateLimit-Daily-Remaining": max(0, self._daily_remaining()),
        }
        if self._rate:
            left = self._bursts[token].remaining(self._portal.clock.seconds())
            told |= {
                "X-HubSpot-RateLimit-Interval-Milliseconds": BURST_SECONDS * 1000,
                "X-HubSpot-RateLimit-Max": self._rate,
                "X-HubSpot-RateLimit-Remaining": left,
            }
        return {name: str(value) for name, value in told.items()}

    def _daily_remaining(self) -> int:
        # HubSpot fact, 2026-11: the day ends at midnight in the portal's time zone.
        today = self._portal.clock.now().astimezone(ZoneInfo(self._portal.time_zone))
        if self._day != f"{today:%Y-%m-%d}":
            self._day, self._used = f"{today:%Y-%m-%d}", 0
        return self._portal.daily_limit - self._used
