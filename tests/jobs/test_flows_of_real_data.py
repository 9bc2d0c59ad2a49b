"""Conversion, adoption, losses and reps of real data, beside plain counts of the same files."""

import csv
import os
from collections import Counter, defaultdict
from datetime import UTC, datetime
from itertools import groupby, pairwise
from pathlib import Path

import pytest

from connector.config import load_config
from connector.crm.hubspot import connect
from connector.jobs.analytics.conversion import read_conversions
from connector.jobs.analytics.losses import read_losses
from connector.jobs.analytics.reps import read_reps
from connector.jobs.analytics.scope import Asked, frame
from connector.jobs.pull import pull
from connector.metrics.flow.conversion import Pair, Rule
from connector.metrics.flow.route import WON, Ending
from connector.metrics.grouping import ALL
from connector.metrics.statistics.lengths import DAY
from connector.sandbox import Sandbox, from_csv
from connector.store import close, open_database

REAL = os.environ.get("CONNECTOR_TEST_DATA", "")
pytestmark = pytest.mark.skipif(not REAL, reason="CONNECTOR_TEST_DATA names no folder of data sets")

CONFIG = """\
version = 1
[accounts.real]
crm = "hubspot"
token = { env = "REAL_TOKEN" }
[accounts.real.fields]
product = "product"
"""
INSTANTS = (
    datetime(2011, 11, 3, 9, 17, tzinfo=UTC),
    datetime(2012, 1, 20, 15, 1, tzinfo=UTC),
    datetime(2012, 4, 1, tzinfo=UTC),
)


@pytest.fixture(scope="module")
def pulled(tmp_path_factory):
    """A database with one of the data sets in it, and a way to ask about it."""
    opened = []

    def read(name):
        folder = tmp_path_factory.mktemp(name)
        (folder / "config.toml").write_text(CONFIG)
        config = load_config(folder / "config.toml", {})
        (account,) = config.accounts
        db = open_database(config.database)
        opened.append(db)
        with Sandbox(from_csv(Path(REAL) / name)) as sandbox:
            fields = account.fields if name == "maven-crm" else {}
            pull(account, connect("pat-sandbox-read", base_url=sandbox.url, fields=fields), db)
        return db, lambda **asked: frame(config, (), db, Asked((account,), **asked))

    yield read
    for db in opened:
        close(db)


def rows(name, file):
    with (Path(REAL) / name / file).open(encoding="utf-8", newline="") as opened:
        return list(csv.DictReader(opened))


@pytest.fixture(scope="module")
def loans(pulled):
    return pulled("bpic-2012")


@pytest.fixture(scope="module")
def ways():
    """The stages each application went through, with their instants, from the file."""
    found = defaultdict(list)
    for row in sorted(rows("bpic-2012", "stage_events.csv"), key=lambda row: int(row["seq"])):
        stage = "lost" if row["stage"].startswith("lost") else row["stage"]
        found[row["deal_id"]].append((stage, datetime.fromisoformat(row["entered_at"])))
    return found.values()


def known(ways, at):
    """The stages each deal had been in before an instant, the same one in a row said once."""
    for way in ways:
        stages = [stage for stage, entered in way if entered < at]
        if stages:
            yield [stage for stage, _ in groupby(stages)]


ORDER = ("submitted", "preaccepted", "accepted", "offer_sent", "offer_returned")


@pytest.mark.parametrize("at", INSTANTS)
def test_loans_convert_as_a_plain_count_says(loans, ways, at):
    """Entered, converted and undecided by all three rules, at any instant."""
    db, laid = loans
    found = read_conversions(laid(as_of=at), db, Rule.REACHED, None).flows[0]
    assert tuple(stage.key for stage in found.funnel.stages[:5]) == ORDER
    for start, onto in found.pairs:
        for rule in Rule:
            expected = Counter(map(_converted(rule, start, onto), known(ways, at)))
            cell = found.of(Pair(start, onto), rule)
            assert (cell.converted, cell.undecided, cell.failed) == (
                expected["converted"],
                expected["undecided"],
                expected["failed"],
            )


