"""HubSpot's deal records as JSON.

A page is decoded with all its instants at once; where that fails, they are texts to begin with.
"""

from datetime import datetime
from typing import Annotated, Generic, TypeVar

import msgspec

from connector.crm import values
from connector.crm.answers import Answer
from connector.crm.hubspot.decoding import Decoded, decode_each

Scalar = str | int | float | bool | None


class Version(msgspec.Struct, rename="camel", gc=False):
    """A value that a property took at an instant."""

    at: Annotated[datetime, msgspec.Meta(tz=True)] = msgspec.field(name="timestamp")
    value: Scalar = None
    updated_by_user_id: int | str | None = None

    def dated(self) -> "Version":
        """The version with its instant in UTC; raises ValueError where the calendar ends first."""
        return Version(values.instant(self.at.isoformat()), self.value, self.updated_by_user_id)


class TextVersion(msgspec.Struct, rename="camel", gc=False):
    """A version whose timestamp is still to be read."""

    timestamp: str
    value: Scalar = None
    updated_by_user_id: int | str | None = None

    def dated(self) -> Version:
        """The version with its instant; raises ValueError where its timestamp is none."""
        return Version(values.instant(self.timestamp), self.value, self.updated_by_user_id)


Told = TypeVar("Told", Version, TextVersion)


class Record(msgspec.Struct, Generic[Told], rename="camel"):
    """One deal as HubSpot sends it."""

    id: str | int
    properties: dict[str, Scalar] | None = None
    properties_with_history: dict[str, list[Told] | None] | None = None
    created_at: str | None = None
    updated_at: str | None = None
    archived: bool | None = None
    archived_at: str | None = None

    def text(self, name: str) -> str:
        """A property as text; empty where it is missing, null or empty."""
        value = (self.properties or {}).get(name)
        return "" if value is None else str(value)

    def versions(self, name: str) -> list[Told]:
        """A property's versions in HubSpot's order; none where its history was not told."""
        return (self.properties_with_history or {}).get(name) or []


AnyRecord = Record[Version] | Record[TextVersion]


def read_records(answer: Answer) -> Decoded[AnyRecord]:
    """One page of deals."""
    return decode_each(answer, Record[Version], Record[TextVersion])
