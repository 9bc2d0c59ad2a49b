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
from connector.sandbox.nutshell.records import number
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


def _asked(name: str, change: Callable[[int], int]) -> Effect:
    """The calm answer to another question: a parameter that was sent has another number."""

    def effect(strike: Strike) -> Response:
        query = tuple(
            (key, str(change(number(value))) if key == name else value)
            for key, value in strike.request.query
        )
        return strike.calm(replace(strike.request, query=query))

    return effect


page_again = _asked("page[page]", lambda page: max(0, page - 1))
exclusive = _asked("max_id", lambda newest: newest - 1)


def capped(name: str, most: int) -> Effect:
    """A page holds no more than so many records, whatever limit was asked for by this name."""
    return _asked(name, lambda limit: min(limit, most))


def count_off(share: float) -> Effect:
    """The count and the total are so much larger, or smaller where negative, than what is there."""

    def changed(content: Json, chance: Random) -> None:
        for name in ("count", "total"):
            if isinstance(content["meta"].get(name), int):
                content["meta"][name] = max(0, round(content["meta"][name] * (1 + share)))

    return rewritten(changed)


def _uncount(content: Json, chance: Random) -> None:
    content["meta"].pop("count", None)
    content["meta"].pop("total", None)


def _mislead(content: Json, chance: Random) -> None:
    astray = "https://elsewhere.example/rest/events?max_id=3-events"
    content["meta"] |= {"next": astray, "previous": astray, "last": "3-events"}


uncounted = rewritten(_uncount)
misleading = rewritten(_mislead)


def forgetful(seconds: int) -> Effect:
    """The log holds nothing from before so many seconds ago."""

    def effect(strike: Strike) -> Response:
        earliest = str(int(strike.now.timestamp()) - seconds)
        query = (*strike.request.query, ("since_time", earliest))
        return strike.calm(replace(strike.request, query=query))

    return effect


def bare(strike: Strike) -> Response:
    """The list without what wraps it, as the specification has it for stages and pipelines."""
    calm = strike.answer()
    content = json.loads(calm.body) if well(calm) else {}
    name = next((name for name in _LISTS if name in content), None)
    return replace(calm, body=encoded(content[name])) if name else calm


def spoiled(raw: str, place: int = 0) -> Effect:
    """The links of one record of a page are this raw text, be it JSON or not."""

    def effect(strike: Strike) -> Response:
        calm = strike.answer()
        content = json.loads(calm.body) if well(calm) else {}
        records: list[Any] = next((content[name] for name in _LISTS if name in content), [])
        if len(records) <= place:
            return calm
        records[place] = {**records[place], "links": "\0raw"}
        return replace(calm, body=encoded(content).replace(encoded("\0raw"), raw.encode()))

    return effect


def other_instance(instance: Instance) -> Effect:
    """Another instance answers."""
    other = Nutshell(instance)
    return lambda strike: other.answer(strike.request)
