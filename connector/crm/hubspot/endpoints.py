"""HubSpot's host and dated paths; a new version of the API is a change of one constant here."""

HOST = "https://api.hubapi.com"
VERSION = "2026-09"

ACCOUNT = f"/account-info/{VERSION}/details"
OWNERS = f"/crm/owners/{VERSION}"
PIPELINES = f"/crm/pipelines/{VERSION}/deals"
DEALS = f"/crm/objects/{VERSION}/deals"
# What a key may do is told outside the dated API, to whoever has the key (2026-11).
KEY = "/oauth/v2/private-apps/get/access-token-info"