def _converted(rule, start, onto):
    first, second = ORDER[start], "won" if onto == WON else ORDER[onto]
    later = {"won"} if onto == WON else {*ORDER[onto:], "won"}
    before = {*ORDER} if onto == WON else {*ORDER[:onto]}

    def of(stages):
        if first not in stages or (rule is Rule.STRICT and not {*ORDER[: start + 1]} <= {*stages}):
            return None
        match rule:
            case Rule.DIRECT:
                went = (first, second) in pairwise(stages)
            case Rule.REACHED:
                went = bool(later & {*stages[stages.index(first) + 1 :]})
            case Rule.STRICT:
                went = before | {second} <= {*stages}
        if went:
            return "converted"
        return "failed" if stages[-1] in ("won", "lost") else "undecided"

    return of


@pytest.mark.parametrize("at", INSTANTS)
def test_outcomes_of_loans_are_those_of_a_plain_count(loans, ways, at):
    """What each stay ended in, stage by stage."""
    db, laid = loans
    found = read_conversions(laid(as_of=at), db, Rule.REACHED, None).flows[0]
    expected = Counter()
    for stages in known(ways, at):
        for stage, onto in pairwise([*stages, None]):
            if stage in ORDER:
                expected[stage, _ending(stage, onto)] += 1
    got = {
        (ORDER[step], ending): times
        for step, of in found.outcomes.items()
        for ending, times in of.items()
    }
    assert got == expected


def _ending(stage, onto):
    if onto is None:
        return Ending.THERE
    if onto in ("won", "lost"):
        return Ending(onto)
    ahead = ORDER.index(onto) - ORDER.index(stage)
    return Ending.BACK if ahead < 0 else Ending.ADVANCED if ahead == 1 else Ending.SKIPPED


@pytest.fixture(scope="module")
def sales(pulled):
    return pulled("maven-crm")


def test_reps_of_the_hardware_seller_do_not_differ(sales):
    """Thirty reps, 6,711 decided deals: what differs between them may be chance, p = .26."""
    db, laid = sales
    found = read_reps(laid(), db, None).funnels[0]
    assert (found.reps, found.decided) == (30, 6711)
    assert found.test.df == 29
    assert found.test.p == pytest.approx(0.26, abs=0.005)


def test_the_test_is_that_of_scipy(sales):
    """The same table through scipy, without a correction."""
    stats = pytest.importorskip("scipy.stats")
    ended = defaultdict(Counter)
    for row in rows("maven-crm", "deals.csv"):
        if row["outcome"] in ("won", "lost"):
            ended[row["owner"]][row["outcome"]] += 1
    table = [[of["won"], of["lost"]] for of in ended.values()]
    db, laid = sales
    expected = stats.chi2_contingency(table, correction=False)
    test = read_reps(laid(), db, None).funnels[0].test
    assert (test.statistic, test.p) == pytest.approx((expected.statistic, expected.pvalue))


def test_days_to_lose_are_those_of_the_file(sales):
    """Lost, won and median days of every product that has dates; open ones are followed."""
    db, laid = sales
    found = read_losses(laid(), db).funnels[0].to_lose
    lives, counts = defaultdict(list), defaultdict(Counter)
    for row in rows("maven-crm", "deals.csv"):
        counts[row["product"]][row["outcome"]] += 1
        if row["outcome"] == "lost":
            ends = [datetime.fromisoformat(row[key]) for key in ("created_at", "closed_at")]
            lives[row["product"]].append((ends[1] - ends[0]).days)
    for group, told in found.items():
        if group != ALL:
            assert (told.lost, told.won) == (counts[group.key]["lost"], counts[group.key]["won"])
            ordered = sorted(lives[group.key])
            middle = (ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2]) / 2
            assert told.median == middle * DAY
    assert {group.key for group in found if group != ALL} == set(counts)
