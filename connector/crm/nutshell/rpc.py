"""Calls of Nutshell's JSON-RPC."""

from collections.abc import Iterator, Mapping
from typing import Any

from connector.crm.nutshell import shapes
from connector.crm.nutshell.endpoints import RPC
from connector.crm.transport import Transport
from connector.errors import Rejected

# Full records come a hundred at most (Nutshell fact, 2026-11).
PER_PAGE = 100


def body_of_call(method: str, params: Mapping[str, Any]) -> dict[str, Any]:
    """A call as it is sent."""
    return {"jsonrpc": "2.0", "id": "1", "method": method, "params": params}


def call(transport: Transport, method: str, params: Mapping[str, Any]) -> Any:
    """What a method that changes nothing answers."""
    answer = transport.read("POST", RPC, body=body_of_call(method, params))
    body = shapes.body_of(answer)
    if not isinstance(body, dict) or "result" not in body:
        raise answer.bad("neither a result nor an error")
    return body["result"]


def find_all(transport: Transport, method: str) -> Iterator[shapes.Record]:
    """Every record a find method has, page by page, until a page brings nothing new.

    A page may be shorter than was asked for, so that only an empty one is the last for sure.
    """
    seen: set[str] = set()
    page = 1
    while True:
        told = call(transport, method, {"limit": PER_PAGE, "page": page})
        fresh = [
            each
            for each in shapes.records(told if isinstance(told, list) else [])
            if str(each.get("id")) not in seen
        ]
        if not fresh:
            return
        seen |= {str(each.get("id")) for each in fresh}
        yield from fresh
        page += 1


def find_where_known(transport: Transport, method: str) -> list[shapes.Record]:
    """Every record a find method has; none where this account's API does not know the method."""
    try:
        return list(find_all(transport, method))
    except Rejected:
        return []
