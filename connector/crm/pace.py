"""How many requests may be sent in a rolling window, kept from this side."""

import threading
import time
from collections import deque


class Pace:
    """A sliding log of send times: at most `limit` requests within any `seconds`.

    A CRM counts in windows of its own, so a fixed window of ours could meet two of its halves; the
    sliding log holds whichever window is looked at. `lower` only ever lowers the limit.
    """

    def __init__(self, limit: int, seconds: float):
        self.limit = limit
        self.seconds = seconds
        self._sent: deque[float] = deque()
        self._lock = threading.Lock()

    def lower(self, limit: int) -> None:
        """Take over a smaller limit the CRM has told us."""
        self.limit = max(1, min(self.limit, limit))

    def wait(self) -> None:
        """Block until one more request fits, and count it."""
        with self._lock:
            now = time.monotonic()
            while self._sent and self._sent[0] <= now - self.seconds:
                self._sent.popleft()
            if len(self._sent) >= self.limit:
                time.sleep(self._sent[-self.limit] + self.seconds - now)
            self._sent.append(time.monotonic())
