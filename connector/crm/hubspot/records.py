"""HubSpot's deal records as JSON."""

import msgspec

from connector.crm.answers import Answer
from connector.crm.hubspot.decoding import Decoded, decode_each

Scalar = str | int | float | bool | None


class Version(msgspec.Struct, rename="camel"):
    """A value that a property took."""

    timestamp: str
    value: Scalar = None
    updated_by_user_id: int | str | None = None


class Record(msgspec.Struct, rename="camel"):
    """One deal as HubSpot sends it."""

    id: str | int
    properties: dict[str, Scalar] | None = None
    properties_with_history: dict[str, list[Version] | None] | None = None
    created_at: str | None = None
    updated_at: str | None = None
    archived: bool | None = None
    archived_at: str | None = None

    def text(self, name: str) -> str:
        """A property as text; empty where it is missing, null or empty."""
        value = (self.properties or {}).get(name)
        return "" if value is None else str(value)

    def versions(self, name: str) -> list[Version]:
        """A property's versions in HubSpot's order; none where its history was not told."""
        return (self.properties_with_history or {}).get(name) or []


def read_records(answer: Answer) -> Decoded[Record]:
    """One page of deals."""
    return decode_each(answer, Record)
