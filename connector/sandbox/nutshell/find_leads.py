"""findLeads: stubs by default, full leads a hundred at a time."""

from collections.abc import Callable, Mapping
from typing import Any

from connector.sandbox.nutshell.asked import Asked, invalid
from connector.sandbox.nutshell.entities import lead_entity, lead_stub
from connector.sandbox.nutshell.finding import down, page
from connector.sandbox.nutshell.records import Lead

MOST_FULL = 100
_MINE = 0
_ORDERS: dict[str, Callable[[Lead], Any]] = {
    "id": lambda lead: lead.id,
    "name": lambda lead: lead.name,
    "number": lambda lead: lead.number,
    "value": lambda lead: lead.amount or 0,
}


def find_leads(asked: Asked) -> list[dict[str, Any]]:
    """The leads of a query, by id unless told.

    Nutshell fact, 2026-11: full ones come at most a hundred a page; a refusal of more is INFERRED.
    """
    full = asked.params.get("stubResponses", True) is False
    if full and asked.whole("limit", 50) > MOST_FULL:
        raise invalid(f"limit must be at most {MOST_FULL} when stubResponses is false")
    order = _ORDERS.get(str(asked.params.get("orderBy", "id")))
    if order is None:
        raise invalid(f"cannot order leads by {asked.params['orderBy']}")
    query = asked.query()
    leads = [lead for lead in asked.instance.visible(asked.user) if _fits(asked, query, lead)]
    shown = page(asked, sorted(leads, key=order, reverse=down(asked)))
    if full:
        return [lead_entity(asked.instance, lead) for lead in shown]
    now = asked.instance.now()
    return [lead_stub(lead, now) for lead in shown]


def _fits(asked: Asked, query: Mapping[str, Any], lead: Lead) -> bool:
    """Whether a lead is of the query."""
    stageset = asked.instance.pipelines.stages[lead.stage].stageset
    own = query.get("filter") != _MINE or lead.owner == asked.user.ref
    return (
        own
        and query.get("status", lead.status) == lead.status
        and query.get("number", lead.number) == lead.number
        and lead.stage in _any_of(query, "milestoneId", lead.stage)
        and stageset in _any_of(query, "stagesetId", stageset)
        and _assigned(query, lead)
    )


def _any_of(query: Mapping[str, Any], key: str, default: int) -> list[Any]:
    """The ids of a key, which has a plural for several."""
    one = [query[key]] if key in query else []
    several = query.get(f"{key}s", [])
    return [*one, *several] or [default]


def _assigned(query: Mapping[str, Any], lead: Lead) -> bool:
    wanted = query.get("assignee") or []
    return not wanted or lead.owner in [_ref(each) for each in wanted]


def _ref(entity: Mapping[str, Any]) -> str:
    return f"{entity.get('id')}-{str(entity.get('entityType')).lower()}"
