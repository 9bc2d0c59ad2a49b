"""What a lead is asked for and what its events tell, as the canonical texts of tracked fields."""

from collections.abc import Iterator, Mapping
from typing import Any

from connector.crm import values
from connector.crm.nutshell import shapes
from connector.crm.nutshell.names import Names
from connector.crm.nutshell.shapes import Record
from connector.model import Field

# Stage and pipeline have a history of their own, and Nutshell has no forecast categories.
ATTRIBUTE_OF = {
    Field.AMOUNT: "value",
    Field.CLOSE_DATE: "anticipatedClosedTime",
    Field.OWNER: "owner",
}

# Other names of the same attribute, in JSON-RPC and where leads are written (INFERRED, 2026-11).
_ALIASES = {"assignee": "owner", "manualvalue": "value", "amount": "value"}


def plain_name(attribute: str) -> str:
    """An attribute's name, whatever its case and number, in links or not."""
    name = attribute.strip().lower()
    name = name.removeprefix("links.").removeprefix("links/")
    name = name.removesuffix("ies") + "y" if name.endswith("ies") else name.removesuffix("s")
    return _ALIASES.get(name, name)


class Attributes:
    """The tracked fields of one account but for its stages, by our names and Nutshell's."""

    def __init__(self, fields: Mapping[str, str], names: Names):
        self._names = names
        self._plain = {
            field: plain_name(name) for field, name in {**fields, **ATTRIBUTE_OF}.items()
        }

    @property
    def fields(self) -> tuple[str, ...]:
        """The tracked fields, by our names."""
        return tuple(self._plain)

    def fields_of(self, attribute: str) -> Iterator[str]:
        """The fields that an attribute is tracked as."""
        plain = plain_name(attribute)
        return (field for field, name in self._plain.items() if name == plain)

    def of_lead(self, field: str, lead: Record) -> Any:
        """What a lead holds of a field, as it was told; None where it holds nothing."""
        plain = self._plain[field]
        for held in (shapes.linked(lead), lead, _custom_fields(lead)):
            for name, raw in held.items():
                if plain_name(name) == plain:
                    return raw
        return None

    def canonical(self, field: str, raw: Any) -> str | None:
        """A value as canonical text, None where it is empty; ValueError where it makes no sense."""
        if raw in (None, "", [], {}):
            return None
        match self._plain[field]:
            case "value":
                return _amount(raw)
            case "anticipatedclosedtime":
                return _date(raw)
            case "owner":
                return shapes.link(raw, "users")
            case "confidence":
                return _confidence(raw)
            case "outcome":
                return self._names.outcomes.name(raw)
            case plain:
                return self._listed(raw, _KINDS.get(plain)) or None

    def _listed(self, raw: Any, kind: str | None) -> str:
        each = raw if isinstance(raw, list) else [raw]
        told = (self._text(one, kind) for one in each)
        return "; ".join(dict.fromkeys(filter(None, told)))

    def _text(self, raw: Any, kind: str | None) -> str:
        """One value as text: what has an id by its name, dates and sums as such."""
        match raw:
            case bool():
                return str(raw).lower()
            case {"id": _}:
                remote = (shapes.link(raw, kind or "") or "").removesuffix("-")
                return self._names.of(remote) or remote
            case {"timestamp": told} if told is not None:
                return _date(raw)
            case {"amount": _}:
                return _amount(raw) or ""
            case dict():
                return shapes.text(raw)
            case str() | int() if kind:
                return self._names.of(shapes.link(raw, kind) or "") or str(raw)
        return shapes.text(raw)


_KINDS = {
    plain_name(kind): kind
    for kind in ("products", "sources", "territories", "markets", "competitors", "tags")
}


def currency_of(lead: Record) -> str:
    """The currency of a lead's value, empty where it is not told."""
    value = lead.get("value")
    return shapes.text(value.get("currency")) if isinstance(value, dict) else ""


def _custom_fields(lead: Record) -> Record:
    """A lead's custom fields by their names; they come as an object or as a list (INFERRED)."""
    match lead.get("customFields"):
        case dict() as told:
            return told
        case list() as told:
            records = list(shapes.records(told))
            return {
                shapes.text(each.get("name", each.get("title"))): each.get("value")
                for each in records
            }
    return {}


def _amount(raw: Any) -> str | None:
    told = raw.get("amount", raw.get("value")) if isinstance(raw, dict) else raw
    text = "" if told is None else str(told).strip()
    return values.amount(text) if text else None


def _date(raw: Any) -> str:
    return shapes.instant(raw).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _confidence(raw: Any) -> str:
    """Per cent from 0 to 100 as a probability text, "0.42" for 42."""
    told = raw.get("value", raw.get("amount")) if isinstance(raw, dict) else raw
    if isinstance(told, bool):
        raise ValueError("is not a number")
    text = values.amount(str(told).strip().removesuffix("%"))
    share = values.probability(str(float(text) / 100))
    return f"{share:.9f}".rstrip("0").rstrip(".")
