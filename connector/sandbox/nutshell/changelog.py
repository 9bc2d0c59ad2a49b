"""The change log: everything that happened, numbered in the order of time."""

from bisect import bisect_right
from collections.abc import Iterator
from operator import attrgetter
from typing import NamedTuple

from connector.sandbox.nutshell.records import STEP, Event


class Entry(NamedTuple):
    """An event and its number."""

    id: int
    event: Event


class Changelog:
    """Events in ascending order; they get their numbers when they are first read.

    So a test may tell the past in any order, and the numbers still ascend with time. What is told
    of the past after that gets a higher number than what is later, since numbers never change.
    """

    def __init__(self) -> None:
        self._settled: list[Entry] = []
        self._told: list[Event] = []

    def add(self, event: Event) -> None:
        """Remember an event."""
        self._told.append(event)

    @property
    def entries(self) -> list[Entry]:
        """All events, oldest first."""
        if self._told:
            first = self._settled[-1].id + STEP if self._settled else 3
            told = sorted(self._told, key=attrgetter("at"))
            self._settled += [Entry(first + STEP * n, event) for n, event in enumerate(told)]
            self._told.clear()
        return self._settled

    def newest_first(self, since_id: int | None, max_id: int | None) -> Iterator[Entry]:
        """Events after `since_id` up to and with `max_id`, newest first; Nutshell fact, 2026-11."""
        entries = self.entries
        first = 0 if since_id is None else bisect_right(entries, since_id, key=attrgetter("id"))
        stop = (
            len(entries) if max_id is None else bisect_right(entries, max_id, key=attrgetter("id"))
        )
        return (entries[place] for place in range(stop - 1, first - 1, -1))
