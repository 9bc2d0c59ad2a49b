"""Endpoints that change deals: create, patch, archive, merge."""

from collections.abc import Mapping

from connector.sandbox.http import Response
from connector.sandbox.hubspot.call import Call, Refusal, invalid, reply
from connector.sandbox.hubspot.catalogue import CALCULATED
from connector.sandbox.hubspot.deals import DEFAULTS, Wanted, deal_shape, find, not_found
from connector.sandbox.hubspot.records import Deal, epoch_ms, iso, parse_instant

_REQUIRED = ("dealname", "dealstage", "pipeline")


def create_deal(call: Call) -> Response:
    """Create a deal; HubSpot fact, 2026-11: name, stage and pipeline are required."""
    sent = _properties(call)
    missing = [name for name in _REQUIRED if not sent.get(name)]
    if missing:
        errors = [
            {"message": f"{name} is required", "code": "MISSING_REQUIRED_PROPERTY"}
            for name in missing
        ]
        raise invalid(f"Some required properties were not set: {missing}", errors=errors)
    rest = {name: value for name, value in sent.items() if name != "dealstage"}
    deal = call.portal.add_deal(rest, source="API")
    call.portal.move(deal.id, sent["dealstage"], source="API")
    return _told(call, deal, sent, 201)


def patch_deal(call: Call) -> Response:
    """Change properties, each change a version of its history; an empty value clears."""
    deal = find(call.portal, call.names["id"])
    if deal is None:
        raise not_found()
    sent = _properties(call)
    stage = sent.get("dealstage")
    if stage:
        call.portal.move(deal.id, stage, source="API")
    for name, value in sent.items():
        if name not in ("dealstage", "pipeline"):
            call.portal.set(deal.id, name, value, source="API")
    return _told(call, deal, sent)


def _properties(call: Call) -> dict[str, str]:
    """The properties sent, all of them known, writable and fitting together."""
    given = call.json().get("properties")
    if not isinstance(given, dict):
        raise invalid("properties must be an object")
    sent = {str(name): _stored(call, str(name), value) for name, value in given.items()}
    _check_stage(call, sent)
    return sent


def _stored(call: Call, name: str, value: object) -> str:
    """A value as it will be stored: text, instants in ISO form, empty for none."""
    known = call.portal.properties.get(name)
    if known is None:
        raise _bad_property(name, "PROPERTY_DOESNT_EXIST")
    if name in CALCULATED:
        raise _bad_property(name, "READ_ONLY_VALUE")
    text = "" if value is None else str(value)
    try:
        match known.type:
            case "number" if text:
                float(text)
            case "datetime" if text:
                return iso(epoch_ms(parse_instant(text)))
    except ValueError as fault:
        raise _bad_property(name, f"INVALID_{known.type.upper()}") from fault
    return text


def _bad_property(name: str, code: str) -> Refusal:
    return invalid(
        "Property values were not valid", errors=[{"message": f"{name}: {code}", "code": code}]
    )


def _check_stage(call: Call, sent: Mapping[str, str]) -> None:
    """INFERRED: the pipeline follows the stage and is refused where the two disagree."""
    stage, pipeline = sent.get("dealstage"), sent.get("pipeline")
    if stage is None and pipeline is None:
        return
    home = call.portal.pipeline_of(stage or "")
    if home is None or pipeline not in (None, home.id):
        raise invalid(f"{stage!r} is not a stage of pipeline {pipeline!r}")


def archive_deal(call: Call) -> Response:
    """Archive a deal; INFERRED: 204 also for one that is not there."""
    deal = find(call.portal, call.names["id"])
    if deal:
        call.portal.archive(deal.id)
    return Response(204)


def merge_deals(call: Call) -> Response:
    """Merge one deal into another and answer the one that stays."""
    sent = call.json()
    winner = find(call.portal, str(sent.get("primaryObjectId")))
    loser = find(call.portal, str(sent.get("objectIdToMerge")))
    if winner is None or loser is None or winner is loser:
        raise invalid("primaryObjectId and objectIdToMerge must name two different deals")
    call.portal.merge(winner.id, loser.id)
    return reply(deal_shape(call.portal, winner, Wanted(DEFAULTS)))


def _told(call: Call, deal: Deal, sent: Mapping[str, str], status: int = 200) -> Response:
    return reply(deal_shape(call.portal, deal, Wanted((*DEFAULTS, *sent))), status)
