"""Win rates, deal sizes, cycles and velocity, from the CRM to what is printed."""

import csv
import io
from datetime import UTC, datetime, timedelta

import pytest

REPORTS = ("win-rate", "deal-size", "cycle", "velocity")
TARGETS = '\n[targets.2026]\ntotal = 1_000\n[targets.2027]\nowners = { "Kari Hauge" = 5 }\n'


@pytest.mark.parametrize("report", REPORTS)
def test_every_report_answers_in_every_form(project, report):
    """The first word of each is its name, in text, Markdown, JSON and CSV, split and compared."""
    project.ok("pull")
    asked = ("report", report, "--by", "team", "--from", "2000-01-01", "--compare", "previous")
    assert project.ok(*asked).startswith(("Win rate", "Deal size", "Sales cycle", "Sales velocity"))
    assert project.ok(*asked, "--format", "markdown").startswith("# ")
    assert project.json(*asked)["report"] == report
    header = project.ok(*asked, "--format", "csv").split("\r\n")[0]
    assert header.startswith("\ufefffunnel,group,funnel_label,group_label,")


def test_a_split_adds_up_to_the_whole(project):
    """The teams of a funnel win what the funnel wins, to the hundredth."""
    project.ok("pull")
    whole = {row["funnel"]: row for row in project.json("report", "win-rate")["closed"]}
    parts = project.json("report", "win-rate", "--by", "region")["closed"]
    assert len(whole) == 3
    for funnel, row in whole.items():
        mine = [part for part in parts if part["funnel"] == funnel]
        assert mine[0] | {"group_label": "all"} == row | {"group_label": "all"}
        for key in ("won", "lost", "without_amount", "unpriced"):
            assert sum(part[key] for part in mine[1:]) == row[key]
        value = sum(round(part["won_value"]["amount"] * 100) for part in mine[1:])
        assert value == round(row["won_value"]["amount"] * 100)


def test_another_table_is_had_by_name(project):
    """--table picks one; a wrong name is told those there are; it is for CSV alone."""
    project.ok("pull")
    text = project.ok("report", "win-rate", "--format", "csv", "--table", "created")
    rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))
    assert {row["mature"] for row in rows} == {"true", "false"}
    assert project.run("report", "win-rate", "--format", "csv", "--table", "creatd") == 2
    assert "there is closed, created, definitions" in project.err
    assert project.run("report", "win-rate", "--table", "created") == 2
    assert "--table is for --format csv" in project.err


def test_targets_and_privacy_come_from_config(project):
    """A target of the period asked is held against what was won; reps off are not named."""
    config = project.folder / "config.toml"
    config.write_text(config.read_text("utf-8") + TARGETS, "utf-8")
    project.ok("pull")
    (total,) = project.json("report", "velocity", "--period", "2026")["targets"]
    assert (total["of"], total["target"]) == ("total", {"amount": 1_000.0, "currency": "NOK"})
    assert "Kari Hauge" in project.ok("report", "win-rate", "--by", "owner")
    config.write_text(config.read_text("utf-8") + '[privacy]\nowners = "off"\n', "utf-8")
    assert "Kari Hauge" not in project.ok("report", "win-rate", "--by", "owner")
    assert "targets" not in project.json("report", "velocity", "--period", "2025")


def test_across_takes_another_by(project):
    """Splitting once more needs groups to split, and another way."""
    assert project.run("report", "win-rate", "--across", "team") == 2
    assert project.run("report", "win-rate", "--by", "team", "--across", "team") == 2
    project.ok("pull")
    rows = project.json("report", "win-rate", "--by", "team", "--across", "product")["across"]
    assert {"Norge", "Sverige", "Finland"} == {row["group_label"] for row in rows}
    assert all(row["won"] + row["lost"] >= 5 for row in rows)


def test_what_is_asked_too_late_is_told(project):
    """As of an instant, only what came before counts: a year ago fewer deals had closed."""
    project.ok("pull")
    last_year = f"{datetime.now(UTC) - timedelta(days=365):%Y-%m-%d}"
    now, then = (
        sum(row["won"] for row in project.json("report", "deal-size", *as_of)["sizes"])
        for as_of in ((), ("--as-of", last_year))
    )
    assert 0 < then < now
