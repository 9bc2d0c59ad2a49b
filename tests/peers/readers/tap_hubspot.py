"""tap-hubspot's deals stream, every field selected, as Singer messages in a file."""

import contextlib
import sys
from pathlib import Path

import tap_hubspot as tap

url, token, folder = sys.argv[1:]
tap.BASE_URL = url
tap.CONFIG |= {"api_key": token, "start_date": "2000-01-01T00:00:00Z"}
(deals,) = (stream for stream in tap.STREAMS if stream.tap_stream_id == "deals")
schema, selected = tap.load_discovered_schema(deals)
for entry in selected:
    entry["metadata"]["selected"] = True
stream = {"stream": "deals", "tap_stream_id": "deals", "schema": schema, "metadata": selected}
with Path(folder, "deals.singer").open("w") as messages, contextlib.redirect_stdout(messages):
    tap.do_sync({}, {"streams": [stream]})
