"""Forecast, its accuracy and the waterfall of the made-up company, on the command line."""

import pytest


@pytest.fixture
def pulled(project):
    project.ok("pull", "--account", "nordlys")
    return project


def amount(money):
    return money["amount"]


def test_a_forecast_of_the_company(pulled):
    """Open deals are weighed in every way, and quarters told with what is still to come."""
    found = pulled.json("report", "forecast")
    total, *groups = found["weighted"]
    assert total["split"] == "total"
    assert total["deals"] > 10
    assert 0 < amount(total["configured"]) < amount(total["amount"])
    for split in ("pipeline", "month", "owner", "team", "region"):
        parts = [row for row in groups if row["split"] == split]
        assert sum(row["deals"] for row in parts) == total["deals"]
        summed = sum(amount(row["configured"]) for row in parts if row["configured"])
        assert summed == pytest.approx(amount(total["configured"]))
    assert [row["period"] for row in found["ahead"]] == ["2026Q4", "2027Q1", "2027Q2"]


def test_a_forecast_split_one_way(pulled):
    """--by leaves the other splits out."""
    found = pulled.json("report", "forecast", "--by", "team", "--pipeline", "b2b-five-steps")
    assert {row["split"] for row in found["weighted"]} == {"total", "month", "team"}


def test_past_forecasts_of_the_company(pulled):
    """Every complete quarter is scored at four horizons, from the first pull on."""
    found = pulled.json("report", "forecast-accuracy")
    assert {row["horizon"] for row in found["scores"]} == {0, 30, 60, 80}
    assert {row["kind"] for row in found["periods"]} == {"configured"}
    quarter = pulled.json(
        "report", "forecast-accuracy", "--period", "2026Q3", "--before-end", "10", "--kind", "all"
    )
    assert {row["period"] for row in quarter["periods"]} == {"2026Q3"}
    assert {row["horizon_label"] for row in quarter["periods"]} == {"10 days before its end"}


def test_a_waterfall_of_the_company(pulled):
    """Its bars lead from start to end, and the deals behind each add up to it."""
    found = pulled.json("report", "waterfall", "--period", "2026Q3", "--deals")
    *bars, end = found["bars"]
    assert sum(amount(bar["value"]) for bar in bars) == pytest.approx(amount(end["value"]))
    still = {"amount-up", "amount-down", "exchange"}
    assert sum(bar["deals"] for bar in bars if bar["bar"] not in still) == end["deals"]
    for bar in found["bars"]:
        listed = [row for row in found["listed"] if row["bar"] == bar["bar"]]
        assert len(listed) == abs(bar["deals"])
    everything = pulled.json("report", "waterfall", "--from", "2026-07-01", "--to", "2026-10-01")
    assert {"pulled-in", "pushed-out"}.isdisjoint(bar["bar"] for bar in everything["bars"])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "a waterfall needs two instants"),
        (("--period", "2026Q3", "--window", "soon"), "'soon' is no period"),
    ],
)
def test_a_waterfall_needs_to_know_from_when_to_when(arguments, said, project):
    """What was left out, or makes no sense, is a usage error that says what to add."""
    assert project.run("report", "waterfall", *arguments) == 2
    assert said in project.err
