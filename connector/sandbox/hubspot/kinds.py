"""What kind of request each endpoint answers, for those who pick requests by kind."""

from enum import StrEnum

from connector.sandbox.http import Request
from connector.sandbox.hubspot.routes import target


class Kind(StrEnum):
    """A kind of request; `LISTING` and `ARCHIVED` are the two listings of deals."""

    ACCOUNT = "account"
    OWNERS = "owners"
    PIPELINES = "pipelines"
    AUDIT = "audit"
    LISTING = "listing"
    ARCHIVED = "archived"
    DEAL = "deal"
    BATCH = "batch"
    SEARCH = "search"
    OTHER = "other"


LISTINGS = (Kind.LISTING, Kind.ARCHIVED)
HISTORIES = (*LISTINGS, Kind.DEAL, Kind.BATCH)

_KINDS = {
    ("GET", "account-info/details"): Kind.ACCOUNT,
    ("GET", "owners"): Kind.OWNERS,
    ("GET", "pipelines/:deals"): Kind.PIPELINES,
    ("GET", "pipelines/:deals/{pipeline}/audit"): Kind.AUDIT,
    ("GET", "objects/:deals"): Kind.LISTING,
    ("GET", "objects/:deals/{id}"): Kind.DEAL,
    ("POST", "objects/:deals/batch/read"): Kind.BATCH,
    ("POST", "objects/:deals/search"): Kind.SEARCH,
}


def kind_of(request: Request) -> Kind:
    """The kind of a request."""
    aimed = target(request.method, request.path)
    kind = _KINDS.get((request.method, aimed.route.path), Kind.OTHER) if aimed else Kind.OTHER
    archived = ("archived", "true") in ((name, value.lower()) for name, value in request.query)
    return Kind.ARCHIVED if kind is Kind.LISTING and archived else kind
