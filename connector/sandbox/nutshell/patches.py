"""The one REST write the sandbox knows: PATCH of a lead with JSON Patch."""

import json
from decimal import Decimal, InvalidOperation
from typing import Any

from connector.sandbox.http import Response
from connector.sandbox.nutshell.call import Call, Refusal, reply

MEDIA_TYPE = "application/json-patch+json"
_VALUE = "/leads/0/manualValue"


def patch_lead(call: Call) -> Response:
    """Set the value of one lead: 204, and nothing in the body.

    Nutshell fact, 2026-11: `manualValue` is documented; the words of the refusals are INFERRED,
    but for the one of a wrong media type. There is no rev here, so the last edit wins.
    """
    lead = call.lead()
    if call.request.headers.get("content-type", "").split(";")[0] != MEDIA_TYPE:
        return reply(f"{MEDIA_TYPE} is required, see http://jsonapi.org", 400)
    amounts = [_amount(step) for step in _steps(call.request.body)]
    for amount in amounts:
        call.instance.set_value(lead.id, amount, by=call.actor)
    return Response(204)


def _steps(body: bytes) -> list[Any]:
    try:
        steps = json.loads(body)
    except ValueError:
        steps = None
    if not isinstance(steps, list):
        raise Refusal("The body is not a JSON Patch", "Invalid patch")
    return steps


def _amount(step: Any) -> str:
    """The amount of one step; the leading slash of its path may be left out."""
    known = isinstance(step, dict) and step.get("op") == "replace"
    if not known or f"/{str(step.get('path')).lstrip('/')}" != _VALUE:
        raise Refusal(f"Cannot apply {json.dumps(step)}", "Invalid patch")
    try:
        return f"{Decimal(str(step.get('value'))):f}"
    except InvalidOperation:
        raise Refusal(f"Invalid value: {step.get('value')}", "Invalid patch") from None
