"""Endpoints that read deals: the listing, one deal, many by id."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from connector.sandbox.http import Response
from connector.sandbox.hubspot.bodies import BATCH_READ
from connector.sandbox.hubspot.calculated import FORMULAS
from connector.sandbox.hubspot.call import Call, Refusal, invalid, next_page, reply, split_names
from connector.sandbox.hubspot.portal import Portal
from connector.sandbox.hubspot.records import Deal, Version, iso
from connector.sandbox.hubspot.stage_times import stage_of, stage_time

PAGE, PAGE_WITH_HISTORY = 100, 50
ALWAYS = ("createdate", "hs_lastmodifieddate", "hs_object_id")
DEFAULTS = ("amount", "closedate", "dealname", "dealstage", "pipeline", *ALWAYS)


class Wanted(NamedTuple):
    """The properties a request asks for, and those it asks the history of."""

    properties: tuple[str, ...]
    history: tuple[str, ...] = ()


def list_deals(call: Call) -> Response:
    """List active deals, or only archived ones, by id; `after` is the next record's id."""
    wanted = wanted_by(call)
    size = call.count(10, PAGE_WITH_HISTORY if wanted.history else PAGE)
    archived = call.flag("archived")
    ids = _page(call.portal, call.cursor(), size + 1, archived=archived)
    answer: dict[str, Any] = {
        "results": [deal_shape(call.portal, call.portal.deals[n], wanted) for n in ids[:size]]
    }
    if len(ids) > size:
        answer["paging"] = next_page(call, str(ids[size]))
    return reply(answer)


def _page(portal: Portal, after: int, size: int, *, archived: bool) -> list[int]:
    found: list[int] = []
    for deal_id in portal.ids_from(after):
        if portal.deals[deal_id].listed(archived=archived):
            found.append(deal_id)
            if len(found) == size:
                break
    return found


def get_deal(call: Call) -> Response:
    """Answer one deal; an archived one only with archived=true."""
    deal = find(call.portal, call.names["id"], archived=call.flag("archived"))
    if deal is None:
        raise not_found()
    return reply(deal_shape(call.portal, deal, wanted_by(call)))


def batch_read(call: Call) -> Response:
    """Answer many deals by id: 207 with errors when some are missing."""
    body = call.json(BATCH_READ)
    wanted = Wanted(
        _names(body.get("properties")) or DEFAULTS, _names(body.get("propertiesWithHistory"))
    )
    ids = [str(item.get("id")) for item in body.get("inputs") or ()]
    _check_batch(ids, wanted)
    archived = call.flag("archived")
    deals = {n: find(call.portal, n, archived=archived) for n in ids}
    answer = {
        "status": "COMPLETE",
        "results": [deal_shape(call.portal, deal, wanted) for deal in deals.values() if deal],
        "startedAt": iso(call.portal.now()),
        "completedAt": iso(call.portal.now()),
    }
    missing = [n for n, deal in deals.items() if deal is None]
    if not missing:
        return reply(answer)
    return reply(answer | {"numErrors": 1, "errors": [_missing(missing)]}, 207)


def _check_batch(ids: list[str], wanted: Wanted) -> None:
    if wanted.history and len(ids) > PAGE_WITH_HISTORY:
        raise invalid(
            "The maximum number of inputs supported in a batch request for property histories is "
            "50. Please reduce the number of items and try again."
        )
    if len(ids) > PAGE:
        raise invalid("The maximum number of inputs supported in a batch request is 100.")


def _missing(ids: list[str]) -> dict[str, Any]:
    return {
        "status": "error",
        "category": "OBJECT_NOT_FOUND",
        "message": "Could not get some DEAL objects, they may be deleted or not exist. "
        "Check that ids are valid.",
        "context": {"ids": ids},
    }


def find(portal: Portal, deal_id: str, *, archived: bool = False) -> Deal | None:
    """The deal that a request may see; INFERRED: a merged id is as good as missing."""
    deal = portal.deals.get(int(deal_id)) if deal_id.isdecimal() else None
    return deal if deal and deal.listed(archived=archived) else None


def not_found() -> Refusal:
    """The refusal of an id that is missing, archived or merged."""
    return Refusal(404, "resource not found", category="OBJECT_NOT_FOUND")


def wanted_by(call: Call) -> Wanted:
    """What the query asks for; without `properties` HubSpot answers a default set."""
    return Wanted(call.many("properties") or DEFAULTS, call.many("propertiesWithHistory") or ())


def _names(given: Iterable[str] | None) -> tuple[str, ...]:
    return split_names(given or ())


def deal_shape(portal: Portal, deal: Deal, wanted: Wanted) -> dict[str, Any]:
    """A deal's JSON; names the portal does not know are left out without a word."""
    shape: dict[str, Any] = {
        "id": str(deal.id),
        "properties": {
            name: value_of(portal, deal, name)
            for name in dict.fromkeys((*wanted.properties, *ALWAYS))
            if _known(portal, name)
        },
        "createdAt": iso(deal.created),
        "updatedAt": iso(deal.modified),
        "archived": deal.archived is not None,
    }
    if deal.archived is not None:
        shape["archivedAt"] = iso(deal.archived)
    if wanted.history:
        shape["propertiesWithHistory"] = {
            name: _history(portal, deal, name) for name in wanted.history if _known(portal, name)
        }
    return shape


def value_of(portal: Portal, deal: Deal, name: str) -> str | None:
    """A property's present value, stored or calculated."""
    if formula := FORMULAS.get(name):
        return formula(portal, deal)
    return deal.value(name) if name in portal.properties else stage_time(deal, name)


def _known(portal: Portal, name: str) -> bool:
    return name in portal.properties or portal.stage(stage_of(name) or "") is not None


def _history(portal: Portal, deal: Deal, name: str) -> list[dict[str, Any]]:
    """A property's versions, newest first; INFERRED: a calculated one has only the present."""
    if name in deal.history:
        return [_version_shape(version) for version in reversed(deal.history[name])]
    value = value_of(portal, deal, name)
    return [_version_shape(Version(value, deal.modified, "CALCULATED"))] if value else []


def _version_shape(version: Version) -> dict[str, Any]:
    shape: dict[str, Any] = {
        "value": version.value,
        "timestamp": iso(version.at),
        "sourceType": version.source,
    }
    if version.user_id is not None:
        shape["sourceId"] = f"userId:{version.user_id}"
        shape["updatedByUserId"] = version.user_id
    return shape
