"""What a JSON-RPC method is given, and how it refuses."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from connector.sandbox.nutshell.instance import Instance
from connector.sandbox.nutshell.people import Key
from connector.sandbox.nutshell.records import Lead, User

NO_METHOD, NO_PARAMS = -32601, -32602


class RpcError(Exception):
    """An error with its HTTP status, its code and its message."""

    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message


def invalid(message: str) -> RpcError:
    """INFERRED: how params are refused that make no sense."""
    return RpcError(400, NO_PARAMS, message)


def missing(what: str) -> RpcError:
    """INFERRED: how a record is refused that is not there."""
    return RpcError(404, 404, f"{what} not found")


@dataclass(frozen=True, slots=True)
class Asked:
    """One authorised call of a method, its params named."""

    instance: Instance
    user: User
    key: Key
    params: Mapping[str, Any]

    @property
    def actor(self) -> str:
        """Who an edit is logged under."""
        return self.user.ref if self.key.impersonates else self.key.origin

    def whole(self, name: str, default: int) -> int:
        """A number among the params, at least 1."""
        value = self.params.get(name, default)
        if not isinstance(value, int) or value < 1:
            raise invalid(f"{name} must be a positive integer")
        return value

    def query(self) -> Mapping[str, Any]:
        """The query of a find; absent, null or an empty list ask for everything."""
        query = self.params.get("query") or {}
        if not isinstance(query, dict):
            raise invalid("query must be an object")
        return query

    def lead(self) -> Lead:
        """The lead of `leadId`, if the user may see it."""
        lead = self.instance.leads.get(self.whole("leadId", 0))
        if lead is None or not self.instance.sees(self.user, lead):
            raise missing("Lead")
        return lead
