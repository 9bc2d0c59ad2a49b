"""Time in stage and calibration, from the CRM to what is printed."""

import json

import pytest

REPORTS = ("time-in-stage", "calibration")


@pytest.mark.parametrize("report", REPORTS)
def test_every_report_answers_in_every_form(project, report):
    """As text, Markdown, JSON and CSV."""
    project.ok("pull")
    asked = ("report", report)
    assert project.ok(*asked).startswith(("Time in stage", "Calibration"))
    assert project.ok(*asked, "--format", "markdown").startswith("# ")
    assert project.json(*asked)["report"] == report
    assert project.ok(*asked, "--format", "csv").startswith("\ufefffunnel,")


@pytest.mark.parametrize("report", REPORTS)
def test_as_of_an_instant_what_came_later_does_not_count(project, report):
    """A report as of an instant is the same after later pulls brought later changes."""
    project.ok("pull")
    question = ("report", report, "--as-of", "2026-06-01")
    before = project.json(*question)
    project.portal.move(next(iter(project.portal.deals)), "qualifiedtobuy")
    project.ok("pull")
    assert project.json(*question) == before


def test_all_readings_exits_and_stalled_deals(project):
    """Four readings of every stage, ways out that add up, and as many stalled deals as asked."""
    project.ok("pull")
    answer = project.json(
        "report", "time-in-stage", "--reading", "all", "--exits", "--deals", "3", "--horizon", "10d"
    )
    assert answer["readings"] == ["visit", "cumulative", "latest", "first-pass"]
    assert answer["horizon"] == 10
    assert len(answer["stalled_deals"]) == 3
    for stage in {(row["funnel"], row["stage"]) for row in answer["exits"]}:
        rows = [row for row in answer["exits"] if (row["funnel"], row["stage"]) == stage]
        assert sum(row["at_last"] for row in rows) <= 1 + 1e-9
        (left,) = (
            row["left"]
            for row in answer["medians"]
            if (row["funnel"], row["stage"], row["reading"]) == (*stage, "visit")
        )
        assert sum(row["left"] for row in rows) == left


def test_months_stand_by_themselves_when_asked_for(project):
    """Each first of a month with its own scores."""
    project.ok("pull")
    assert "months" not in project.json("report", "calibration")
    months = project.json("report", "calibration", "--months")["months"]
    assert len({row["month"] for row in months}) > 3
    assert json.dumps(months).count('"brier": 0.') > 0


def test_calibration_is_not_compared(project):
    """A comparison it does not make is refused, not ignored."""
    project.ok("pull")
    question = ("report", "calibration", "--period", "2026", "--compare", "previous")
    assert project.run(*question) == 2
    assert "--period" in project.err
