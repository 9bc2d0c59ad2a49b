"""What kind of request each endpoint and method answers, for those who pick requests by kind."""

import json
from enum import StrEnum

from connector.sandbox.http import Request
from connector.sandbox.nutshell.paths import is_rpc
from connector.sandbox.nutshell.rest import target


class Kind(StrEnum):
    """A kind of request; the last ones before `OTHER` are calls of JSON-RPC."""

    LEADS = "nutshell leads"
    LEAD = "nutshell lead"
    STAYS = "nutshell stays"
    PATCH = "nutshell patch"
    PIPELINES = "nutshell pipelines"
    USERS = "nutshell users"
    OUTCOMES = "nutshell outcomes"
    EVENTS = "nutshell events"
    DELETED = "nutshell deleted"
    REPORT = "nutshell report"
    FIND = "nutshell find"
    GET = "nutshell get"
    EDIT = "nutshell edit"
    OTHER = "nutshell other"


PAGES = (Kind.LEADS, Kind.EVENTS)

_KINDS = {
    ("GET", "leads"): Kind.LEADS,
    ("GET", "leads/{ids}"): Kind.LEAD,
    ("PATCH", "leads/{ids}"): Kind.PATCH,
    ("GET", "leads/{ids}/stages"): Kind.STAYS,
    ("GET", "leads/report"): Kind.REPORT,
    ("GET", "stages"): Kind.PIPELINES,
    ("GET", "stagesets"): Kind.PIPELINES,
    ("GET", "users"): Kind.USERS,
    ("GET", "outcomes"): Kind.OUTCOMES,
    ("GET", "events"): Kind.EVENTS,
    ("GET", "events/deleted"): Kind.DELETED,
}
_METHODS = {"find": Kind.FIND, "get": Kind.GET, "edit": Kind.EDIT}


def kind_of(request: Request) -> Kind:
    """The kind of a request for Nutshell."""
    if is_rpc(request):
        method = method_of(request)
        return next(
            (kind for verb, kind in _METHODS.items() if method.startswith(verb)), Kind.OTHER
        )
    aimed = target(request.method, request.path)
    route = aimed.route if aimed else None
    return _KINDS.get((route.method, route.path), Kind.OTHER) if route else Kind.OTHER


def method_of(request: Request) -> str:
    """The method that a call of JSON-RPC names; nothing where it names none."""
    try:
        body = json.loads(request.body or "{}")
    except ValueError:
        return ""
    return str(body.get("method", "")) if isinstance(body, dict) else ""
