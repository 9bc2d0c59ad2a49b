"""What an endpoint is given, what it answers, and how it refuses."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from connector.sandbox.http import Request, Response
from connector.sandbox.jsontext import encoded
from connector.sandbox.nutshell.instance import Instance
from connector.sandbox.nutshell.people import Key
from connector.sandbox.nutshell.records import Lead, User, number

MOST = 10_000  # Nutshell fact, 2026-11: a higher page[limit] is an error


class Refusal(Exception):
    """A 400 of REST, in the shape of its `errors`."""

    def __init__(self, detail: str, title: str = "Invalid filter") -> None:
        super().__init__(detail)
        self.detail = detail
        self.title = title


class Missing(Exception):
    """A 404 of REST."""


@dataclass(frozen=True, slots=True)
class Call:
    """One authorised request: whose it is, and what the path names."""

    instance: Instance
    user: User
    key: Key
    request: Request
    names: Mapping[str, str] = field(default_factory=dict)

    @property
    def actor(self) -> str:
        """Who an edit is logged under."""
        return self.user.ref if self.key.impersonates else self.key.origin

    def one(self, key: str, default: str = "") -> str:
        """The last value of a query parameter."""
        return next((v for k, v in reversed(self.request.query) if k == key), default)

    def whole(self, key: str, default: int, most: int | None = None) -> int:
        """A number from the query, not negative."""
        text = self.one(key, str(default))
        if not text.isdecimal() or (most is not None and int(text) > most):
            said = "page number" if key == "page[page]" else "page limit"
            raise Refusal(f"Invalid {said}: {text}")
        return int(text)

    def optional(self, key: str) -> int | None:
        """An id or an instant from the query; None where it is absent."""
        text = self.one(key)
        try:
            return number(text) if text else None
        except ValueError:
            raise Refusal(f"Invalid {key}: {text}") from None

    def ids(self) -> list[int]:
        """The ids in the path, comma separated; 404 where one is none."""
        try:
            return [number(text) for text in self.names["ids"].split(",")]
        except ValueError:
            raise Missing from None

    def lead(self) -> Lead:
        """The one lead that the path names, if the user may see it."""
        lead = self.instance.leads.get(self.ids()[0])
        if lead is None or not self.instance.sees(self.user, lead):
            raise Missing
        return lead


def reply(value: Any, status: int = 200) -> Response:
    """A JSON answer."""
    return Response(status, encoded(value), content_type="application/json")


def envelope(
    call: Call,
    resource: str,
    records: list[Any],
    meta: Mapping[str, Any] | None = None,
    **beside: list[Any],
) -> Response:
    """Records as REST wraps them; Nutshell fact, 2026-11: `meta` tells the instance's id."""
    told = {**(meta or {}), **tenant(call.instance)}
    return reply({"meta": told, "links": {}, resource: records, **beside})


def tenant(instance: Instance) -> dict[str, str]:
    """Which instance answers."""
    return {"instanceId": instance.id, "siteId": instance.site}
