"""Endpoints about the account: details, owners, property definitions, limits, the key itself."""

from typing import Any
from zoneinfo import ZoneInfo

from connector.sandbox.http import Response
from connector.sandbox.hubspot.call import Call, Refusal, next_page, reply
from connector.sandbox.hubspot.catalogue import CALCULATED
from connector.sandbox.hubspot.records import Owner, Property, iso

OWNERS_A_PAGE = 500  # INFERRED: no document gives the most


def details(call: Call) -> Response:
    """Answer who this account is."""
    portal = call.portal
    offset = portal.clock.now().astimezone(ZoneInfo(portal.time_zone))
    shift = offset.utcoffset()
    minutes = int(shift.total_seconds() // 60) if shift else 0
    return reply(
        {
            "portalId": portal.id,
            "portalName": portal.name,
            "accountType": portal.account_type,
            "timeZone": portal.time_zone,
            "companyCurrency": portal.currency,
            "additionalCurrencies": sorted(portal.rates),
            "utcOffset": f"{offset:%z}"[:3] + ":" + f"{offset:%z}"[3:],
            "utcOffsetMilliseconds": minutes * 60_000,
            "uiDomain": "app-eu1.hubspot.com",
            "dataHostingLocation": "eu1",
        }
    )


def owners(call: Call) -> Response:
    """List active owners, or only deactivated ones with archived=true."""
    size, after = call.count(100, OWNERS_A_PAGE), call.cursor()
    email, archived = call.one("email"), call.flag("archived")
    found = [
        owner
        for _, owner in sorted(call.portal.people.owners.items())
        if owner.id >= after and owner.archived == archived and email in ("", owner.email)
    ]
    answer: dict[str, Any] = {"results": [_owner_shape(owner) for owner in found[:size]]}
    if len(found) > size:
        answer["paging"] = next_page(call, str(found[size].id))
    return reply(answer)


def _owner_shape(owner: Owner) -> dict[str, Any]:
    shape: dict[str, Any] = {
        "id": str(owner.id),
        "type": "PERSON",
        "email": owner.email,
        "firstName": owner.first_name,
        "lastName": owner.last_name,
        "userIdIncludingInactive": owner.user_id,
        "createdAt": iso(owner.created),
        "updatedAt": iso(owner.created),
        "archived": owner.archived,
    }
    if not owner.archived:
        shape["userId"] = owner.user_id
    if owner.teams:
        shape["teams"] = [
            {"id": str(team.id), "name": team.name, "primary": n == 0}
            for n, team in enumerate(owner.teams)
        ]
    return shape


def properties(call: Call) -> Response:
    """List the definitions of all deal properties; the sandbox keeps no archived ones."""
    known = [] if call.flag("archived") else sorted(call.portal.properties.items())
    return reply({"results": [property_shape(prop) for _, prop in known]})


def property_shape(prop: Property) -> dict[str, Any]:
    """A property's definition."""
    calculated = prop.name in CALCULATED
    return {
        "name": prop.name,
        "label": prop.label,
        "type": prop.type,
        "fieldType": {"enumeration": "select", "datetime": "date"}.get(prop.type, "text"),
        "groupName": "dealinformation",
        "options": [
            {"label": value, "value": value, "displayOrder": n, "hidden": False}
            for n, value in enumerate(prop.options)
        ],
        "calculated": calculated,
        "hubspotDefined": not prop.custom,
        "hidden": False,
        "archived": False,
        "modificationMetadata": {
            "archivable": prop.custom,
            "readOnlyDefinition": not prop.custom,
            "readOnlyValue": calculated,
        },
    }


def pipeline_limits(call: Call) -> Response:
    """Tell how many pipelines there may be; HubSpot's count leaves the default one out."""
    usage = max(0, len(call.portal.pipelines) - 1)
    deals = {
        "objectTypeId": "0-3",
        "singularLabel": "Deal",
        "pluralLabel": "Deals",
        "limit": 100,
        "usage": usage,
    }
    return reply({"hubspotDefinedObjectTypes": [deals], "customObjectTypes": []})


def token_info(call: Call) -> Response:
    """Tell a key's scopes; the key stands in the body, no Authorization is asked for."""
    scopes = call.portal.keys.get(str(call.json().get("tokenKey")))
    if scopes is None:
        raise Refusal(404, "The token was not found.", category="OBJECT_NOT_FOUND")
    return reply(
        {"hubId": call.portal.id, "userId": 28_604_001, "appId": 1, "scopes": sorted(scopes)}
    )
