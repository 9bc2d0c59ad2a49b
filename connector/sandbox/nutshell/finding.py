"""The conventions of all find methods: order, direction, limit and page.

Nutshell fact, 2026-11: 50 a page unless told, pages from 1, lookups by name.
"""

from collections.abc import Iterable
from typing import Any

from connector.sandbox.nutshell.asked import Asked, invalid

Json = dict[str, Any]


def found(asked: Asked, entities: Iterable[Json], order: str = "name") -> list[Json]:
    """The page asked for of these entities, in the order asked for."""
    by = asked.params.get("orderBy", order)
    return page(asked, sorted(entities, key=lambda entity: _place(entity, by), reverse=down(asked)))


def page(asked: Asked, ordered: list[Any]) -> list[Any]:
    """The page asked for."""
    limit, number = asked.whole("limit", 50), asked.whole("page", 1)
    return ordered[(number - 1) * limit : number * limit]


def down(asked: Asked) -> bool:
    """Whether the order is a descending one."""
    direction = str(asked.params.get("orderDirection", "ASC")).upper()
    if direction not in ("ASC", "DESC"):
        raise invalid("orderDirection must be ASC or DESC")
    return direction == "DESC"


def _place(entity: Json, by: Any) -> tuple[bool, Any, int]:
    """Where an entity stands; INFERRED: one without the key stands where its id has it."""
    if by == "last_name":
        return (True, str(entity["name"]).rpartition(" ")[2], entity["id"])
    value = entity.get(by) if isinstance(by, str) else None
    plain = isinstance(value, str | int)
    return (plain, value if plain else 0, entity["id"])
