"""The reports of forecasts, their accuracy and the waterfall, word for word."""

from dataclasses import replace

import pytest

from connector.metrics.forecasting.odds import Kind
from connector.metrics.privacy import Naming, Privacy
from connector.report.analytics.forecast import forecast_document
from connector.report.analytics.forecast_accuracy import forecast_accuracy_document
from connector.report.analytics.head import Head
from connector.report.analytics.waterfall import waterfall_document
from connector.report.as_json import to_json
from connector.report.as_markdown import to_markdown
from connector.report.as_text import to_text
from tests.report.forecast_world import deals, forecast, past_forecasts, scope, waterfall

REPORTS = ("forecast_report", "forecast_accuracy_report", "waterfall_report")


def name_of(report: str) -> str:
    return report.removesuffix("_report").replace("_", "-")


def words(document) -> str:
    return " ".join(to_text(document).split())


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


def test_without_close_dates_accuracy_and_windows_are_not_defined():
    """Where no deal was ever expected on a day, the reports say so instead of zeros."""
    undated = [deal._replace(closes=()) for deal in deals()]
    frame = scope()
    found = past_forecasts(frame, undated)
    text = words(forecast_accuracy_document(Head(frame), found, (Kind.CONFIGURED,)))
    assert "Forecast accuracy is not defined here: no deal had a close date" in text
    text = words(
        waterfall_document(Head(frame), waterfall(frame, undated, windowed=True, lists=False))
    )
    assert "The waterfall of a window of close dates is not defined here" in text
    assert "open at the start" not in text


def test_amounts_that_never_change_leave_their_bars_undefined():
    """Up and down are not zero where nobody ever changed an amount."""
    fixed = [deal._replace(amounts=deal.amounts[:1]) for deal in deals()]
    frame = scope()
    document = waterfall_document(Head(frame), waterfall(frame, fixed, windowed=False, lists=False))
    assert "amount up not defined not defined" in words(document)
    assert "Pushed, slipped and overdue are not told" in words(document)


def test_past_forecasts_by_the_deals_own_probabilities_say_why_there_are_none():
    """What no account keeps is told with how to keep it; what some keep is not known of all."""
    frame = scope()
    kept = replace(frame, fields=frame.fields | {"confidence"})
    for known, said in ((frame, "no account keeps"), (kept, "of no period are those of all")):
        found = past_forecasts(known, deals())
        text = words(forecast_accuracy_document(Head(known), found, tuple(Kind)))
        assert f"The deals' own probabilities are left out: {said}" in text


def test_kinds_without_a_probability_say_why():
    """A field nobody names, and too few decided deals, are told with what to do."""
    frame = scope()
    few = list(deals())[-3:]
    text = words(forecast_document(Head(frame), forecast(frame, few)))
    assert 'confidence = "hs_forecast_probability"' in text
    assert "Evidence is not defined: fewer than ten deals were won or lost." in text
    assert "From deals not created yet: not known" in text


def test_amounts_of_several_currencies_are_never_summed():
    """Without a home currency there is no sum in any of them, and the reports say why."""
    frame = replace(scope(), currency=None)
    told = list(deals())
    for document in (
        forecast_document(Head(frame), forecast(frame, told)),
        forecast_accuracy_document(Head(frame), past_forecasts(frame, told), tuple(Kind)),
        waterfall_document(Head(frame), waterfall(frame, told, windowed=True, lists=True)),
    ):
        assert "Amounts are not told: the accounts have several currencies." in words(document)
        assert "NOK" not in words(document)


def test_reps_are_out_of_reports_where_config_says_so():
    """With owners = "off" no rep is named, neither in a split nor in a list of deals."""
    frame = scope(privacy=Privacy(Naming.OFF))
    told = list(deals())
    for document in (
        forecast_document(Head(frame), forecast(frame, told)),
        waterfall_document(Head(frame), waterfall(frame, told, windowed=True, lists=True)),
    ):
        assert "Kari" not in words(document)
        assert '"owner": "7"' not in to_json(document)
        assert '"key": "7"' not in to_json(document)


def test_a_company_without_deals_gets_reports_too():
    """Nothing open, nothing won, and no crash."""
    frame = scope()
    assert "No deal was open." in words(forecast_document(Head(frame), forecast(frame, [])))
    text = words(forecast_accuracy_document(Head(frame), past_forecasts(frame, []), tuple(Kind)))
    assert "Forecast accuracy is not defined" in text
    found = waterfall(frame, [], windowed=False, lists=True)
    assert "open at the end 0 0 NOK" in words(waterfall_document(Head(frame), found))
