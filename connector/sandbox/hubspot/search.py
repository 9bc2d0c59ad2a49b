"""The search endpoint: filters, one sort, offsets, and an index that lags behind."""

from collections.abc import Callable, Mapping
from math import inf, isfinite
from operator import attrgetter
from typing import Any, NamedTuple

from connector.sandbox.http import Response
from connector.sandbox.hubspot.bodies import SEARCH
from connector.sandbox.hubspot.call import Call, invalid, reply, split_names
from connector.sandbox.hubspot.deals import DEFAULTS, Wanted, deal_shape, value_of
from connector.sandbox.hubspot.portal import Portal
from connector.sandbox.hubspot.records import Deal, epoch_ms, parse_instant
from connector.sandbox.hubspot.search_window import BOUNDED, Window

MOST_RESULTS, PAGE = 10_000, 200
GROUPS, FILTERS_A_GROUP, FILTERS = 5, 6, 18
BODY_CHARACTERS = 3_000
_OPERANDS = {
    "BETWEEN": {"value", "highValue"},
    "IN": {"values"},
    "NOT_IN": {"values"},
    "HAS_PROPERTY": set[str](),
    "NOT_HAS_PROPERTY": set[str](),
}  # every other operator compares with `value`
Comparable = float | str


def search_deals(call: Call) -> Response:
    """Find active deals; never history, never archived ones."""
    body = _checked(call)
    size, offset = _whole(body, "limit", 10), _whole(body, "after", 0)
    if not 1 <= size <= PAGE:
        raise invalid(f"limit must be between 1 and {PAGE}")
    if offset + size > MOST_RESULTS:
        raise invalid("The requested page is past the 10000 results a search can return.")
    found = _sorted(call.portal, _matches(call, body), body.get("sorts") or ())
    wanted = Wanted(split_names(body.get("properties") or ()) or DEFAULTS)
    answer: dict[str, Any] = {
        "total": len(found),
        "results": [deal_shape(call.portal, d, wanted) for d in found[offset : offset + size]],
    }
    if len(found) > offset + size:
        answer["paging"] = {"next": {"after": str(offset + size)}}
    return reply(answer)


def _whole(body: Mapping[str, Any], key: str, default: int) -> int:
    text = str(body.get(key) or default)
    if not text.isdecimal():
        raise invalid(f"{key} must be a whole number, not {text!r}")
    return int(text)


def _checked(call: Call) -> dict[str, Any]:
    if len(call.request.body.decode(errors="replace")) > BODY_CHARACTERS:
        raise invalid(f"The request body is longer than {BODY_CHARACTERS} characters.")
    body = call.json(SEARCH)
    groups = body.get("filterGroups") or []
    sizes = [len(group.get("filters") or []) for group in groups]
    if len(groups) > GROUPS:
        raise invalid(f"There may be at most {GROUPS} filterGroups.")
    if max(sizes, default=0) > FILTERS_A_GROUP or sum(sizes) > FILTERS:
        raise invalid(f"There may be at most {FILTERS_A_GROUP} filters a group, {FILTERS} in all.")
    if len(body.get("sorts") or ()) > 1:
        raise invalid("Only one sort is allowed.")
    return body


def _matches(call: Call, body: Mapping[str, Any]) -> list[Deal]:
    """The deals that pass any group; one changed within the index lag is not found yet.

    INFERRED: the real index answers the older state of such a deal; either way the change is
    missed until the index has caught up.
    """
    portal = call.portal
    newest = portal.now() - round(call.index_lag * 1000) if call.index_lag else inf
    groups = [_group(portal, group) for group in body.get("filterGroups") or [{}]]
    narrowest = groups[0].window if len(groups) == 1 else Window()
    words = str(body.get("query") or "").lower()
    found = narrowest.deals(portal, newest)
    if words:
        found = [deal for deal in found if words in (deal.value("dealname") or "").lower()]
    if len(groups) == 1 and not groups[0].tests:
        return found
    return [deal for deal in found if any(group.passes(deal) for group in groups)]


class _Group(NamedTuple):
    """A group of filters: a window of ids and modified dates, and tests for all the rest."""

    window: Window
    tests: list[Callable[[Deal], bool]]

    def passes(self, deal: Deal) -> bool:
        return self.window.holds(deal) and all(test(deal) for test in self.tests)


