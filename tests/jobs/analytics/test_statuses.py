"""Reports on a CRM where won, lost and cancelled are statuses, and stages have no probability."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from connector.config import load_config
from connector.jobs.analytics.calibration import read_calibration
from connector.jobs.analytics.forecast import read_forecast
from connector.jobs.analytics.forecast_accuracy import read_forecast_accuracy
from connector.jobs.analytics.head import read_head
from connector.jobs.analytics.scope import Asked, frame
from connector.jobs.analytics.win_rate import read_win_rates
from connector.metrics.forecasting.horizons import Horizon
from connector.metrics.forecasting.odds import KINDS, Kind
from connector.metrics.funnel import OFF
from connector.metrics.grouping import ALL, By
from connector.metrics.outcomes.closings import Cancelled, ClosedOn, Reading
from connector.metrics.periods import Span
from connector.model import (
    Binding,
    Change,
    Deal,
    Field,
    Outcome,
    Owner,
    Page,
    Pipeline,
    PipelineState,
    Process,
    ProcessStage,
    Remote,
    Stage,
)
from connector.report.analytics.calibration import calibration_document
from connector.report.analytics.forecast import forecast_document
from connector.report.analytics.forecast_accuracy import forecast_accuracy_document
from connector.report.analytics.win_rate import win_rate_document
from connector.report.as_markdown import to_markdown
from connector.store import accounts, close, landing, open_database, promotion, pulls

DAWN = datetime(2026, 1, 1, tzinfo=UTC)
PULLED = DAWN + timedelta(days=100)
CONFIG = """\
version = 1
[accounts.norge]
crm = "hubspot"
token = { env = "A" }
[accounts.usa]
crm = "nutshell"
user = "admin@example.com"
key = { env = "B" }
"""
MET = ProcessStage("met", "Met", 0.25)
SIGNED = ProcessStage("signed", "Signed", 1.0, Outcome.WON)
LOST = ProcessStage("lost", "Lost", 0.0, Outcome.LOST)
OFF_THE_TABLE = ProcessStage("off", "Called off", 0.0, Outcome.LOST, cancelled=True)
BINDINGS = (Binding("norge", "a", "en"), Binding("usa", "1-stagesets", "en"))
PROCESS = Process("sales", "Sales", "en", (MET, SIGNED, LOST), bindings=BINDINGS)
HUBSPOT = Pipeline(
    "a",
    "Sales",
    (
        Stage("m", "Met", 0.5, Outcome.OPEN),
        Stage("w", "Signed", 1.0, Outcome.WON),
        Stage("l", "Lost", 0.0, Outcome.LOST),
    ),
)


def status(name: str, outcome: Outcome, *, cancelled: bool = False) -> Stage:
    probability = 1.0 if outcome is Outcome.WON else 0.0
    kept = {"writable": False, "weighted": False, "configured": False, "cancelled": cancelled}
    return Stage(f"1-stagesets:{name.lower()}", name, probability, outcome, **kept)


NUTSHELL = Pipeline(
    "1-stagesets",
    "Sales",
    (
        Stage("101-stages", "Met", None, Outcome.OPEN, 1, writable=False, weighted=False),
        status("Won", Outcome.WON),
        status("Lost", Outcome.LOST),
        status("Cancelled", Outcome.LOST, cancelled=True),
    ),
)
DRAFT = Pipeline(
    "2-stagesets",
    "Next year",
    (Stage("205-stages", "Asked", None, Outcome.OPEN, 1, writable=False, weighted=False),),
    state=PipelineState.DRAFT,
)
ENDS = {"won": 12, "lost": 8, "cancelled": 5, "open": 4}


@pytest.fixture
def laid(tmp_path):
    """A HubSpot and a Nutshell account with the same deals, and a way to ask about either."""
    (tmp_path / "config.toml").write_text(CONFIG)
    config = load_config(tmp_path / "config.toml", {})
    db = open_database(config.database)
    hubspot = {"met": "m", "won": "w", "lost": "l", "cancelled": "l"}
    nutshell = {each: f"1-stagesets:{each}" for each in ENDS} | {"met": "101-stages"}
    _pull(db, "norge", "hubspot", (HUBSPOT,), hubspot, "7")
    _pull(db, "usa", "nutshell", (NUTSHELL, DRAFT), nutshell, "59-teams")

    def ask(*names, process=PROCESS):
        chosen = tuple(each for each in config.accounts if each.name in names)
        return frame(config, (process,) if process else (), db, Asked(chosen)), db

    yield ask
    close(db)


def _pull(db, name, crm, pipelines, stages, owner):
    remote = Remote(crm, name, name, "", "UTC", "USD", PULLED)
    account = accounts.remember(db, name, remote)
    run = pulls.begin(db, account, PULLED, (*Field.ALWAYS, "confidence"))
    ends = [end for end, many in ENDS.items() for _ in range(many)]
    deals = tuple(_deal(number, end, stages, owner) for number, end in enumerate(ends))
    landing.land(db, run, Page(deals))
    landing.finish(db, run)
    owners = (Owner(owner, "Blue", team="Blue"),)
    promotion.promote(db, run, pipelines, owners, PULLED, {})


def _deal(number, end, stages, owner):
    made = DAWN + timedelta(days=number)
    ended = [Change(Field.STAGE, stages[end], made + timedelta(days=20))] if end != "open" else []
    due = (made + timedelta(days=90)).isoformat()
    changes = (
        Change(Field.STAGE, stages["met"], made),
        *ended,
        Change(Field.AMOUNT, "1000", made),
        Change(Field.CLOSE_DATE, due, made),
        Change(Field.OWNER, owner, made),
        Change("confidence", "0.42", PULLED - timedelta(days=1), made),
    )
    return Deal(str(number), "", made, made, changes)


def places(frame):
    return [(place.step, place.outcome) for place in frame.places.values()]


@pytest.mark.parametrize(
    ("stages", "lost", "cancelled"),
    [
        ((MET, SIGNED, LOST), 2, 2),
        ((MET, SIGNED, LOST, OFF_THE_TABLE), 2, 3),
        ((MET, SIGNED, OFF_THE_TABLE), OFF, 2),
    ],
)
def test_statuses_stand_on_the_steps_of_the_process(laid, stages, lost, cancelled):
    """Cancelled deals count on the cancelled stage of the process, or else on its lost one."""
    found, _ = laid("usa", process=replace(PROCESS, stages=stages))
    assert places(found) == [
        (0, Outcome.OPEN),
        (1, Outcome.WON),
        (lost, Outcome.LOST),
        (cancelled, Outcome.LOST),
    ]


def test_a_draft_is_a_funnel_only_by_its_process(laid):
    """Without one it is in no report; a process that is bound to it looks at what is there."""
    found, _ = laid("usa")
    assert [funnel.key for funnel in found.scope.funnels] == ["sales"]
    ahead = replace(PROCESS, bindings=(Binding("usa", "2-stagesets", "en"),))
    found, _ = laid("usa", process=ahead)
    assert [funnel.key for funnel in found.scope.funnels] == ["sales", "usa/1-stagesets"]


def test_one_process_over_both_crms_is_one_funnel(laid):
    """Deals of both accounts stand on the same steps, and every count is twice that of one."""
    both, db = laid("norge", "usa")
    assert [funnel.key for funnel in both.scope.funnels] == ["sales"]
    one, _ = laid("usa")
    counted = [
        read_win_rates(each, db, None, None, Reading(), False).closed[0][ALL].windows[0]
        for each in (one, both)
    ]
    assert (counted[0].won, counted[0].lost) == (12, 13)
    assert (counted[1].won, counted[1].lost) == (24, 26)


@pytest.mark.parametrize(
    ("process", "lost"),
    [
        (PROCESS, 8),
        (None, 8),
        (replace(PROCESS, stages=(MET, SIGNED, LOST, OFF_THE_TABLE)), 8),
    ],
)
def test_cancelled_leads_may_be_left_out(laid, process, lost):
    """The CRM itself tells them, so that no stage of the process needs to."""
    found, db = laid("usa", process=process)
    rates = read_win_rates(found, db, None, None, Reading(cancelled=Cancelled.OUT), False)
    cell = rates.closed[0][ALL].windows[0]
    assert (cell.won, cell.lost) == (12, lost)
    assert "No stage is marked" not in to_markdown(win_rate_document(read_head(found, db), rates))


def test_the_forecast_shows_nutshells_rule_and_the_processs_probabilities(laid):
    """Value × confidence, and Σ amount × the process's, which nobody calls unknown."""
    found, db = laid("usa")
    forecast = read_forecast(found, db, ())
    weighted = dict(zip(KINDS, forecast.pipeline.total.weighted, strict=True))
    assert weighted[Kind.CONFIGURED] == 4 * 100_000 * 0.25
    assert weighted[Kind.DEAL] == pytest.approx(4 * 100_000 * 0.42)
    assert forecast.pipeline.flagged == 0
    told = to_markdown(forecast_document(read_head(found, db), forecast))
    assert "Nutshell's rule" in told
    assert "Nutshell keeps no probabilities of stages" in told
    assert "HubSpot" not in told
    assert "not known as far back" not in told
    assert "of 0 stages" not in told


