"""The events of an account by lead, and the walk through Nutshell's log that brings them."""

from collections.abc import Iterator

import msgspec

from connector.crm.nutshell import endpoints, shapes
from connector.crm.nutshell.events import EventReader, Told, at_of, event_id
from connector.crm.nutshell.shapes import Record
from connector.crm.transport import Query, Transport
from connector.model import Unread

# More would let answers with their payloads grow beyond what one may have; a server may cap it.
PER_PAGE = 1000

_ENCODE = msgspec.json.Encoder().encode
_DECODE = msgspec.json.Decoder(tuple[Told, ...]).decode


class EventLog:
    """What events tell of each lead, packed: a first read holds the whole of an account's log.

    `reaches_back_to` is when the oldest event that was read happened, in epoch milliseconds; of
    what was before then the log says nothing. `newest` is the highest number of an event. A `whole`
    log holds all events there are of the leads it was read for.
    """

    def __init__(self, reader: EventReader):
        self.reaches_back_to: int | None = None
        self.newest = 0
        self.whole = False
        self._reader = reader
        self._packed: dict[str, bytes] = {}
        self._unread: dict[str, list[Unread]] = {}

    @property
    def leads(self) -> tuple[str, ...]:
        """Every lead an event names."""
        return tuple(self._packed)

    def add(self, event: Record) -> tuple[str, ...]:
        """Keep one event; the leads it is about."""
        leads = tuple(self._reader.leads(event))
        try:
            number, at = event_id(event), at_of(event)
        except ValueError as fault:
            for lead in leads:
                unread = Unread(lead, "events", f"the time {fault}", shapes.quoted(event))
                self._unread.setdefault(lead, []).append(unread)
            return ()
        self.newest = max(self.newest, number)
        before = self.reaches_back_to
        self.reaches_back_to = at if before is None else min(at, before)
        if leads:
            self._pack(leads, self._reader.told(event))
        return leads

    def of(self, lead: str) -> list[Told]:
        """The events of a lead, oldest first, those of one instant by their ids, each once."""
        told = _DECODE(b"[" + self._packed.get(lead, b"") + b"]")
        return sorted(
            {each.id: each for each in told}.values(), key=lambda each: (each.at, each.id)
        )

    def unread(self, lead: str) -> tuple[Unread, ...]:
        """The events of a lead that nobody can date."""
        return tuple(self._unread.get(lead, ()))

    def _pack(self, leads: tuple[str, ...], told: Told) -> None:
        packed = _ENCODE(told)
        for lead in leads:
            known = self._packed.get(lead)
            self._packed[lead] = packed if known is None else known + b"," + packed


def newest_first(
    transport: Transport, query: Query | None = None, path: str = endpoints.EVENTS
) -> Iterator[list[Record]]:
    """Pages of events, from now back to the first one.

    Only our own `max_id` is followed, which is inclusive: the server's `previous` was seen to leave
    out events (Nutshell facts, 2026-11). The log ends where a page brings nothing new, because how
    many a page holds is the server's affair.
    """
    lowest: int | None = None
    while True:
        cursor = [] if lowest is None else [("max_id", f"{lowest}-events")]
        asked = [("limit", str(PER_PAGE)), *(query or ()), *cursor]
        answer = transport.read("GET", path, asked)
        told = {number_of(each): each for each in shapes.records(shapes.rows(answer, "events"))}
        fresh = sorted((n for n in told if lowest is None or n < lowest), reverse=True)
        if not fresh or fresh[0] < 0:
            return
        yield [told[number] for number in fresh]
        lowest = min(number for number in fresh if number >= 0)


def number_of(event: Record) -> int:
    """The number of an event; a negative one where it has none."""
    try:
        return event_id(event)
    except ValueError:
        return -1
