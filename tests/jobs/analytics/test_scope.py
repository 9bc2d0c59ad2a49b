"""Which funnels, accounts, period and currency a report looks at."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from connector.config import load_config
from connector.errors import NotFound
from connector.jobs.analytics.scope import Asked, Compare, frame
from connector.metrics.funnel import OFF
from connector.model import (
    Binding,
    Change,
    Deal,
    Field,
    Outcome,
    Owner,
    Page,
    Pipeline,
    PipelineVersion,
    Process,
    ProcessStage,
    Remote,
    Stage,
    Trail,
)
from connector.store import accounts, close, landing, open_database, promotion, pulls

DAWN = datetime(2026, 1, 1, tzinfo=UTC)
CONFIG = """\
version = 1
[accounts.norge]
crm = "hubspot"
token = { env = "A" }
[accounts.sverige]
crm = "hubspot"
token = { env = "B" }
[accounts.empty]
crm = "hubspot"
token = { env = "C" }
"""
PROCESS = Process(
    "sales",
    "Sales",
    "en",
    (
        ProcessStage("met", "Met", 0.2, mandatory=True),
        ProcessStage("signed", "Signed", 1.0, Outcome.WON),
        ProcessStage("lost", "Lost", 0.0, Outcome.LOST),
    ),
    bindings=(
        Binding("norge", "a", "en", stages={"met": "m", "signed": "w", "lost": "l"}),
        Binding("sverige", "b", "en"),
    ),
)


def pipeline(id: str, *stages: tuple[str, str, float]) -> Pipeline:
    outcomes = {1.0: Outcome.WON, 0.0: Outcome.LOST}
    return Pipeline(
        id,
        f"Pipeline {id}",
        tuple(
            Stage(stage, label, chance, outcomes.get(chance, Outcome.OPEN))
            for stage, label, chance in stages
        ),
    )


NORGE = (
    pipeline("a", ("m", "Møtt", 0.3), ("x", "Extra", 0.5), ("w", "Ja", 1.0), ("l", "Nei", 0.0)),
    pipeline("p", ("p1", "Asked", 0.1)),
)
SVERIGE = (pipeline("b", ("m", "Met", 0.2), ("s", "Signed", 1.0), ("n", "Lost", 0.0)),)


@pytest.fixture
def asked(tmp_path):
    """Two pulled accounts and one that never was, and a way to ask about them."""
    (tmp_path / "config.toml").write_text(CONFIG)
    config = load_config(tmp_path / "config.toml", {})
    db = open_database(config.database)
    _pull(db, "norge", NORGE, "NOK", DAWN + timedelta(days=9))
    _pull(db, "sverige", SVERIGE, "SEK", DAWN + timedelta(days=5))

    def ask(*names, processes=(PROCESS,), currency=None, **question):
        chosen = tuple(each for each in config.accounts if each.name in names)
        home = replace(config, home_currency=currency)
        return frame(home, processes, db, Asked(chosen, **question))

    yield ask
    close(db)


def _pull(db, name, pipelines, currency, at, trails=None):
    remote = Remote("hubspot", name, name, "STANDARD", "Europe/Oslo", currency, DAWN)
    account = accounts.remember(db, name, remote)
    run = pulls.begin(db, account, at, Field.ALWAYS)
    moves = (Change(Field.STAGE, pipelines[0].stages[0].id, DAWN),)
    landing.land(db, run, Page((Deal("1", "", DAWN, DAWN, moves),)))
    owners = (Owner("7", "Kari", team="East"),)
    landing.finish(db, run)
    promotion.promote(db, run, pipelines, owners, at, trails or {})


def steps(laid):
    """Where each stage stands: funnel, step and outcome, by its key in the order of the keys."""
    return [(place.funnel, place.step, place.outcome) for place in laid.places.values()]


def test_one_process_over_two_accounts_is_one_funnel(asked):
    """Stages of both accounts stand on the steps of the process, an unknown one on none."""
    laid = asked("norge", "sverige")
    assert [funnel.key for funnel in laid.scope.funnels] == ["sales", "norge/p"]
    assert [stage.mandatory for stage in laid.scope.funnels[0].stages] == [True, False, False]
    assert steps(laid) == [
        (0, 0, Outcome.OPEN),
        (0, OFF, Outcome.OPEN),
        (0, 1, Outcome.WON),
        (0, 2, Outcome.LOST),
        (0, 0, Outcome.OPEN),
        (0, 1, Outcome.WON),
        (0, 2, Outcome.LOST),
        (1, 0, Outcome.OPEN),
    ]


@pytest.mark.parametrize("name", ["p", "norge/p"])
def test_a_pipeline_by_its_id_is_a_funnel_by_itself(asked, name):
    """Stages of other pipelines have no place then."""
    laid = asked("norge", pipeline=name)
    assert [funnel.key for funnel in laid.scope.funnels] == ["norge/p"]
    assert steps(laid) == [(0, 0, Outcome.OPEN)]


def test_a_pipeline_of_no_process_goes_by_its_own_order(asked):
    """Without processes every pipeline is a funnel, with the CRM's labels and probabilities."""
    laid = asked("norge", processes=())
    assert [funnel.key for funnel in laid.scope.funnels] == ["norge/a", "norge/p"]
    first = laid.scope.funnels[0].stages[0]
    assert (first.key, first.label, first.probability) == ("m", "Møtt", 0.3)


