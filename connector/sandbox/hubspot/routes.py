"""Which path and method is which endpoint, and the scopes of which any one opens it."""

import re
from collections.abc import Callable
from typing import NamedTuple
from urllib.parse import unquote

from connector.sandbox.http import Response
from connector.sandbox.hubspot import (
    account,
    audit,
    deal_writes,
    deals,
    legacy,
    pipelines,
    search,
    stages,
)
from connector.sandbox.hubspot.call import Call

_DEALS = ("crm.objects.deals.read",)
_CHANGE_DEALS = ("crm.objects.deals.write",)
_OWNERS = ("crm.objects.owners.read",)
_SCHEMA = ("crm.schemas.deals.read", "crm.objects.deals.read")
_PIPELINES = (*_SCHEMA, *_OWNERS)
# HubSpot fact, 2026-11: crm.objects.deals.write does not open the writing of pipelines.
_CHANGE_PIPELINES = ("crm.schemas.deals.write",)

_STAGES = "pipelines/:deals/{pipeline}/stages"
_STAGE = _STAGES + "/{stage}"

Endpoint = Callable[[Call], Response]


class Route(NamedTuple):
    """One endpoint; `path` starts with the API's family, the version taken out."""

    method: str
    path: str
    endpoint: Endpoint
    scopes: tuple[str, ...]


ROUTES = (
    Route("GET", "account-info/details", account.details, ("oauth",)),
    Route("POST", "oauth/private-apps/get/access-token-info", account.token_info, ()),
    Route("GET", "owners", account.owners, _OWNERS),
    Route("GET", "properties/:deals", account.properties, _SCHEMA),
    Route("GET", "limits/pipelines", account.pipeline_limits, (*_DEALS, *_OWNERS)),
    Route("GET", "pipelines/:deals", pipelines.list_pipelines, _PIPELINES),
    Route("POST", "pipelines/:deals", pipelines.create_pipeline, _CHANGE_PIPELINES),
    Route("GET", "pipelines/:deals/{pipeline}", pipelines.get_pipeline, _PIPELINES),
    Route("PUT", "pipelines/:deals/{pipeline}", pipelines.put_pipeline, _CHANGE_PIPELINES),
    Route("PATCH", "pipelines/:deals/{pipeline}", pipelines.patch_pipeline, _CHANGE_PIPELINES),
    Route("DELETE", "pipelines/:deals/{pipeline}", pipelines.delete_pipeline, _CHANGE_PIPELINES),
    Route("GET", "pipelines/:deals/{pipeline}/audit", audit.pipeline_audit, _PIPELINES),
    Route("GET", _STAGES, stages.list_stages, _PIPELINES),
    Route("POST", _STAGES, stages.create_stage, _CHANGE_PIPELINES),
    Route("GET", _STAGE, stages.get_stage, _PIPELINES),
    Route("PUT", _STAGE, stages.put_stage, _CHANGE_PIPELINES),
    Route("PATCH", _STAGE, stages.patch_stage, _CHANGE_PIPELINES),
    Route("DELETE", _STAGE, stages.delete_stage, _CHANGE_PIPELINES),
    Route("GET", f"{_STAGE}/audit", audit.stage_audit, _PIPELINES),
    Route("GET", "objects/:deals", deals.list_deals, _DEALS),
    Route("POST", "objects/:deals/batch/read", deals.batch_read, _DEALS),
    Route("POST", "objects/:deals/search", search.search_deals, _DEALS),
    Route("POST", "objects/:deals", deal_writes.create_deal, _CHANGE_DEALS),
    Route("POST", "objects/:deals/merge", deal_writes.merge_deals, _CHANGE_DEALS),
    Route("GET", "objects/:deals/{id}", deals.get_deal, _DEALS),
    Route("PATCH", "objects/:deals/{id}", deal_writes.patch_deal, _CHANGE_DEALS),
    Route("DELETE", "objects/:deals/{id}", deal_writes.archive_deal, _CHANGE_DEALS),
    Route("GET", "deals/deal/paged", legacy.paged_deals, _DEALS),
    Route("GET", "properties/deals/properties", legacy.properties, _SCHEMA),
    Route("GET", "schemas", legacy.custom_objects, ("crm.schemas.custom.read",)),
)

_FAMILY = r"(?P<family>objects|pipelines|owners|properties|limits|schemas)"
_VERSIONED = tuple(
    re.compile(pattern + r"(?P<rest>/.*)?")
    for pattern in (
        rf"/crm/(?P<version>v3)/{_FAMILY}",
        rf"/crm/{_FAMILY}/(?P<version>2026-09)",
        r"/(?P<family>account-info)/(?P<version>v3|2026-09)",
        r"/(?P<family>oauth)/(?P<version>v2)",
        r"/(?P<family>deals|properties)/(?P<version>v1)",
    )
)


def _pattern(path: str) -> re.Pattern[str]:
    return re.compile(
        re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path.replace(":deals", "(?:deals|0-3)"))
    )


_PATTERNS = tuple((_pattern(route.path), route) for route in ROUTES)


class Target(NamedTuple):
    """What a request is aimed at: the endpoint, the API version and the names in the path."""

    route: Route
    version: str
    names: dict[str, str]


def target(method: str, path: str) -> Target | None:
    """Find the endpoint of a request; a trailing slash changes nothing."""
    match = next(filter(None, (each.fullmatch(path) for each in _VERSIONED)), None)
    if match is None:
        return None
    plain = (match["family"] + (match["rest"] or "")).rstrip("/")
    for pattern, route in _PATTERNS:
        found = pattern.fullmatch(plain) if route.method == method else None
        if found:
            names = {name: unquote(text) for name, text in found.groupdict().items()}
            return Target(route, match["version"], names)
    return None
