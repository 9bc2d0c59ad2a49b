"""The reports of win rates, deal sizes, cycles and velocity, word for word."""

from dataclasses import replace

import pytest

from connector.metrics.grouping import By, split
from connector.metrics.outcomes.closings import Cancelled, ClosedOn, Reading
from connector.metrics.outcomes.velocity import velocities
from connector.metrics.outcomes.win_rate import WinRateQuestion, win_rates
from connector.metrics.privacy import Naming, Privacy
from connector.report.analytics.head import Head
from connector.report.analytics.velocity import velocity_document
from connector.report.analytics.win_rate import win_rate_document
from connector.report.as_json import to_json
from connector.report.as_markdown import to_markdown
from connector.report.as_text import to_text
from tests.report.outcome_world import TARGETS, deals, scope

REPORTS = ("win_rate_report", "deal_size_report", "cycle_report", "velocity_report")


def name_of(report: str) -> str:
    return report.removesuffix("_report").replace("_", "-")


@pytest.mark.parametrize("report", REPORTS)
def test_text(report, request, golden):
    """What people read in a terminal of 100 columns and of 80."""
    document = request.getfixturevalue(report)
    golden(f"{name_of(report)}.txt", to_text(document))
    golden(f"{name_of(report)}-80.txt", to_text(document, 80))


@pytest.mark.parametrize("report", REPORTS)
def test_markdown_and_json(report, request, golden):
    """What tickets and programs read."""
    document = request.getfixturevalue(report)
    golden(f"{name_of(report)}.md", to_markdown(document))
    golden(f"{name_of(report)}.json", to_json(document))


@pytest.mark.parametrize("report", REPORTS)
def test_no_line_is_wider_than_the_terminal(report, request):
    """A hundred columns hold every table."""
    lines = to_text(request.getfixturevalue(report)).splitlines()
    assert max(map(len, lines)) <= 100


def test_reps_are_out_of_reports_where_config_says_so():
    """With owners = "off" no report by rep names or counts one, and says why."""
    frame = scope(privacy=Privacy(Naming.OFF))
    question = WinRateQuestion(split(By.OWNER, frame), Reading())
    text = to_text(win_rate_document(Head(frame), win_rates(frame, question, deals(frame))))
    assert "Kari" not in text
    assert 'Not split by rep: config.toml says [privacy] owners = "off".' in text
    frame = replace(frame, as_of=scope(60).as_of)
    found = velocities(frame, split(None, frame), TARGETS, deals(frame))
    text = to_text(velocity_document(Head(frame), found))
    assert "Lars" not in text
    assert 'Targets of reps are not shown: config.toml says [privacy] owners = "off".' in text


def test_the_readings_of_vendors_say_what_they_cannot_count():
    """Deals without a close date are counted, and a process without cancelled stages is told."""
    frame = scope()
    reading = Reading(ClosedOn.FIELD, Cancelled.OUT)
    undated = [deal._replace(closes=()) for deal in deals(frame)]
    rates = win_rates(frame, WinRateQuestion(split(None, frame), reading), undated)
    text = " ".join(to_text(win_rate_document(Head(frame), rates)).split())
    assert "Without a date in the CRM's close-date field: 137 decided deals" in text
    assert "No stage is marked as cancelled, so nothing was left out." in text


def test_amounts_of_several_currencies_are_never_summed():
    """Without a home currency there is no sum, no value and no target, and the report says why."""
    frame = replace(scope(60), currency=None)
    rates = win_rates(frame, WinRateQuestion(split(None, frame), Reading()), deals(frame))
    found = velocities(frame, split(None, frame), TARGETS, deals(frame))
    for document in (
        win_rate_document(Head(frame), rates),
        velocity_document(Head(frame), found),
    ):
        text = " ".join(to_text(document).split())
        assert "Amounts are not told: the accounts have several currencies." in text
        assert "NOK" not in text


def test_a_company_without_deals_gets_a_report_too():
    """Nothing closed, nothing created, and no crash."""
    frame = scope()
    rates = win_rates(frame, WinRateQuestion(split(None, frame), Reading(), trend=True), [])
    text = to_text(win_rate_document(Head(frame), rates))
    assert "No deal closed in it." in text
    text = to_text(velocity_document(Head(frame), velocities(frame, split(None, frame), {}, [])))
    assert "No targets are set for 2026Q4." in text