def test_an_unknown_pipeline_is_an_error_that_lists_the_known(asked):
    """A name nobody knows raises NotFound with the funnels there are."""
    with pytest.raises(NotFound, match=r"no process or pipeline 'nope'; there is sales \(Sales\)"):
        asked("norge", pipeline="nope")


def test_accounts_never_pulled_are_told_apart(asked):
    """The pulled ones are answered for; where none was pulled, that is the error."""
    laid = asked("norge", "empty")
    assert (laid.scope.accounts, laid.unpulled) == (("norge",), ("empty",))
    with pytest.raises(NotFound, match="empty was never pulled"):
        asked("empty")


def test_the_instant_is_the_earliest_last_pull_unless_said(asked):
    """Behind the pull of the staler account not everything is known; a naive instant is local."""
    laid = asked("norge", "sverige")
    assert laid.scope.as_of == laid.scope.pulled == _ms(DAWN + timedelta(days=5))
    oslo = asked("norge", as_of=datetime(2026, 1, 3))  # noqa: DTZ001 - as people type it
    assert oslo.scope.as_of == _ms(datetime(2026, 1, 2, 23, tzinfo=UTC))
    utc = asked("norge", as_of=datetime(2026, 1, 3), zone=ZoneInfo("UTC"))  # noqa: DTZ001
    assert utc.scope.as_of == _ms(datetime(2026, 1, 3, tzinfo=UTC))


@pytest.mark.parametrize(
    ("names", "home", "currency"),
    [
        (("norge",), None, "NOK"),
        (("norge", "sverige"), None, None),
        (("norge", "sverige"), "EUR", "EUR"),
    ],
)
def test_amounts_are_told_in_one_currency_or_none(asked, names, home, currency):
    """The home currency, or the one all accounts share; never a silent choice between two."""
    assert asked(*names, currency=home).scope.currency == currency


def test_a_period_is_compared_with_the_one_asked_for(asked):
    """The period before or a year ago; nothing to compare is an error."""
    laid = asked("norge", period="2026Q1", compare=Compare.PREVIOUS)
    assert (laid.scope.period.label, laid.compared.label) == ("2026Q1", "2025Q4")
    laid = asked("norge", period="2026-02", compare=Compare.LAST_YEAR)
    assert laid.compared.label == "2025-02"
    with pytest.raises(ValueError, match="needs a period"):
        asked("norge", compare=Compare.PREVIOUS)
    with pytest.raises(ValueError, match="add --from"):
        asked("norge", end=DAWN)


def test_a_period_is_asked_for_in_one_way(asked):
    """A name and edges of its own could contradict each other, so that both are an error."""
    with pytest.raises(ValueError, match="--period, or --from and --to"):
        asked("norge", period="2026Q1", end=DAWN)


def test_a_deleted_stage_keeps_its_last_outcome_but_no_step(tmp_path):
    """Deals that were in a stage the pipeline has no more still count as lost there."""
    config = tmp_path / "config.toml"
    config.write_text(CONFIG)
    config = load_config(config, {})
    before = pipeline("a", ("m", "Met", 0.3), ("old", "Dropped", 0.0))
    now = pipeline("a", ("m", "Met", 0.3))
    trail = Trail((PipelineVersion(before, DAWN), PipelineVersion(now, DAWN + timedelta(days=2))))
    db = open_database(config.database)
    try:
        _pull(db, "norge", (now,), "NOK", DAWN + timedelta(days=9), {"a": trail})
        laid = frame(config, (), db, Asked(config.accounts[:1]))
        assert steps(laid) == [(0, 0, Outcome.OPEN), (0, OFF, Outcome.LOST)]
        early = frame(config, (), db, Asked(config.accounts[:1], as_of=DAWN + timedelta(days=1)))
        assert steps(early) == [(0, 0, Outcome.OPEN), (0, 1, Outcome.LOST)]
    finally:
        close(db)


def _ms(at: datetime) -> int:
    return round(at.timestamp() * 1000)
