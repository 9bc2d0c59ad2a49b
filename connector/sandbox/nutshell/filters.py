"""The filters of the listing of leads, as far as the sandbox knows them."""

from collections.abc import Callable
from datetime import UTC, datetime

from connector.sandbox.nutshell.call import Call, Refusal
from connector.sandbox.nutshell.records import Lead, number

Test = Callable[[Lead], bool]


def wanted(call: Call, leads: list[Lead]) -> list[Lead]:
    """The leads for which every filter holds; values of one key, `[]` or commas, are any of."""
    tests = [_test(call, key, value) for key, value in call.request.query if _is_filter(key)]
    return [lead for lead in leads if all(test(lead) for test in tests)]


def _is_filter(key: str) -> bool:
    return key.startswith("filter[")


def _test(call: Call, key: str, value: str) -> Test:
    name = key.removeprefix("filter[").split("]")[0]
    if name == "createdTime":
        first, last = _timespan(value)
        return lambda lead: first <= lead.created <= last
    if name not in _LINKS:
        raise Refusal(f"Unknown filter: {name}")
    try:
        ids = {number(each) for each in value.split(",")}
    except ValueError:
        raise Refusal(f"Invalid {name}: {value}") from None
    return lambda lead: _LINKS[name](call, lead) in ids


def _timespan(text: str) -> tuple[float, float]:
    """`A TO B`, both needed."""
    try:
        first, last = (datetime.fromisoformat(part) for part in text.split(" TO "))
    except ValueError:
        raise Refusal(f"Invalid timespan: {text}") from None
    return _stamp(first), _stamp(last)


def _stamp(at: datetime) -> float:
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()


_LINKS: dict[str, Callable[[Call, Lead], int | None]] = {
    "milestones": lambda call, lead: lead.stage,
    "stageset": lambda call, lead: call.instance.pipelines.stages[lead.stage].stageset,
    "owners": lambda call, lead: number(lead.owner) if lead.owner else None,
    "outcomes": lambda call, lead: lead.outcome,
    "number": lambda call, lead: lead.number,
}
