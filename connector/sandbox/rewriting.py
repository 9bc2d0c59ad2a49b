"""Answers of any CRM whose JSON was changed on the way."""

import json
from collections.abc import Callable
from dataclasses import replace
from random import Random
from typing import Any

from connector.sandbox.faults import Effect, Strike
from connector.sandbox.http import Response
from connector.sandbox.jsontext import encoded


def rewritten(change: Callable[[dict[str, Any], Random], None]) -> Effect:
    """The calm answer after a change of its JSON; what is no success stays as it is."""

    def effect(strike: Strike) -> Response:
        calm = strike.answer()
        if not well(calm):
            return calm
        content = json.loads(calm.body)
        change(content, strike.chance)
        return replace(calm, body=encoded(content))

    return effect


def well(answer: Response) -> bool:
    """Whether an answer is a success."""
    return 200 <= answer.status < 300
