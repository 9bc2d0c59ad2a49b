"""Reports of a data set of 8,800 deals, held against what its files say."""

import csv
import json
import os
import statistics
from collections import defaultdict
from datetime import datetime
from pathlib import Path

import pytest
from scipy.stats import chi2_contingency

from connector.cli.main import main
from connector.sandbox import Sandbox, from_csv

REAL = os.environ.get("CONNECTOR_TEST_DATA", "")
CONFIG = """\
version = 1
[accounts.seller]
crm = "hubspot"
token = {{ env = "SELLER_TOKEN" }}
base_url = "{url}"
fields = {{ product = "product", region = "region" }}
[privacy]
minimum_group = 1
"""

pytestmark = pytest.mark.skipif(not REAL, reason="CONNECTOR_TEST_DATA names no folder of data sets")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The data set, pulled through the sandbox once."""
    path = tmp_path_factory.mktemp("seller")
    (path / "mappings").mkdir()
    with (
        Sandbox(from_csv(Path(REAL) / "maven-crm")) as sandbox,
        pytest.MonkeyPatch.context() as env,
    ):
        env.setenv("SELLER_TOKEN", "pat-sandbox-read")
        (path / "config.toml").write_text(CONFIG.format(url=sandbox.url))
        assert main(["--config", str(path / "config.toml"), "pull"]) == 0
    return path


@pytest.fixture
def report(folder, capsys):
    """Runs a report; returns its JSON."""

    def run(*arguments: str):
        assert main(["--config", str(folder / "config.toml"), "--json", "report", *arguments]) == 0
        return json.loads(capsys.readouterr().out)

    return run


@pytest.fixture(scope="module")
def closed():
    """The rows of the decided deals, as the file has them."""
    with (Path(REAL) / "maven-crm" / "deals.csv").open(encoding="utf-8", newline="") as file:
        return [row for row in csv.DictReader(file) if row["outcome"] in ("won", "lost")]


def tallied(rows, *columns):
    """Won and lost by the values of these columns."""
    found = defaultdict(lambda: [0, 0])
    for row in rows:
        found[tuple(row[each] for each in columns)][row["outcome"] == "lost"] += 1
    return {key: tuple(counts) for key, counts in found.items()}


@pytest.mark.parametrize("by", ["owner", "team", "product", "region"])
def test_win_rates(report, closed, by):
    """Won and lost of every rep, team, product and region, and of all."""
    told = report("win-rate", "--by", by)
    rows = {row["group_label"]: (row["won"], row["lost"]) for row in told["closed"]}
    assert rows.pop("all") == (4_238, 2_473)
    assert {(label,): counts for label, counts in rows.items()} == tallied(closed, by)
    for row in told["closed"]:
        assert row["win_rate"] == row["won"] / (row["won"] + row["lost"])


def test_reps_across_products(report, closed):
    """Every cell of rep and product."""
    told = report("win-rate", "--by", "owner", "--across", "product")["across"]
    cells = {(row["group_label"], row["across_label"]): (row["won"], row["lost"]) for row in told}
    assert cells == tallied(closed, "owner", "product")


def test_reps_do_not_differ(report, closed):
    """The test is scipy's, and says that thirty reps are no further apart than chance has them."""
    (told,) = report("win-rate", "--by", "owner")["apart"]
    expected = chi2_contingency(list(tallied(closed, "owner").values()), correction=False)
    assert told["p"] == pytest.approx(expected.pvalue, abs=1e-9)
    assert (round(told["p"], 2), told["verdict"]) == (0.26, "alike")


def test_win_rates_of_a_quarter(report, closed):
    """Closed on a day of the second quarter; a date without a time is its first instant."""
    (told,) = report("win-rate", "--period", "2017Q2", "--timezone", "UTC")["closed"]
    inside = [row for row in closed if "2017-04-01" <= row["closed_at"] < "2017-07-01"]
    assert {(): (told["won"], told["lost"])} == tallied(inside)


def test_win_rates_of_a_cohort(report, closed):
    """Deals created in the first quarter, month by month."""
    told = report("win-rate", "--period", "2017Q1", "--timezone", "UTC")["created"]
    months = {row["group"]: (row["won"], row["lost"]) for row in told}
    created = [row | {"month": row["created_at"][:7]} for row in closed]
    expected = tallied([row for row in created if row["month"][:6] == "2017-0"], "month")
    assert months == {month: expected[month,] for month in ("2017-01", "2017-02", "2017-03")}


@pytest.mark.parametrize("by", ["owner", "product"])
def test_deal_sizes(report, closed, by):
    """Mean, median and variation of won amounts, by rep and by product."""
    amounts = defaultdict(list)
    for row in closed:
        if row["outcome"] == "won":
            amounts[row[by]].append(int(row["amount"]))
            amounts["all"].append(int(row["amount"]))
    told = {row["group_label"]: row for row in report("deal-size", "--by", by)["sizes"]}
    assert told.keys() == amounts.keys()
    for label, known in amounts.items():
        row = told[label]
        assert row["won_value"]["amount"] == sum(known)
        assert (row["won"], row["median"]["amount"]) == (len(known), statistics.median(known))
        assert row["mean"]["amount"] == pytest.approx(statistics.fmean(known), abs=1e-9)
        scatter = statistics.stdev(known) / statistics.fmean(known)
        assert row["variation"] == pytest.approx(scatter, abs=1e-9)


def test_cycles_and_days_to_lose(report, closed):
    """Days from creation to winning and losing, by product."""
    days = defaultdict(list)
    for row in closed:
        created, ended = (datetime.fromisoformat(row[key]) for key in ("created_at", "closed_at"))
        days[row["product"], row["outcome"]].append((ended - created).total_seconds() / 86_400)
    told = report("cycle", "--by", "product", "--timezone", "UTC")["lengths"]
    for row in told[1:]:
        for outcome in ("won", "lost"):
            known = days.pop((row["group_label"], outcome))
            assert row[outcome] == len(known)
            if len(known) >= 10:
                assert row[f"{outcome}_median"] == statistics.median(known)
                assert row[f"{outcome}_mean"] == pytest.approx(statistics.fmean(known), abs=1e-9)
    assert days == {}


def test_what_the_data_cannot_carry_is_said(report):
    """No lost deal has an amount, and no process says where the decision is asked for."""
    (told,) = report("win-rate")["closed"]
    assert told["value_win_rate"] is None
    assert "ask = true" in " ".join(note["text"] for note in report("cycle")["notes"])
