"""The sandbox's time: the system's, or one that a test moves by hand."""

import time
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """What the sandbox asks of time."""

    def now(self) -> datetime:
        """The instant, in UTC."""

    def seconds(self) -> float:
        """Seconds that only grow, for rate windows; their zero means nothing."""


class SystemClock:
    """The machine's own time."""

    def now(self) -> datetime:
        """The instant, in UTC."""
        return datetime.now(UTC)

    def seconds(self) -> float:
        """Seconds that stay monotonic when the wall clock is set back."""
        return time.monotonic()


class VirtualClock:
    """A time that stands still until `advance` moves it."""

    def __init__(self, start: datetime) -> None:
        self._start = self._now = start.astimezone(UTC)

    def now(self) -> datetime:
        """The instant, in UTC."""
        return self._now

    def seconds(self) -> float:
        """Seconds moved since the start."""
        return (self._now - self._start).total_seconds()

    def advance(self, step: timedelta) -> None:
        """Move time forward."""
        if step < timedelta():
            raise ValueError("a clock cannot go back")
        self._now += step
