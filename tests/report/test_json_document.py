"""docs/json.md describes the JSON of every report."""

import json
import re
from pathlib import Path

import pytest

from connector.report import to_json

DOCUMENTED = (Path(__file__).parents[2] / "docs" / "json.md").read_text("utf-8")


def keys(value):
    """Every key of a JSON value, at any depth."""
    match value:
        case dict():
            return set(value).union(*map(keys, value.values()))
        case list():
            return set().union(*map(keys, value))
        case _:
            return set()


@pytest.mark.parametrize("name", ["drift_report", "plan_report", "time_report"])
def test_every_key_is_documented(name, request):
    """No report has a key that docs/json.md does not name, nor a version it does not describe."""
    report = json.loads(to_json(request.getfixturevalue(name)))
    assert f"## `{report['report']}`, version {report['version']}\n" in DOCUMENTED
    named = set(re.findall(r'[`"](\w+)[`"]', DOCUMENTED))
    assert keys(report) - named == set()
