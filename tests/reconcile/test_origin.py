from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from connector.model import (
    BEGINNING,
    EditStage,
    Outcome,
    Pipeline,
    PipelineVersion,
    Stage,
    StageValues,
)
from connector.reconcile.drift import Drift, DriftKind
from connector.reconcile.origin import Origin, origin
from connector.reconcile.revisions import Write

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
MET = Stage("met", "Met", 0.2, Outcome.OPEN)
DEMO = Stage("demo", "Demo", 0.4, Outcome.OPEN)
WON = Stage("won", "Won", 1.0, Outcome.WON)


def day(number):
    return NOON + timedelta(days=number)


def history(*versions):
    """Versions from (day, by, label, stages) or (day, by, label, stages, not_before)."""
    ends = [*(day(row[0]) for row in versions[1:]), None]
    return [
        PipelineVersion(Pipeline("p", label, stages), day(at), by, *rest, until=end)
        for (at, by, label, stages, *rest), end in zip(versions, ends, strict=True)
    ]


def drift(kind, live, stage=None, desired=None):
    return Drift(kind, "norge", "p", "P", desired, live, "sales", stage, stage)


STORY = history(
    (0, "1", "P", (MET, WON)),
    (1, "2", "Pipeline", (MET, DEMO, WON)),
    (2, "3", "Pipeline", (replace(MET, label="Møtt"), DEMO, WON)),
    (3, "4", "Pipeline", (replace(MET, probability=0.3), DEMO, WON)),
    (4, "5", "Pipeline", (DEMO, replace(MET, probability=0.3), replace(WON, label="Vunnet"))),
    (
        5,
        "6",
        "Pipeline",
        (DEMO, replace(MET, probability=0.3), replace(WON, probability=0.9, outcome=Outcome.OPEN)),
    ),
)


@pytest.mark.parametrize(
    ("found", "at", "by"),
    [
        (drift(DriftKind.PIPELINE_LABEL, "Pipeline"), 1, "2"),
        (drift(DriftKind.STAGE_UNKNOWN, "Demo", "demo"), 1, "2"),
        (drift(DriftKind.LABEL, "Met", "met"), 3, "4"),
        (drift(DriftKind.PROBABILITY, 0.3, "met"), 3, "4"),
        (drift(DriftKind.ORDER, ("demo", "met", "won")), 4, "5"),
        (drift(DriftKind.ORDER, ("met", "won")), 0, "1"),
        (drift(DriftKind.OUTCOME, "open", "won"), 5, "6"),
        (drift(DriftKind.PROBABILITY, 0.9, "won"), 5, "6"),
        (drift(DriftKind.STAGE_MISSING, None, "offered", "Offered"), 0, "1"),
        (drift(DriftKind.STAGE_MISSING, None, None, "Møtt"), 3, "4"),
        (drift(DriftKind.PIPELINE_WITHOUT_PROCESS, "Pipeline"), 0, "1"),
    ],
    ids=lambda value: value.kind if isinstance(value, Drift) else None,
)
def test_a_drift_comes_from_where_its_live_value_came_to_be(found, at, by):
    """Each kind of drift asks its own part of the pipeline, and renamed and back counts anew."""
    assert origin(found, STORY) == Origin(day(at), None, by)


def test_a_value_from_before_the_history_has_no_known_origin():
    """What was so when the history begins has no hand and no instant."""
    row = history((0, None, "P", (MET, WON), BEGINNING), (2, "2", "Pipeline", (MET, WON)))
    found = origin(drift(DriftKind.LABEL, "Met", "met"), row)
    assert found == Origin(day(0), BEGINNING)
    assert origin(drift(DriftKind.PIPELINE_LABEL, "Pipeline"), row) == Origin(day(2), None, "2")


def test_nothing_known_is_no_origin():
    """Without any version there is nothing to tell."""
    assert origin(drift(DriftKind.LABEL, "Met", "met"), ()) is None


def test_a_missing_pipeline_is_told_with_its_removal():
    """It went between its last version and the pull that missed it; a live one is not missing."""
    gone = drift(DriftKind.PIPELINE_MISSING, None)
    assert origin(gone, STORY) is None
    ended = [*STORY[:-1], replace(STORY[-1], until=day(9))]
    assert origin(gone, ended) == Origin(day(9), day(5))


def test_a_pipeline_that_came_back_has_its_values_from_then():
    """What a removed pipeline had says nothing of the one that came after it."""
    row = history((0, "1", "P", (MET, WON)), (5, "2", "P", (MET, WON)))
    row[0] = replace(row[0], until=day(3))
    assert origin(drift(DriftKind.LABEL, "Met", "met"), row) == Origin(day(5), None, "2")


def test_our_own_hand_is_known_by_its_run():
    """A value our journal wrote at that time names the run."""
    row = history((0, "1", "P", (replace(MET, label="Møtt"), WON)), (1, "9", "P", (MET, WON)))
    change = EditStage("p", "met", StageValues("Møtt"), StageValues("Met"))
    writes = [Write(4, change, day(1), day(1))]
    assert origin(drift(DriftKind.LABEL, "Met", "met"), row, writes) == Origin(day(1), None, "9", 4)
    assert origin(drift(DriftKind.PROBABILITY, 0.2, "met"), row, writes) == Origin(
        day(0), None, "1"
    )
