"""How many requests many threads may send in a rolling window, kept from this side."""

import math
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

# A CRM's clock ticks a little differently from ours.
_MARGIN = 1.01

# Requests under way before the first answer has told how many there may be.
_CAUTIOUS = 8


class Clock:
    """The time that waiting is measured in, and waiting itself."""

    def seconds(self) -> float:
        """Seconds that only grow; their zero means nothing."""
        return time.monotonic()

    def wait(self, bell: threading.Condition | threading.Event, seconds: float | None) -> None:
        """Wait until the bell rings, or for so many seconds."""
        bell.wait(seconds)


class Stopped(Exception):
    """No request may be sent any more, because somebody ended the run."""


class Pace:
    """A sliding log of answers: at most `limit` requests arrive at the CRM within any `seconds`.

    A request counts from when it leaves until `seconds` after its answer came, because nobody knows
    when in between it arrived and was counted. Who waits is let through in the order of asking.
    What the CRM tells only ever lowers what may be sent. No more than `at_once` are under way.
    """

    def __init__(
        self, limit: int, seconds: float, clock: Clock | None = None, at_once: float = math.inf
    ):
        self.seconds = seconds
        self._limits = {seconds: limit}
        self._clock = clock or Clock()
        self._answered: deque[float] = deque()
        self._under_way = 0
        self._at_once = at_once
        self._most_under_way = min(at_once, _CAUTIOUS)
        self._closed_until = 0.0
        self._stopped = False
        self._queue: deque[object] = deque()
        self._bell = threading.Condition()

    @property
    def limit(self) -> int:
        """How many requests may be sent within `seconds`."""
        return self._limits[self.seconds]

    @contextmanager
    def turn(self) -> Iterator[float]:
        """Wait until one more request fits, and count it; yields when it was let through."""
        began = self._enter()
        try:
            yield began
            self._most_under_way = self._at_once
        finally:
            self._leave()

    def hold(self, seconds: float) -> None:
        """Let nobody through for so long."""
        with self._bell:
            self._closed_until = max(self._closed_until, self._clock.seconds() + seconds)

    def heed(self, limit: int, seconds: float) -> None:
        """Keep a limit the CRM has told as well, where it is lower than the known one."""
        with self._bell:
            self._limits[seconds] = max(1, min(limit, self._limits.get(seconds, limit)))

    def heed_remaining(self, remaining: int, seconds: float, began: float) -> None:
        """Leave room for what others sent: the request let through at `began` found so many left.

        The CRM counted no more of ours than what was answered since `seconds` before then, or is
        under way. What is missing beyond that was sent by somebody else, nobody knows when.
        """
        with self._bell:
            ours = self._under_way + sum(at > began - seconds for at in self._answered)
            foreign = self._limits.get(seconds, remaining) - ours - remaining
            self._answered.extend([self._clock.seconds()] * max(0, foreign))

    def stop(self) -> None:
        """From now on raise `Stopped` for everybody who waits or comes."""
        with self._bell:
            self._stopped = True
            self._bell.notify_all()

    def _enter(self) -> float:
        turn = object()
        with self._bell:
            self._queue.append(turn)
            try:
                while (wait := self._wait_of(turn)) > 0:
                    self._clock.wait(self._bell, wait if math.isfinite(wait) else None)
                self._under_way += 1
            finally:
                self._queue.remove(turn)
                self._bell.notify_all()
            return self._clock.seconds()

    def _leave(self) -> None:
        with self._bell:
            now = self._clock.seconds()
            self._under_way -= 1
            self._answered.append(now)
            while self._answered[0] < now - 2 * max(self._limits):
                self._answered.popleft()
            self._bell.notify_all()

    def _wait_of(self, turn: object) -> float:
        """Seconds until it is this one's turn; infinite where only another can tell."""
        if self._stopped:
            raise Stopped
        return self._wait_of_first() if self._queue[0] is turn else math.inf

    def _wait_of_first(self) -> float:
        if self._under_way >= self._most_under_way:
            return math.inf
        free = self._closed_until
        for seconds, limit in self._limits.items():
            room = limit - self._under_way
            if room <= 0:
                return math.inf
            if len(self._answered) >= room:
                free = max(free, self._answered[-room] + seconds * _MARGIN)
        return free - self._clock.seconds()
