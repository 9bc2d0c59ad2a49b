"""pipeline-diff's own `sync`, which writes JSON lines into a folder."""

import os
import sys

from pipeline_diff import cli
from pipeline_diff.crm import hubspot

url, token, folder = sys.argv[1:]
hubspot.API = url
os.environ["PIPELINE_DIFF_HUBSPOT_TOKEN"] = token
sys.exit(cli.main(["--data-dir", folder, "sync", "hubspot"]))
