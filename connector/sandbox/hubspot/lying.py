"""HubSpot answers that are well formed and wrong: pages, cursors, totals, histories, the account.

Nothing says that HubSpot does all of this; a client must not lose anything if it ever does.
"""

import json
from dataclasses import replace
from random import Random
from typing import Any

from connector.sandbox.faults import Effect, Strike
from connector.sandbox.http import Request, Response
from connector.sandbox.hubspot.app import HubSpot
from connector.sandbox.hubspot.portal import Portal
from connector.sandbox.jsontext import encoded
from connector.sandbox.rewriting import rewritten, well

Json = dict[str, Any]


# --- pages ----------------------------------------------------------------------------------------


def _repeat(page: Json, chance: Random) -> None:
    page["results"] += chance.sample(page["results"], min(3, len(page["results"])))


def _shuffle(page: Json, chance: Random) -> None:
    chance.shuffle(page["results"])


repeated = rewritten(_repeat)
shuffled = rewritten(_shuffle)


def overlapping(records: int) -> Effect:
    """Every page begins with the last records of the page before."""

    def change(page: Json, chance: Random) -> None:
        if "paging" in page and len(page["results"]) > records:
            page["paging"]["next"]["after"] = page["results"][-records]["id"]

    return rewritten(change)


def permuted() -> Effect:
    """The pages of a listing in another order than that of their ids, the same for every walk."""
    orders: dict[str, list[str]] = {}  # every walk asks for the same but the cursor

    def effect(strike: Strike) -> Response:
        asked = str([pair for pair in strike.request.query if pair[0] != "after"])
        if asked not in orders:
            orders[asked] = _in_some_order(strike)
        order = orders[asked]
        cursor = dict(strike.request.query).get("after", order[0])
        calm = strike.calm(_at(strike, cursor))
        if not well(calm) or cursor not in order:
            return calm
        page = json.loads(calm.body)
        page.pop("paging", None)
        if following := order[order.index(cursor) + 1 :]:
            page["paging"] = {"next": {"after": following[0]}}
        return replace(calm, body=encoded(page))

    return effect


def _in_some_order(strike: Strike) -> list[str]:
    cursors, cursor = ["0"], "0"
    while cursor:
        page = json.loads(strike.calm(_at(strike, cursor)).body)
        cursor = page.get("paging", {}).get("next", {}).get("after", "")
        cursors += [cursor] if cursor else []
    strike.chance.shuffle(cursors)
    return cursors


def _at(strike: Strike, cursor: str) -> Request:
    kept = [pair for pair in strike.request.query if pair[0] != "after"]
    return replace(strike.request, query=(*kept, ("after", cursor)))


def circling() -> Effect:
    """A page whose next page is itself."""

    def effect(strike: Strike) -> Response:
        cursor = dict(strike.request.query).get("after", "0")
        itself = rewritten(lambda page, _: page.update(paging={"next": {"after": cursor}}))
        return itself(strike)

    return effect


def withheld(share: float) -> Effect:
    """A seeded share of the records is missing, the cursors notwithstanding."""

    def change(page: Json, chance: Random) -> None:
        page["results"] = [each for each in page["results"] if chance.random() >= share]

    return rewritten(change)


def total_off(share: float) -> Effect:
    """The total of a search is so much larger, or smaller where negative, than what it finds."""

    def change(page: Json, chance: Random) -> None:
        page["total"] = max(0, round(page.get("total", 0) * (1 + share)))

    return rewritten(change)


# --- records --------------------------------------------------------------------------------------


def shortened(versions: int) -> Effect:
    """Of every property's history only the newest versions are left."""

    def change(page: Json, chance: Random) -> None:
        for record in page.get("results", [page]):
            histories = record.get("propertiesWithHistory") or {}
            record["propertiesWithHistory"] = {
                name: history[:versions] for name, history in histories.items()
            }

    return rewritten(change)


def spoiled(raw: str, place: int = 0) -> Effect:
    """One record of a page has, as its properties, this raw text, be it JSON or not."""

    def effect(strike: Strike) -> Response:
        calm = strike.answer()
        page = json.loads(calm.body) if well(calm) else {}
        if len(page.get("results", ())) <= place:
            return calm
        page["results"][place]["properties"] = "\0raw"
        marked = encoded(page)
        return replace(calm, body=marked.replace(encoded("\0raw"), raw.encode()))

    return effect


# --- the account ----------------------------------------------------------------------------------


def other_portal(portal: Portal) -> Effect:
    """Another account answers."""
    other = HubSpot(portal, rate=None, index_lag=0.0)
    return lambda strike: other.answer(strike.request)
