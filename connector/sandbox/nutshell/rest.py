"""Which path and method of REST is which endpoint."""

import re
from collections.abc import Callable
from typing import NamedTuple
from urllib.parse import unquote

from connector.sandbox.http import Response
from connector.sandbox.nutshell import events, leads, patches, report, settings
from connector.sandbox.nutshell.call import Call

Endpoint = Callable[[Call], Response]


class Route(NamedTuple):
    """One endpoint; `path` is what follows /rest/."""

    method: str
    path: str
    endpoint: Endpoint


# Nutshell fact, 2026-11: nothing in either API creates, renames, moves or re-weights a stage.
ROUTES = (
    Route("GET", "leads", leads.list_leads),
    Route("GET", "leads/report", report.lead_report),
    Route("GET", "leads/{ids}", leads.get_leads),
    Route("PATCH", "leads/{ids}", patches.patch_lead),
    Route("GET", "leads/{ids}/stages", leads.lead_stages),
    Route("GET", "stages", settings.stages),
    Route("GET", "stages/{ids}", settings.stages),
    Route("GET", "stagesets", settings.stagesets),
    Route("GET", "stagesets/{ids}", settings.stagesets),
    Route("GET", "users", settings.users),
    Route("GET", "users/{ids}", settings.users),
    Route("GET", "outcomes", settings.outcomes),
    Route("GET", "outcomes/{ids}", settings.outcomes),
    Route("GET", "products", settings.products),
    Route("GET", "products/{ids}", settings.products),
    Route("GET", "sources", settings.sources),
    Route("GET", "sources/{ids}", settings.sources),
    Route("GET", "events", events.list_events),
    Route("GET", "events/deleted", events.list_deleted),
)
_PATTERNS = tuple(
    (re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", route.path)), route) for route in ROUTES
)


class Target(NamedTuple):
    """What a request is aimed at; `route` is None where the path knows other methods only."""

    route: Route | None
    names: dict[str, str]


def target(method: str, path: str) -> Target | None:
    """Find the endpoint of a request under /rest; None where there is no such path."""
    plain = path.removeprefix("/rest").strip("/")
    aimed: Target | None = None
    for pattern, route in _PATTERNS:
        if found := pattern.fullmatch(plain):
            names = {name: unquote(text) for name, text in found.groupdict().items()}
            if route.method == method:
                return Target(route, names)
            aimed = Target(None, names)
    return aimed
