"""The same company in HubSpot and in Nutshell: every report says the same of both."""

import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from connector.sandbox import VirtualClock, company, from_csv
from tests.cli.poorer import as_nutshell_can
from tests.cli.twins import KEYS, Difference, Twins, differences, serving

REAL = os.environ.get("CONNECTOR_TEST_DATA", "")
NOW = datetime(2026, 11, 21, 3, 10, tzinfo=UTC)

REPORTS = (
    ("adoption",),
    ("calibration", "--months"),
    ("conversion",),
    ("conversion", "--rule", "direct", "--by", "owner"),
    ("conversion", "--rule", "strict", "--by", "source"),
    ("cycle", "--by", "team"),
    ("deal-size", "--by", "product"),
    ("forecast",),
    ("forecast-accuracy", "--span", "month", "--kind", "all"),
    ("losses",),
    ("reps",),
    ("suggest",),
    ("time-in-stage", "--reading", "all", "--exits", "--deals", "50"),
    ("velocity", "--by", "owner"),
    ("waterfall", "--deals", "--from", "{before}", "--to", "{as_of}"),
    ("waterfall", "--deals", "--from", "{before}", "--to", "{as_of}", "--window", "{year}"),
    ("win-rate", "--by", "owner", "--trend"),
    ("win-rate", "--cancelled", "out"),
    ("win-rate", "--closed-on", "field"),
)

# Where reports of the twins differ, by report ("*" for all) and cell; docs/reports.md says why.
WEIGHTS = ("history", "stage_versions_reaching")
CATEGORIES = ("commit", "best_case")
EXPLAINED = (
    *(("*", cell) for cell in WEIGHTS),
    *(("forecast", f"{table}[].{cell}") for table in ("ahead", "weighted") for cell in CATEGORIES),
    *(("forecast", f"{table}[].deal") for table in ("ahead", "weighted")),
    ("forecast", "weighted[].deal_lacking"),
    ("forecast-accuracy", "scores[deal]"),
    ("forecast-accuracy", "periods[deal]"),
    ("win-rate", "apart[].p"),
    ("reps", "differences[].p"),
)
WORDS = {
    "Nutshell keeps no probabilities of stages",
    "Nutshell's rule",
    "Commit and best case are not defined",
    "Nutshell has no such field",
    "in HubSpot is not read",
    "Deal's own",
    "deal's own probability",
}


@pytest.fixture(scope="module", params=["company", "bpic-2012"])
def twins(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Twins:
    """A small company, and 13,087 loan applications where the data is there, pulled from both."""
    if request.param == "company":
        portal, before, as_of = company(0, now=NOW, deals=300), "2026-08-01", "2026-11-20"
    elif REAL:
        portal, before, as_of = from_csv(Path(REAL) / request.param), "2012-01-01", "2012-03-01"
    else:
        pytest.skip("CONNECTOR_TEST_DATA names no folder of data sets")
    portal.clock = VirtualClock(NOW)
    folder = tmp_path_factory.mktemp(request.param)
    with pytest.MonkeyPatch.context() as env, serving(folder, as_nutshell_can(portal)) as served:
        for name, key in KEYS.items():
            env.setenv(name, key)
        served.pull()
        return served.twins(before, as_of)


@pytest.fixture(scope="module")
def found(twins: Twins) -> list[tuple[str, Difference]]:
    """Where reports differ, each with the report it stands in."""
    return [
        (asked[0], each)
        for asked in REPORTS
        for each in differences(twins.report("hubspot", *asked), twins.report("nutshell", *asked))
    ]


def test_reports_differ_only_where_it_is_explained(found: list[tuple[str, Difference]]) -> None:
    """Every other cell of every report says the same of both."""
    assert [each for each in found if not _explained(*each)] == []


def test_at_the_pull_nutshells_rule_is_hubspots_own_probability(twins: Twins) -> None:
    """Confidences are known of the instant at which they were read."""
    now = replace(twins, as_of=f"{NOW + timedelta(days=1):%Y-%m-%d}")
    found = differences(now.report("hubspot", "forecast"), now.report("nutshell", "forecast"))
    places = {each.place.partition("[]")[2] for each in found if "[]" in each.place}
    assert places <= {"", *(f".{cell}" for cell in CATEGORIES)}


def test_every_explanation_is_of_a_difference(
    twins: Twins, found: list[tuple[str, Difference]]
) -> None:
    """No explanation outlives its difference; the loans have no dates and no reps to tell apart."""
    met = {explained for each in found for explained in _explained(*each)}
    assert met == {*EXPLAINED, *WORDS} or twins.folder.name.startswith("bpic")


def _explained(report: str, each: Difference) -> list[Any]:
    """The explanations of a difference."""
    if each.place in ("notes[]", "definitions[]", "scores[deal].kind_label"):
        return [words for words in WORDS if words in str(each)]
    return [
        (where, cell)
        for where, cell in EXPLAINED
        if where in ("*", report) and (each.place == cell or each.place.startswith(f"{cell}."))
    ]


def test_a_process_over_both_counts_everything_twice(twins: Twins) -> None:
    """Bound to both accounts, each process is one funnel with the deals of both."""
    for asked in (("win-rate",), ("conversion",), ("cycle",)):
        one, both = twins.report("hubspot", *asked), twins.report("both", *asked)
        counted = list(_counts(one))
        assert counted
        assert [(place, 2 * number) for place, number in counted] == list(_counts(both))


def _counts(value: Any, place: str = "") -> Iterator[tuple[str, int]]:
    """Every count of deals in a report, in its order."""
    match value:
        case dict():
            for key, each in value.items():
                if key != "version":
                    yield from _counts(each, f"{place}.{key}")
        case list():
            for each in value:
                yield from _counts(each, f"{place}[]")
        case int() if not isinstance(value, bool):
            yield place, value


def test_deals_that_go_later_are_gone_in_both(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Archived in one and deleted in the other before a pull, open deals end with it."""
    for name, key in KEYS.items():
        monkeypatch.setenv(name, key)
    portal = company(0, now=NOW, deals=150)
    portal.clock = clock = VirtualClock(NOW)
    with serving(tmp_path, as_nutshell_can(portal)) as served:
        served.pull()
        clock.advance(timedelta(hours=5))
        twins = served.twins("2026-08-01", "2026-11-22")
        leads = [known.ref for known in served.instance.leads.values() if not known.status.closed]
        for lead in leads[:4]:
            portal.archive(twins.names[lead])
            served.instance.delete(lead)
        served.pull()
        for asked in (("conversion",), ("forecast",), ("time-in-stage",), ("adoption",)):
            pair = [twins.report(which, *asked) for which in ("hubspot", "nutshell")]
            assert [each for each in differences(*pair) if not _explained(asked[0], each)] == []
        ended = twins.report("nutshell", "conversion")["outcomes"]
        assert sum(stage["left"] for stage in ended) == 4
