"""The first version of the deals API, which older tools still read: other names, instants in ms.

INFERRED from what tap-hubspot 4.5.0, of 2026-07, asks for and makes of the answers: the parameters,
the shape of a deal, `offset` and `hasMore`, and versions of a property only beside its value.
"""

from itertools import islice
from typing import Any

from connector.sandbox.http import Response
from connector.sandbox.hubspot.account import property_shape
from connector.sandbox.hubspot.call import Call, invalid, reply
from connector.sandbox.hubspot.deals import value_of
from connector.sandbox.hubspot.portal import Portal
from connector.sandbox.hubspot.records import Deal, Version, epoch_ms, parse_instant

PAGE = 250


def paged_deals(call: Call) -> Response:
    """List active deals by id with the newest version of all their properties."""
    size, offset = call.count(100, PAGE), call.one("offset", "0")
    if not offset.isdigit():
        raise invalid(f"offset must be a whole number, not {offset!r}")
    deals = (call.portal.deals[number] for number in call.portal.ids_from(int(offset)))
    page = list(islice((deal for deal in deals if deal.listed()), size + 1))
    answer = {
        "deals": [_deal_shape(call.portal, deal) for deal in page[:size]],
        "hasMore": len(page) > size,
        "offset": page[size].id if len(page) > size else 0,
    }
    return reply(answer)


def _deal_shape(portal: Portal, deal: Deal) -> dict[str, Any]:
    return {
        "portalId": portal.id,
        "dealId": deal.id,
        "isDeleted": False,
        "associations": {
            "associatedVids": [],
            "associatedCompanyIds": [],
            "associatedDealIds": [],
        },
        "properties": {
            name: _value_shape(portal, deal, name, value)
            for name in portal.properties
            if (value := value_of(portal, deal, name)) is not None
        },
    }


def _value_shape(portal: Portal, deal: Deal, name: str, value: str) -> dict[str, Any]:
    if portal.properties[name].type == "datetime":
        value = str(epoch_ms(parse_instant(value)))
    newest = (deal.history.get(name) or [Version(value, deal.modified, "CALCULATED")])[-1]
    told = {"value": value, "timestamp": newest.at, "source": newest.source, "sourceId": None}
    return told | {"versions": [{"name": name, "sourceVid": [], **told}]}


def properties(call: Call) -> Response:
    """List the definitions of all deal properties, without the envelope of later versions."""
    known = sorted(call.portal.properties.items())
    return reply([property_shape(definition) for _, definition in known])


def custom_objects(call: Call) -> Response:
    """List the schemas of custom objects; the sandbox has none."""
    return reply({"results": []})
