"""The same company in HubSpot and in Nutshell: every report says the same of both."""

import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from connector.sandbox import VirtualClock, company, from_csv
from tests.cli.twins import KEYS, Twins, differences, in_whole_seconds, pulled, without_the_gone

REAL = os.environ.get("CONNECTOR_TEST_DATA", "")
NOW = datetime(2026, 11, 21, 3, 10, tzinfo=UTC)

REPORTS = (
    ("adoption",),
    ("calibration", "--months"),
    ("conversion",),
    ("conversion", "--rule", "direct", "--by", "owner"),
    ("conversion", "--rule", "strict", "--by", "source"),
    ("cycle", "--by", "team"),
    ("deal-size", "--by", "product"),
    ("forecast",),
    ("forecast-accuracy", "--span", "month", "--kind", "all"),
    ("losses",),
    ("reps",),
    ("suggest",),
    ("time-in-stage", "--reading", "all", "--exits", "--deals", "50"),
    ("velocity", "--by", "owner"),
    ("win-rate", "--by", "owner", "--trend"),
    ("win-rate", "--cancelled", "out"),
    ("win-rate", "--closed-on", "field"),
)


@pytest.fixture(scope="module", params=["company", "bpic-2012"])
def twins(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Twins:
    """A small company, and 13,087 loan applications where the data is there, pulled from both."""
    if request.param == "company":
        portal, as_of = company(0, now=NOW, deals=300), "2026-11-20"
    elif REAL:
        portal, as_of = from_csv(Path(REAL) / request.param), "2012-03-01"
    else:
        pytest.skip("CONNECTOR_TEST_DATA names no folder of data sets")
    portal.clock = VirtualClock(NOW)
    in_whole_seconds(without_the_gone(portal))
    with pytest.MonkeyPatch.context() as env:
        for name, key in KEYS.items():
            env.setenv(name, key)
        return pulled(tmp_path_factory.mktemp(request.param), portal, as_of)


def test_reports_are_equal(twins: Twins) -> None:
    """Every cell of every report is that of the twin."""
    found = {}
    for asked in REPORTS:
        pair = [twins.report(which, *asked) for which in ("hubspot", "nutshell")]
        for each in differences(*pair):
            found.setdefault((asked[0], each.place), []).append(each[1:])
    for place, values in found.items():
        print(place, len(values), values[:3])
    assert not found
