"""HubSpot's own Python client: its `get_all`, into a list; kept as JSON where a folder is named."""

import json
import sys
from pathlib import Path

import hubspot

HISTORY = [
    "dealstage",
    "pipeline",
    "amount",
    "closedate",
    "hubspot_owner_id",
    "hs_manual_forecast_category",
]
url, token, *folder = sys.argv[1:]
client = hubspot.Client.create(access_token=token, host=url)
deals = [
    deal
    for archived in (False, True)
    for deal in client.crm.deals.get_all(
        properties=["dealname", *HISTORY], properties_with_history=HISTORY, archived=archived
    )
]
if folder:
    plain = client.crm.deals.basic_api.api_client.sanitize_for_serialization(deals)
    Path(*folder, "official.json").write_text(json.dumps(plain))
