"""Outcome reports of 13,087 real loan applications, held against what their log says."""

import csv
import json
import os
import statistics
from collections import Counter, defaultdict
from datetime import datetime
from itertools import groupby
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from lifelines import KaplanMeierFitter

from connector.cli.main import main
from connector.sandbox import Sandbox, from_csv

REAL = os.environ.get("CONNECTOR_TEST_DATA", "")
AS_OF = "2012-03-01"
CONFIG = """\
version = 1
[accounts.bank]
crm = "hubspot"
token = {{ env = "BANK_TOKEN" }}
base_url = "{url}"
"""
PROCESS = """\
version = 1
key = "loan"
label = "Loan"
language = "en"
stage = [
    { key = "submitted", label = "submitted", probability = 0.1 },
    { key = "preaccepted", label = "preaccepted", probability = 0.2 },
    { key = "accepted", label = "accepted", probability = 0.3 },
    { key = "offer-sent", label = "offer_sent", probability = 0.4, ask = true },
    { key = "offer-returned", label = "offer_returned", probability = 0.5 },
    { key = "won", label = "won", probability = 1.0, outcome = "won" },
    { key = "declined", label = "lost_declined", probability = 0.0, outcome = "lost" },
    { key = "off", label = "lost_cancelled", probability = 0.0, outcome = "lost", cancelled = true }
]
bindings = [{ account = "bank", pipeline = "loan", language = "en" }]
"""

pytestmark = pytest.mark.skipif(not REAL, reason="CONNECTOR_TEST_DATA names no folder of data sets")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The log, pulled through the sandbox once."""
    path = tmp_path_factory.mktemp("bank")
    (path / "mappings").mkdir()
    (path / "mappings" / "loan.toml").write_text(PROCESS)
    with (
        Sandbox(from_csv(Path(REAL) / "bpic-2012")) as sandbox,
        pytest.MonkeyPatch.context() as env,
    ):
        env.setenv("BANK_TOKEN", "pat-sandbox-read")
        (path / "config.toml").write_text(CONFIG.format(url=sandbox.url))
        assert main(["--config", str(path / "config.toml"), "pull"]) == 0
    return path


@pytest.fixture
def report(folder, capsys):
    """Runs a report as of the first of March in UTC; returns its JSON."""

    def run(*asked: str):
        when = ("--as-of", AS_OF, "--timezone", "UTC")
        config = ("--config", str(folder / "config.toml"), "--json", "report")
        assert main([*config, *asked, *when]) == 0
        return json.loads(capsys.readouterr().out)

    return run


@pytest.fixture(scope="module")
def lives():
    """The stays of every application that began before the instant, as stage and entry."""
    at = datetime.fromisoformat(AS_OF).replace(tzinfo=ZoneInfo("UTC"))
    events = defaultdict(list)
    with (Path(REAL) / "bpic-2012" / "stage_events.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            entered = datetime.fromisoformat(row["entered_at"])
            if entered < at:
                events[row["deal_id"]].append((int(row["seq"]), row["stage"], entered))
    return [
        [next(run)[1:] for _, run in groupby(sorted(each), key=lambda event: event[1])]
        for each in events.values()
    ]


def test_cancelled_applications_count_or_do_not(report, lives):
    """Won, declined and cancelled by the stage they are in as of the instant."""
    ends = Counter(life[-1][0] for life in lives)
    for reading, lost in (
        ("in", ends["lost_declined"] + ends["lost_cancelled"]),
        ("out", ends["lost_declined"]),
    ):
        (told,) = report("win-rate", "--cancelled", reading)["closed"]
        assert (told["won"], told["lost"]) == (ends["won"], lost)
        assert told["win_rate"] == ends["won"] / (ends["won"] + lost)


def test_the_wait_for_a_decision(report, lives):
    """From the first offer to the end; those that wait still are censored, as lifelines has it."""
    at = datetime.fromisoformat(AS_OF).replace(tzinfo=ZoneInfo("UTC"))
    waits, ended = [], []
    for life in lives:
        asked = next((entered for stage, entered in life if stage == "offer_sent"), None)
        if asked:
            stage, entered = life[-1]
            ended.append(stage.startswith(("won", "lost")))
            waits.append(((entered if ended[-1] else at) - asked).total_seconds() / 86_400)
    (told,) = report("cycle")["decisions"]
    decided = [wait for wait, is_over in zip(waits, ended, strict=True) if is_over]
    assert (told["asked"], told["decided"]) == (len(waits), len(decided))
    assert told["naive_median"] == pytest.approx(statistics.median(decided), abs=1e-9)
    assert told["naive_mean"] == pytest.approx(statistics.fmean(decided), abs=1e-9)
    curve = KaplanMeierFitter().fit(waits, ended).survival_function_["KM_estimate"]
    for key, survival in (("median", 0.5), ("three_quarters", 0.25)):
        reached = float(curve[curve <= survival + 1e-9].index[0])
        assert told[key] == pytest.approx(reached, abs=1e-9)