def _group(portal: Portal, given: Mapping[str, Any]) -> _Group:
    window, tests = Window(), []
    for each in given.get("filters") or ():
        test = _filter(portal, each)
        narrowed = _narrowed(portal, window, each)
        tests += [] if narrowed else [test]
        window = narrowed or window
    return _Group(window, tests)


def _narrowed(portal: Portal, window: Window, given: Mapping[str, Any]) -> Window | None:
    name = str(given.get("propertyName"))
    if name not in BOUNDED or given.get("value") is None:
        return None
    bound = _reader(portal.properties[name].type)(given["value"])
    if isinstance(bound, str) or not isfinite(bound):
        return None
    return window.narrowed(name, str(given.get("operator")), bound)


def _filter(portal: Portal, given: Mapping[str, Any]) -> Callable[[Deal], bool]:
    given = {key: value for key, value in given.items() if value is not None}
    name, operator = str(given.get("propertyName")), str(given.get("operator"))
    if name not in portal.properties:
        raise invalid(f"There was a problem with the request: unknown property {name}")
    missing = _OPERANDS.get(operator, {"value"}) - given.keys()
    if missing:
        raise invalid(f"{operator} needs {sorted(missing)}")
    read = _reader(portal.properties[name].type)
    holds = _operator(operator, given, read)

    def test(deal: Deal) -> bool:
        return holds(_held(read, value_of(portal, deal, name)))

    return test


def _held(read: Callable[[Any], Comparable], value: str | None) -> Comparable | None:
    """A value to compare; INFERRED: one that is not of its type counts as none."""
    try:
        return None if value is None else read(value)
    except ValueError:
        return None


def _reader(kind: str) -> Callable[[Any], Comparable]:
    match kind:
        case "number":
            return float
        case "datetime":
            return lambda value: epoch_ms(parse_instant(str(value)))
        case _:
            return str


def _operator(
    operator: str, given: Mapping[str, Any], read: Callable[[Any], Comparable]
) -> Callable[[Any], bool]:
    """One operator as a test; INFERRED: a deal without a value passes only NOT_HAS_PROPERTY."""
    try:
        value = read(given["value"]) if "value" in given else ""
        high = read(given["highValue"]) if "highValue" in given else ""
        values = [read(each) for each in given.get("values", ())]
    except ValueError as fault:
        raise invalid(f"Invalid filter value: {fault}") from fault
    tests: dict[str, Callable[[Any], bool]] = {
        "EQ": lambda held: _folded(held) == _folded(value),
        "NEQ": lambda held: _folded(held) != _folded(value),
        "LT": lambda held: held < value,
        "LTE": lambda held: held <= value,
        "GT": lambda held: held > value,
        "GTE": lambda held: held >= value,
        "BETWEEN": lambda held: value <= held <= high,
        "IN": lambda held: _folded(held) in values,
        "NOT_IN": lambda held: _folded(held) not in values,
        "HAS_PROPERTY": lambda held: True,
        "CONTAINS_TOKEN": lambda held: _has_token(held, value),
        "NOT_CONTAINS_TOKEN": lambda held: not _has_token(held, value),
    }
    if operator == "NOT_HAS_PROPERTY":
        return lambda held: held is None
    if operator not in tests:
        raise invalid(f"Unknown operator {operator}")
    return lambda held: held is not None and tests[operator](held)


def _folded(value: Comparable) -> Comparable:
    # HubSpot fact, 2026-11: IN and NOT_IN on strings match lower-case values only.
    return value.lower() if isinstance(value, str) else value


def _has_token(held: Comparable, token: Comparable) -> bool:
    wanted = str(token).lower().strip("*")
    return any(word.startswith(wanted) for word in str(held).lower().split())


def _sorted(portal: Portal, deals: list[Deal], sorts: Any) -> list[Deal]:
    """By the one sort, a name or {propertyName, direction}; else by id."""
    for sort in sorts:
        asked = sort if isinstance(sort, dict) else {"propertyName": sort}
        key = _sort_key(portal, str(asked.get("propertyName")))
        deals.sort(key=key, reverse=asked.get("direction") == "DESCENDING")
    return deals


def _sort_key(portal: Portal, name: str) -> Callable[[Deal], Any]:
    if name in BOUNDED:
        return attrgetter(BOUNDED[name])
    read = _reader(portal.properties[name].type if name in portal.properties else "string")

    def key(deal: Deal) -> tuple[bool, Comparable]:
        held = _held(read, value_of(portal, deal, name))
        return (held is not None, "" if held is None else held)

    return key
