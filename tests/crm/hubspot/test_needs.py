import pytest

from connector.crm.hubspot.endpoints import ACCOUNT, DEALS, OWNERS, PIPELINES
from connector.crm.hubspot.needs import scope_for


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [
        ("GET", OWNERS, "crm.objects.owners.read"),
        ("POST", f"{DEALS}/search", "crm.objects.deals.read"),
        ("GET", PIPELINES, "crm.schemas.deals.read"),
        ("PATCH", f"{PIPELINES}/p/stages/s", "crm.schemas.deals.write"),
        ("GET", ACCOUNT, ""),
    ],
)
def test_each_request_needs_one_scope(method: str, path: str, scope: str):
    """A refused request can be told with the scope it needs; the account opens to every key."""
    assert scope_for(method, path) == scope
