"""What a HubSpot endpoint is given, what it answers, and how it refuses."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, cast
from urllib.parse import urlencode

from connector.sandbox.http import Request, Response
from connector.sandbox.hubspot.bodies import misfits
from connector.sandbox.hubspot.portal import Portal
from connector.sandbox.jsontext import encoded

ANY: Mapping[str, Any] = {}


class Refusal(Exception):
    """An answer other than success; `details` are HubSpot's further keys, none makes no JSON."""

    def __init__(self, status: int, message: str, **details: Any) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.details = details


class Missing(Exception):
    """A 404 without JSON: HTML, or nothing when the client accepts only JSON."""


def invalid(message: str, **details: Any) -> Refusal:
    """A 400 of category VALIDATION_ERROR."""
    return Refusal(400, message, category="VALIDATION_ERROR", **details)


@dataclass(frozen=True, slots=True)
class Call:
    """One authorised request to one endpoint; `version` is the API's, "v3" or "2026-09"."""

    portal: Portal
    request: Request
    version: str
    names: Mapping[str, str] = field(default_factory=dict)
    index_lag: float = 0.0

    def one(self, key: str, default: str = "") -> str:
        """The last value of a query parameter."""
        return next((v for k, v in reversed(self.request.query) if k == key), default)

    def many(self, key: str) -> tuple[str, ...] | None:
        """All values of a query parameter, repeated or comma separated; None when absent."""
        given = [value for name, value in self.request.query if name == key]
        return split_names(given) if given else None

    def flag(self, key: str) -> bool:
        """A boolean parameter; the official client sends a capital True or False."""
        return self.one(key).lower() == "true"

    def count(self, default: int, most: int) -> int:
        """The page size asked for."""
        text = self.one("limit", str(default))
        if not text.isdecimal() or not 1 <= int(text) <= most:
            raise invalid(f"limit must be between 1 and {most}, not {text!r}")
        return int(text)

    def cursor(self) -> int:
        """The first id of the page asked for."""
        text = self.one("after", "0")
        if not text.isdecimal():
            raise invalid(f"after is not a cursor: {text!r}")
        return int(text)

    def json(self, shape: Mapping[str, Any] = ANY) -> dict[str, Any]:
        """The body, which must be a JSON object of this shape; the words are INFERRED."""
        try:
            body = json.loads(self.request.body)
        except (ValueError, RecursionError):
            raise invalid("Invalid input JSON") from None
        if wrong := next(misfits(body, shape), None):
            raise invalid(f"Invalid input JSON: cannot deserialize the value of {wrong}")
        return cast(dict[str, Any], body)


def split_names(given: Iterable[str]) -> tuple[str, ...]:
    """Names from values that may each hold several, separated by commas."""
    return tuple(dict.fromkeys(name for value in given for name in value.split(",") if name))


def reply(value: Any, status: int = 200) -> Response:
    """A JSON answer."""
    return Response(status, encoded(value))


def next_page(call: Call, after: str) -> dict[str, Any]:
    """The `paging` of a listing that goes on."""
    kept = [(key, value) for key, value in call.request.query if key != "after"]
    query = urlencode([*kept, ("after", after)])
    link = f"{call.request.origin}{call.request.path}?{query}"
    return {"next": {"after": after, "link": link}}