def test_each_account_of_a_process_is_weighed_by_its_own(laid):
    """HubSpot's leads by the stage's probability there, Nutshell's by the process's."""
    found, db = laid("norge", "usa")
    forecast = read_forecast(found, db, (By.TEAM,))
    assert forecast.pipeline.total.weighted[0] == 4 * 100_000 * (0.25 + 0.5)
    assert [group.key for group in forecast.pipeline.groups[By.TEAM]] == ["Blue"]
    told = to_markdown(forecast_document(read_head(found, db), forecast))
    assert "Nutshell's rule" not in told
    assert "Deal's own" in told


def test_without_a_process_there_is_no_probability(laid):
    """A pipeline that no process is bound to has none in Nutshell, and the report says why."""
    found, db = laid("usa", process=None)
    forecast = read_forecast(found, db, ())
    assert forecast.pipeline.total.lacking[0] == 4
    told = to_markdown(forecast_document(read_head(found, db), forecast))
    assert "a pipeline without a process have none" in told


def test_past_forecasts_take_no_confidence_of_today(laid):
    """What was first seen at the pull is not known of the time before; hindsight would be right."""
    found, db = laid("usa")
    accuracy = read_forecast_accuracy(found, db, Span.MONTH, (Horizon(0),))
    own = [line for line in accuracy.lines if line.kind is Kind.DEAL]
    assert own
    assert all(line.lacking == line.deals for line in own)
    configured = [line for line in accuracy.lines if line.kind is Kind.CONFIGURED]
    assert all(line.scored for line in configured)
    told = to_markdown(forecast_accuracy_document(read_head(found, db), accuracy, [Kind.DEAL]))
    assert "Nutshell's rule is left out" in told
    assert "HubSpot is not read" not in told


def test_calibration_judges_the_probabilities_of_the_process(laid):
    """Of stages whose CRM keeps none, those of the process are scored, and the report says so."""
    found, db = laid("usa")
    judged = read_calibration(found, db)
    (met,) = (each for each in judged.entries if each.step == 0)
    assert met.scores.forecast == 0.25
    assert (met.cases.unweighted, met.cases.assumed) == (0, 0)
    told = to_markdown(calibration_document(read_head(found, db), judged))
    assert "Nutshell keeps no probabilities of stages" in told


def test_the_close_date_field_of_nutshell_is_an_expectation(laid):
    """A win rate by it says so."""
    found, db = laid("usa")
    rates = read_win_rates(found, db, None, None, Reading(ClosedOn.FIELD), False)
    told = to_markdown(win_rate_document(read_head(found, db), rates))
    assert "Nutshell has no such field" in told
