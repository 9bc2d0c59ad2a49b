"""Time in stage and calibration of real data, beside lifelines and scikit-learn."""

import csv
import os
import warnings
from collections import defaultdict
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from statistics import fmean, median

import pytest

from connector.config import load_config
from connector.crm.hubspot import connect
from connector.jobs.analytics.calibration import read_calibration
from connector.jobs.analytics.scope import Asked, frame
from connector.jobs.analytics.time_in_stage import TimeQuestion, read_time_in_stage
from connector.jobs.pull import pull
from connector.metrics.stages.calibration import OVERALL
from connector.metrics.stages.stays import Reading
from connector.sandbox import Sandbox, from_csv
from connector.store import close, open_database

REAL = os.environ.get("CONNECTOR_TEST_DATA", "")
pytestmark = pytest.mark.skipif(not REAL, reason="CONNECTOR_TEST_DATA names no folder of data sets")

CONFIG = """\
version = 1
[accounts.bank]
crm = "hubspot"
token = { env = "BANK_TOKEN" }
"""
INSTANTS = (
    datetime(2011, 11, 20, 9, 17, tzinfo=UTC),
    datetime(2012, 1, 20, 15, 1, tzinfo=UTC),
    datetime(2012, 4, 1, tzinfo=UTC),
)
DAY = 86_400.0
OPEN = {"submitted", "preaccepted", "accepted", "offer_sent", "offer_returned"}


@pytest.fixture(scope="module")
def bank(tmp_path_factory):
    """The bank's applications in a database, and a way to ask about it."""
    folder = tmp_path_factory.mktemp("bank")
    (folder / "config.toml").write_text(CONFIG)
    config = load_config(folder / "config.toml", {})
    db = open_database(config.database)
    with Sandbox(from_csv(Path(REAL) / "bpic-2012")) as sandbox:
        pull(config.accounts[0], connect("pat-sandbox-read", base_url=sandbox.url), db)
    yield db, lambda at: frame(config, (), db, Asked(config.accounts, as_of=at))
    close(db)


@pytest.fixture(scope="module")
def events():
    """Every stage change of the file: deal, instant in milliseconds, stage."""
    with (Path(REAL) / "bpic-2012" / "stage_events.csv").open() as file:
        rows = sorted(csv.DictReader(file), key=lambda row: (row["deal_id"], int(row["seq"])))
    return [
        (row["deal_id"], round(datetime.fromisoformat(row["entered_at"]).timestamp() * 1000), row)
        for row in rows
    ]


def walks(events, at):
    """Of every deal, its runs of one stage before an instant: [stage, entered, left or None]."""
    end = round(at.timestamp() * 1000)
    for _, rows in groupby(events, key=lambda event: event[0]):
        runs = []
        for _, entered, row in rows:
            if entered < end and (not runs or runs[-1][0] != row["stage"]):
                if runs:
                    runs[-1][2] = entered
                runs.append([row["stage"], entered, None])
        if runs:
            yield runs


def stays(events, at):
    """(length in seconds, ended) by reading and stage."""
    end, found = round(at.timestamp() * 1000), defaultdict(list)
    for runs in walks(events, at):
        by_stage = defaultdict(list)
        for stage, entered, left in runs:
            length = ((end if left is None else left) - entered) / 1000
            by_stage[stage].append((length, left is not None))
        for stage, visits in by_stage.items():
            ended = [visit for visit in visits if visit[1]]
            found[Reading.VISIT, stage] += visits
            found[Reading.CUMULATIVE, stage].append((sum(v for v, _ in visits), visits[-1][1]))
            found[Reading.FIRST_PASS, stage].append((visits[0][0], visits[-1][1]))
            found[Reading.LATEST, stage] += ended[-1:]
    return found


@pytest.mark.parametrize("at", INSTANTS)
@pytest.mark.parametrize("reading", Reading)
def test_time_in_stage(bank, events, at, reading):
    """Counts, naive numbers, S(30 d) with its interval and RMST agree to 1e-9 in every stage."""
    from lifelines import KaplanMeierFitter
    from lifelines.utils import restricted_mean_survival_time

    db, ask = bank
    laid, told = ask(at), stays(events, at)
    (funnel,) = laid.scope.funnels
    rows = read_time_in_stage(laid, db, TimeQuestion((reading,))).rows
    assert len(rows) == 5
    for row in rows:
        visits = told[reading, funnel.stages[row.step].key]
        ended = [length for length, done in visits if done]
        assert (row.stays, row.exits) == (len(visits), len(ended))
        if row.exits < 10:
            continue
        assert row.naive.median == pytest.approx(median(ended), abs=1e-9)
        assert row.naive.mean == pytest.approx(fmean(ended), rel=1e-12)
        if row.estimate is None or row.estimate.beyond is None:
            continue
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            fit = KaplanMeierFitter().fit(*zip(*visits, strict=True))
            mean = restricted_mean_survival_time(fit, t=30 * DAY)
        band = fit.confidence_interval_[: 30 * DAY].iloc[-1]
        beyond = row.estimate.beyond
        assert beyond.share == pytest.approx(fit.predict(30 * DAY), abs=1e-9)
        assert (beyond.low, beyond.high) == pytest.approx(tuple(band), abs=1e-9)
        assert row.estimate.restricted_mean == pytest.approx(mean, rel=1e-9)


@pytest.mark.parametrize("at", INSTANTS)
def test_calibration(bank, events, at):
    """Entries, Brier and log loss agree with scikit-learn, stage by stage and overall."""
    from sklearn.metrics import brier_score_loss, log_loss

    db, ask = bank
    laid = ask(at)
    (funnel,) = laid.scope.funnels
    said = {stage.key: stage.probability for stage in funnel.stages}
    cases, unresolved = defaultdict(list), 0
    for runs in walks(events, at):
        entered, decided = {run[0] for run in runs}, runs[-1][0] not in OPEN
        for stage in entered & OPEN:
            if decided:
                cases[stage].append((said[stage], runs[-1][0] == "won"))
                cases[None].append((said[stage], runs[-1][0] == "won"))
            else:
                unresolved += 1
    found = read_calibration(laid, db).entries
    for each in found:
        told = cases[None if each.step == OVERALL else funnel.stages[each.step].key]
        assert each.cases.counts.total() == len(told)
        p, won = zip(*told, strict=True)
        assert each.scores.brier == pytest.approx(brier_score_loss(won, p), abs=1e-9)
        expected = log_loss(won, p, labels=[False, True])
        assert each.scores.log_loss == pytest.approx(expected, abs=1e-9)
    assert found[-1].cases.unresolved == unresolved
