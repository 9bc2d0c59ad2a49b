"""REST endpoints of the change log: what happened, and what was deleted."""

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any
from urllib.parse import urlencode

from connector.sandbox.http import Response
from connector.sandbox.nutshell.call import MOST, Call, envelope
from connector.sandbox.nutshell.changelog import Entry
from connector.sandbox.nutshell.records import Event, number
from connector.sandbox.nutshell.shapes import lead_shape, named_shape

PAGE = 20  # INFERRED from the links of a recorded answer


def list_events(call: Call) -> Response:
    """What happened to what the user sees, newest first, deletions aside."""
    return _page(call, lambda event: event.action != "delete" and _seen(call, event))


def list_deleted(call: Call) -> Response:
    """What was deleted, newest first; INFERRED: in the same envelope."""
    return _page(call, lambda event: event.action == "delete")


def _page(call: Call, concerns: Callable[[Event], bool]) -> Response:
    limit = call.whole("limit", PAGE, MOST)
    found = (entry for entry in _asked(call) if concerns(entry.event))
    page = list(islice(found, limit))
    shapes = [_shape(entry) for entry in page]
    beside = {"actors": [], "payloads": _payloads(call, page)}
    return envelope(call, "events", shapes, _meta(call, page), **beside)


def _asked(call: Call) -> Iterator[Entry]:
    """The events a query asks for.

    `since_id` leaves the event of this id out, `max_id` does not; INFERRED: of both times neither.
    """
    since, until = call.optional("since_time"), call.optional("max_time")
    entity = call.one("entity_id")
    for entry in call.instance.log.newest_first(call.optional("since_id"), call.optional("max_id")):
        early = since is not None and entry.event.at < since
        late = until is not None and entry.event.at > until
        if not early and not late and (not entity or _is(entry.event.payload, entity)):
            yield entry


def _is(payload: str, entity: str) -> bool:
    return payload == entity or (entity.isdecimal() and payload == f"{entity}-leads")


def _seen(call: Call, event: Event) -> bool:
    """Whether an event is of a lead that the user may see, or of no lead at all."""
    if not event.payload.endswith("-leads"):
        return True
    return call.instance.may_see(call.user, call.instance.lead(event.payload))


def _payloads(call: Call, page: Iterable[Entry]) -> list[dict[str, Any]]:
    """The records that a page is about, as they are now; deleted ones are not there."""
    instance, refs = call.instance, dict.fromkeys(entry.event.payload for entry in page)
    leads = [instance.lead(ref) for ref in refs if ref.endswith("-leads")]
    accounts = [
        instance.catalogue.accounts[number(ref)] for ref in refs if not ref.endswith("-leads")
    ]
    return [
        *(lead_shape(instance, lead) for lead in leads if lead.deleted is None),
        *map(named_shape, accounts),
    ]


def _shape(entry: Entry) -> dict[str, Any]:
    event = entry.event
    return {
        "id": f"{entry.id}-events",
        "type": "events",
        "createdTime": event.at,
        "actorType": event.actor.split("-")[1],
        "payloadType": event.payload.split("-")[1],
        "action": event.action,
        "changes": [
            {"attribute": change.attribute, "oldValue": change.old, "newValue": change.new}
            for change in event.changes
        ],
        "count": None,
        "links": {"comments": [], "actor": event.actor, "payloads": [event.payload]},
    }


def _meta(call: Call, page: list[Entry]) -> dict[str, str]:
    """Links forward from the newest event and back from the oldest; INFERRED: none of no event.

    `previous` names the oldest event again, since `max_id` is inclusive.
    """
    if not page:
        return {}
    newest, oldest = page[0], page[-1]
    return {
        "next": _link(call, since_id=newest.id, since_time=newest.event.at),
        "previous": _link(call, max_id=oldest.id, max_time=oldest.event.at),
        "last": f"{oldest.id}-events",
    }


def _link(call: Call, **cursor: int) -> str:
    named = {
        key: f"{value}-events" if key.endswith("_id") else value for key, value in cursor.items()
    }
    query = {"limit": call.one("limit", str(PAGE)), **named}
    return f"{call.request.origin}{call.request.path}?{urlencode(query)}"
