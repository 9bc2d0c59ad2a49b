"""Nutshell answers that are well formed and wrong: pages, the change log, the instance.

Nothing says that Nutshell does all of this; a client must not lose anything if it ever does.
"""

import json
from collections.abc import Callable
from dataclasses import replace
from random import Random
from typing import Any

from connector.sandbox.faults import Effect, Strike
from connector.sandbox.http import Response
from connector.sandbox.jsontext import encoded
from connector.sandbox.nutshell.app import Nutshell
from connector.sandbox.nutshell.instance import Instance
from connector.sandbox.rewriting import rewritten, well

Json = dict[str, Any]
_LISTS = ("leads", "events", "stages", "stagesets", "users", "outcomes")


def _of_records(change: Callable[[list[Any], Random], list[Any]]) -> Effect:
    """The calm answer after a change of its records, be they leads, events or others."""

    def changed(content: Json, chance: Random) -> None:
        for name in _LISTS:
            if isinstance(content.get(name), list):
                content[name] = change(content[name], chance)

    return rewritten(changed)


repeated = _of_records(
    lambda records, chance: records + chance.sample(records, min(3, len(records)))
)
shuffled = _of_records(lambda records, chance: chance.sample(records, len(records)))


def withheld(share: float) -> Effect:
    """A seeded share of the records is missing."""
    return _of_records(
        lambda records, chance: [each for each in records if chance.random() >= share]
    )


def hidden(share: float) -> Effect:
    """A share of the leads is not there for the key any more, in every answer the same ones."""

    def seen(record: Any) -> bool:
        number = int(str(record["id"]).split("-", 1)[0])
        return Random(number).random() >= share  # noqa: S311 - hiding leads needs no secrets

    def changed(content: Json, chance: Random) -> None:
        if "leads" in content:
            content["leads"] = [each for each in content["leads"] if seen(each)]

    return rewritten(changed)


def page_again(strike: Strike) -> Response:
    """The page before the one that was asked for, once more."""
    asked = dict(strike.request.query)
    before = str(max(0, int(asked.get("page[page]", "0")) - 1))
    query = tuple((asked | {"page[page]": before}).items())
    return strike.calm(replace(strike.request, query=query))


def count_off(share: float) -> Effect:
    """The count and the total are so much larger, or smaller where negative, than what is there."""

    def changed(content: Json, chance: Random) -> None:
        for name in ("count", "total"):
            if isinstance(content["meta"].get(name), int):
                content["meta"][name] = max(0, round(content["meta"][name] * (1 + share)))

    return rewritten(changed)


def bare(strike: Strike) -> Response:
    """The list without what wraps it, as the specification has it for stages and pipelines."""
    calm = strike.answer()
    content = json.loads(calm.body) if well(calm) else {}
    name = next((name for name in _LISTS if name in content), None)
    return replace(calm, body=encoded(content[name])) if name else calm


def spoiled(raw: str, place: int = 0) -> Effect:
    """One record of a page is this raw text but for its id, be it JSON or not."""

    def effect(strike: Strike) -> Response:
        calm = strike.answer()
        content = json.loads(calm.body) if well(calm) else {}
        records: list[Any] = next((content[name] for name in _LISTS if name in content), [])
        if len(records) <= place:
            return calm
        records[place] = {"id": records[place]["id"], "links": "\0raw"}
        return replace(calm, body=encoded(content).replace(encoded("\0raw"), raw.encode()))

    return effect


def other_instance(instance: Instance) -> Effect:
    """Another instance answers."""
    other = Nutshell(instance)
    return lambda strike: other.answer(strike.request)
