"""docs/json.md describes the JSON of every report."""

import json
import re
from pathlib import Path

import pytest

from connector.report.as_json import to_json
from connector.report.document import Table

DOCUMENTED = (Path(__file__).parents[2] / "docs" / "json.md").read_text("utf-8")

REPORTS = (
    "drift_report",
    "standing_report",
    "accepted_report",
    "failure_report",
    "history_report",
    "moment_report",
    "plan_report",
    "work_report",
    "lead_plan_report",
    "lead_apply_report",
    "time_report",
    "calibration_report",
    "apply_report",
    "processes_report",
    "process_report",
    "doctor_report",
    "run_report",
    "jobs_report",
    "conversion_report",
    "adoption_report",
    "losses_report",
    "reps_report",
    "sheet_report",
    "win_rate_report",
    "deal_size_report",
    "cycle_report",
    "velocity_report",
    "forecast_report",
    "forecast_accuracy_report",
    "waterfall_report",
)


def keys(value):
    """Every key of a JSON value, at any depth."""
    match value:
        case dict():
            return set(value).union(*map(keys, value.values()))
        case list():
            return set().union(*map(keys, value))
        case _:
            return set()


@pytest.mark.parametrize("name", REPORTS)
def test_every_key_is_documented(name, request):
    """No report has a key that docs/json.md does not name, nor a version it does not describe."""
    report = json.loads(to_json(request.getfixturevalue(name)))
    assert f"## `{report['report']}`, version {report['version']}\n" in DOCUMENTED
    named = set(re.findall(r'[`"](\w+)[`"]', DOCUMENTED))
    assert keys(report) - named == set()


@pytest.mark.parametrize("name", REPORTS)
def test_every_key_of_a_report_is_used_once(name, request):
    """Facts and tables share one JSON object, so no two may have one name."""
    report = request.getfixturevalue(name)
    keys = [fact.key for fact in report.facts]
    keys += [block.name for block in report.blocks if isinstance(block, Table)]
    keys += ["report", "version", "notes"]
    assert len(keys) == len(set(keys))
    for block in report.blocks:
        if isinstance(block, Table):
            columns = [column.key for column in block.columns]
            assert len(columns) == len(set(columns))
