import json

import pytest

from connector.crm.answers import Answer
from connector.crm.hubspot.audit import read_trail
from connector.errors import BadAnswer
from connector.model import BEGINNING, Outcome

PIPELINE = "default"


def stage(stage_id="s1", label="Met", order=0, **metadata):
    told = {"isClosed": "false", "probability": "0.2"} | metadata
    return {"stageId": stage_id, "label": label, "displayOrder": order, "metadata": told}


def version(*stages, label="Sales", **more):
    return {"pipelineId": PIPELINE, "label": label, "stages": list(stages or [stage()]), **more}


def entry(day, raw=None, action="UPDATE", user=7, **more):
    told = {
        "portalId": 1,
        "identifier": f"1:{PIPELINE}",
        "action": action,
        "timestamp": f"2024-01-{day:02}T08:00:00Z",
        "message": "Pipeline update",
        "rawObject": raw if isinstance(raw, str) else json.dumps(raw or version()),
        "fromUserId": user,
    }
    return told | more


def answer(*entries):
    """What HubSpot answers, newest first."""
    body = json.dumps({"results": list(entries)}).encode()
    return Answer("HubSpot", "GET /audit", 200, {"Content-Type": "application/json"}, body)


def read(*entries):
    return read_trail(answer(*entries), PIPELINE)


def days(trail):
    return [told.at.day for told in trail.versions]


def test_a_trail_comes_oldest_first_with_who_and_when():
    """HubSpot lists the newest first; each version keeps its instant and the user it names."""
    newer = version(stage(label="Møte holdt"), stage("s0", "Ny", 4, probability="0.10"))
    trail = read(entry(9, newer, user=8), entry(2, action="CREATE"))
    assert trail.unread == ()
    assert [(v.at.isoformat(), v.by, v.not_before) for v in trail.versions] == [
        ("2024-01-02T08:00:00+00:00", "7", None),
        ("2024-01-09T08:00:00+00:00", "8", None),
    ]
    last = trail.versions[-1].pipeline
    assert (last.id, last.label) == (PIPELINE, "Sales")
    assert [(s.id, s.label, s.probability, s.slot) for s in last.stages] == [
        ("s1", "Møte holdt", 0.2, 0),
        ("s0", "Ny", 0.1, 4),
    ]


@pytest.mark.parametrize(
    ("metadata", "outcome", "probability"),
    [
        ({"isClosed": "true", "probability": "1.0"}, Outcome.WON, 1.0),
        ({"isClosed": "true", "probability": "0.0"}, Outcome.LOST, 0.0),
        ({"isClosed": "true", "probability": "0.8"}, Outcome.LOST, 0.8),
        ({"isClosed": "false", "probability": "0.8"}, Outcome.OPEN, 0.8),
        ({"isClosed": "false", "probability": "1.0"}, Outcome.OPEN, 1.0),
        ({"isClosed": "false", "probability": "0.0"}, Outcome.OPEN, 0.0),
        ({"isClosed": True, "probability": 1}, Outcome.WON, 1.0),
        ({"isClosed": None, "probability": "1"}, Outcome.WON, 1.0),
        ({"isClosed": None, "probability": "0.50"}, Outcome.OPEN, 0.5),
        ({"isClosed": "true", "probability": None}, Outcome.LOST, None),
        ({"isClosed": "true", "probability": "1.7"}, Outcome.LOST, None),
    ],
)
def test_impossible_pairs_are_data(metadata, outcome, probability):
    """A stage was as it was stored: closed or not, and of the closed only those at 1.0 were won."""
    told = read(entry(1, version(stage(**metadata)))).versions[0].pipeline.stages[0]
    assert (told.outcome, told.probability) == (outcome, probability)


@pytest.mark.parametrize(
    ("keys", "writable"),
    [
        ({}, True),
        ({"writePermissions": "CRM_PERMISSIONS_ENFORCEMENT"}, True),
        ({"writePermissions": "READ_ONLY"}, False),
        ({"writePermissions": None, "isInternalWriteOnly": False}, True),
        ({"isInternalWriteOnly": True, "updatedAt": None}, False),
        ({"internalWriteOnly": True}, False),
        ({"internalWriteOnly": None, "createdBy": 3, "isApprovalStage": False}, True),
    ],
)
def test_keys_of_every_age_are_understood(keys, writable):
    """Whether a stage was closed to us had another name in 2022, 2023 and today."""
    trail = read(entry(1, version({**stage(), **keys}, active=True, default=True)))
    assert trail.versions[0].pipeline.stages[0].writable is writable


def test_a_version_may_come_as_an_object():
    """The specification says that rawObject is an object, and HubSpot sends text; both are read."""
    assert days(read({**entry(3), "rawObject": version()})) == [3]


@pytest.mark.parametrize(
    "bad",
    [
        entry(5, raw="{not json"),
        entry(5, raw="[" * 100_000),
        entry(5, raw="{}"),
        entry(5, raw='{"label": "Sales", "stages": [{"label": "no id"}]}'),
        entry(5, version(stage(), stage(label="Met twice"))),
        entry(5, timestamp="yesterday"),
        entry(5, timestamp=None),
        {"portalId": 1},
        "an entry",
        None,
    ],
    ids=lambda bad: str(bad)[:30],
)
def test_a_bad_entry_is_set_aside(bad):
    """What makes no sense is named and kept apart; the others are read."""
    trail = read(entry(9), bad, entry(3), entry(2))
    assert days(trail) == [2, 3, 9]
    assert [each.record for each in trail.unread] == [f"pipeline {PIPELINE}"]
    assert trail.unread[0].reason


def test_behind_a_bad_entry_the_change_is_not_exact():
    """Nobody can say which of two entries changed what, when the first cannot be read."""
    trail = read(entry(9), entry(7), entry(5, raw="{"), entry(3), entry(2, action="CREATE"))
    told = [(v.at.day, v.not_before and v.not_before.day, v.by) for v in trail.versions]
    assert told == [(2, None, "7"), (3, None, "7"), (7, 3, None), (9, None, "7")]


@pytest.mark.parametrize("action", ["UPDATE", ""])
def test_the_oldest_entry_only_says_how_it_was(action):
    """Unless it made the pipeline, what the oldest entry changed is not known, nor by whom."""
    oldest = read(entry(4), entry(2, action=action)).versions[0]
    assert (oldest.not_before, oldest.by) == (BEGINNING, None)


def test_versions_out_of_order_are_put_in_order():
    """The instant decides, whatever the order of the listing."""
    assert days(read(entry(2, action="CREATE"), entry(9), entry(4))) == [2, 4, 9]


def test_versions_of_one_instant_keep_their_order():
    """Two edits in one millisecond go by their number, or by the listing where it is equal."""

    def labels(*numbers):
        told = [version(label=str(n), **({"version": n} if n > 2 else {})) for n in numbers]
        return [v.pipeline.label for v in read(*(entry(5, each) for each in told)).versions]

    assert labels(2, 1) == ["1", "2"]
    assert labels(3, 4) == ["3", "4"]


def test_no_trail_is_an_empty_one():
    """A pipeline nothing is known of has no versions."""
    assert read() == read_trail(answer(), PIPELINE)
    assert read().versions == ()


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"results": 5}', b"[" * 100_000, b"\xff"])
def test_an_answer_that_is_none_is_refused(body):
    """No unreadable answer passes for an empty trail."""
    bad = Answer("HubSpot", "GET /audit", 200, {"Content-Type": "application/json"}, body)
    with pytest.raises(BadAnswer, match="GET /audit"):
        read_trail(bad, PIPELINE)
