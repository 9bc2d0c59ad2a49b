"""The events of an account by lead, as compact as a first read of all of them needs it."""

from datetime import datetime

import msgspec

from connector.crm.nutshell import shapes
from connector.crm.nutshell.events import EventReader, Told, at_of, event_id
from connector.crm.nutshell.shapes import Record
from connector.model import Unread

_ENCODE = msgspec.json.Encoder().encode
_DECODE = msgspec.json.Decoder(tuple[Told, ...]).decode


class EventLog:
    """What events tell of each lead, packed: 100,000 leads of five events take 80 MB.

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

    def reaches_back_no_further_than(self, instant: datetime) -> None:
        """Whatever older events it has, not all of those before an instant are among them."""
        earliest = round(instant.timestamp() * 1000)
        self.reaches_back_to = max(earliest, self.reaches_back_to or earliest)

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
