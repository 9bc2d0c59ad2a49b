"""dlt's HubSpot source in a dlt pipeline, loaded as JSON lines into a folder."""

import os
import sys

import dlt
from dlt.destinations import filesystem
from ingestr.src import hubspot as source
from ingestr.src.hubspot import helpers

url, token, folder = sys.argv[1:]
os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"
helpers.BASE_URL = url + "/"
# The source leaves HubSpot's own hs_ fields out unless its list names them.
source.DEFAULT_DEAL_PROPS.append("hs_manual_forecast_category")
loading = dlt.pipeline(
    "peer",
    pipelines_dir=f"{folder}/state",
    destination=filesystem(f"file://{folder}"),
    dataset_name="crm",
)
dlt.config["normalize.data_writer.disable_compression"] = True
deals = source.hubspot(api_key=token, include_history=True).with_resources("deals")
loading.run(deals, loader_file_format="jsonl").raise_on_failed_jobs()
