"""What a HubSpot key needs for what we ask (HubSpot facts, 2026-11)."""

from connector.crm.hubspot import endpoints

# A need is met by any one of its scopes; the first is the one to ask for.
Need = tuple[str, ...]

DEALS: Need = ("crm.objects.deals.read",)
OWNERS: Need = ("crm.objects.owners.read",)
STAGES: Need = ("crm.schemas.deals.write",)
# A key that writes pipelines cannot read them by that, and apply does both.
PIPELINES: Need = ("crm.schemas.deals.read", "crm.objects.deals.read", "crm.objects.owners.read")


def scope_for(method: str, path: str) -> str:
    """The scope to ask for where a request is forbidden; empty where none is known to help."""
    if path.startswith(endpoints.PIPELINES):
        return (PIPELINES if method == "GET" else STAGES)[0]
    if path.startswith(endpoints.OWNERS):
        return OWNERS[0]
    return DEALS[0] if path.startswith(endpoints.DEALS) else ""
