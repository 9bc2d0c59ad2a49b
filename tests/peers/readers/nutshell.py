"""PyPI's nutshell: leads, stages, pipelines, users and teams over JSON-RPC, kept as JSON."""

import json
import sys
from pathlib import Path

from nutshell import methods
from nutshell.nutshell_api import NutshellAPI

FULL = 100  # the most a page of full leads holds

url, credential, folder = sys.argv[1:]
NutshellAPI.URL = f"{url}/api/v1/json"
api = NutshellAPI(*credential.split(":"))


def found(method: type, **asked: object) -> list[dict[str, object]]:
    """Every record a find method has, page by page."""
    records, page = [], 1
    while True:
        api.api_calls = [method(limit=FULL, page=page, **asked)]
        told = api.call_api().result
        if not told:
            return records
        records += [each.model_dump(mode="json") for each in told]
        page += 1


told = {
    "leads": found(methods.FindLeads, stub_responses=False),
    "stages": found(methods.FindMilestones),
    "pipelines": found(methods.FindStagesets),
    "users": found(methods.FindUsers),
    "teams": found(methods.FindTeams),
}
Path(folder, "nutshell.json").write_text(json.dumps(told))
