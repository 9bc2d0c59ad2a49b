import json
from typing import Any

import pytest

from connector.crm.answers import Answer
from connector.crm.hubspot import pipelines
from connector.errors import BadAnswer
from connector.model import Outcome, Pipeline, Stage, StageValues

EXPANSION = "0.1000000000000000055511151231257827021181583404541015625"


def stage(**more: Any) -> dict[str, Any]:
    metadata = {"isClosed": "false", "probability": "0.2"}
    return {"id": "s", "label": "Møte avtalt", "displayOrder": 0, "metadata": metadata} | more


def listed(*stages: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"id": "p", "label": "Nysalg", "displayOrder": 0, "stages": list(stages)} | more


def answer(body: Any) -> Answer:
    headers = {"Content-Type": "application/json"}
    return Answer("HubSpot", "GET /pipelines", 200, headers, json.dumps(body).encode())


def read(*listing: dict[str, Any]) -> tuple[Pipeline, ...]:
    return pipelines.read_pipelines(answer({"results": list(listing)}))


def only_stage(**more: Any) -> Stage:
    return read(listed(stage(**more)))[0].stages[0]


# --- reading --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sent", "probability", "outcome"),
    [
        ("0.10", 0.1, Outcome.OPEN),
        (EXPANSION, 0.1, Outcome.OPEN),
        ("0.15", 0.15, Outcome.OPEN),
        (0.2, 0.2, Outcome.OPEN),
        ("1", 1.0, Outcome.WON),
        ("1.0", 1.0, Outcome.WON),
        (1, 1.0, Outcome.WON),
        ("0.0", 0.0, Outcome.LOST),
        (0, 0.0, Outcome.LOST),
        (None, None, Outcome.OPEN),
        ("", None, Outcome.OPEN),
        ("high", None, Outcome.OPEN),
        ("1.5", None, Outcome.OPEN),
        (True, None, Outcome.OPEN),
    ],
)
def test_a_probability_says_what_a_stage_is(sent: Any, probability: float | None, outcome: str):
    """HubSpot facts, 2026-11: metadata are strings, 1 is won, 0 is lost; nonsense is unknown."""
    found = only_stage(metadata={"probability": sent})
    assert (found.probability, found.outcome) == (probability, outcome)


def test_is_closed_is_not_believed():
    """HubSpot fact, 2026-11: old stages say isClosed at 0.8; the probability decides."""
    found = only_stage(metadata={"isClosed": "true", "probability": "0.8"})
    assert found.outcome is Outcome.OPEN


def test_a_stage_without_metadata_has_no_probability():
    """Metadata that are missing or empty leave the probability unknown."""
    without = {key: value for key, value in stage().items() if key != "metadata"}
    assert read(listed(without))[0].stages[0].probability is None
    assert only_stage(metadata={}).probability is None


@pytest.mark.parametrize(
    ("permission", "writable"),
    [
        ("CRM_PERMISSIONS_ENFORCEMENT", True),
        ("READ_ONLY", False),
        ("INTERNAL_ONLY", False),
        (None, True),
    ],
)
def test_write_permissions_are_read(permission: str | None, writable: bool):
    """HubSpot fact, 2026-11: two of three write permissions close a stage to every key."""
    assert only_stage(writePermissions=permission).writable is writable


def test_the_order_is_that_of_the_display():
    """HubSpot fact, 2026-11: a listing is not sorted; places may have gaps, ties go by label."""
    one = listed(
        stage(id="c", label="Ø", displayOrder=7),
        stage(id="b", label="B", displayOrder=7),
        stage(id="a", displayOrder=-1),
        label="B",
    )
    two = listed(stage(), id="q", label="A")
    first = listed(stage(), id="r", label="Z", displayOrder=-1)
    found = read(one, two, first)
    assert [pipeline.id for pipeline in found] == ["r", "q", "p"]
    assert [(each.id, each.slot) for each in found[2].stages] == [("a", -1), ("b", 7), ("c", 7)]


def test_archived_ones_are_not_live():
    """An archived pipeline, or stage, is none."""
    found = read(listed(stage(), stage(id="t", archived=True)), listed(id="q", archived=True))
    assert [[each.id for each in pipeline.stages] for pipeline in found] == [["s"]]


def test_labels_are_kept_untrimmed():
    """HubSpot fact, 2026-11: labels are stored untrimmed, and a space too many is drift."""
    assert only_stage(label=" Won ").label == " Won "


def test_unknown_keys_are_ignored():
    """A key that HubSpot adds tomorrow breaks nothing."""
    assert only_stage(isApprovalStage=False, warnings=[]).id == "s"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"results": None},
        {"results": [{"id": "p"}]},
        {"results": [listed({"id": "s"})]},
        {"results": [listed(stage(displayOrder="first"))]},
        {"results": [listed(stage(id=5))]},
    ],
)
def test_a_configuration_that_makes_no_sense_is_refused(body: Any):
    """Plans are made from this answer, so it is read whole or not at all."""
    with pytest.raises(BadAnswer):
        pipelines.read_pipelines(answer(body))


def test_metadata_of_null_are_none():
    """Null metadata cost the stage its probability, not the pull its pipelines."""
    assert only_stage(metadata=None).probability is None


# --- writing --------------------------------------------------------------------------------------


def edited(after: StageValues, **live: Any) -> dict[str, Any]:
    return pipelines.edit_body(pipelines.read_stage(answer(stage(**live))), after)


def test_an_edit_names_only_what_it_changes_and_all_metadata():
    """HubSpot fact, 2026-11: some versions require metadata in every PATCH; none minds it."""
    assert edited(StageValues(label="Won")) == {
        "label": "Won",
        "metadata": {"isClosed": "false", "probability": "0.2"},
    }
    assert edited(StageValues(slot=3)) == {
        "displayOrder": 3,
        "metadata": {"isClosed": "false", "probability": "0.2"},
    }


@pytest.mark.parametrize(
    ("probability", "sent"),
    [
        (0.0, {"probability": "0.0", "isClosed": "true"}),
        (1.0, {"probability": "1.0", "isClosed": "true"}),
        (0.15, {"probability": "0.15", "isClosed": "false"}),
    ],
)
def test_a_probability_is_sent_with_what_follows_from_it(probability: float, sent: dict[str, str]):
    """HubSpot fact, 2026-11: isClosed is true exactly at 0 and 1, so the two are sent agreeing."""
    assert edited(StageValues(probability=probability)) == {"metadata": sent}


def test_metadata_we_do_not_know_are_sent_back():
    """Keys of others in the metadata survive an edit; null, which HubSpot refuses, is left out."""
    live = {"probability": None, "isClosed": "false", "colour": "red"}
    assert edited(StageValues(label="Won"), metadata=live) == {
        "label": "Won",
        "metadata": {"isClosed": "false", "colour": "red"},
    }


def test_a_new_stage_is_sent_whole():
    """A stage is created under our own id with everything HubSpot requires."""
    assert pipelines.create_body("terms", StageValues("Vilkår godkjent", 0.6, 4)) == {
        "stageId": "terms",
        "label": "Vilkår godkjent",
        "displayOrder": 4,
        "metadata": {"probability": "0.6", "isClosed": "false"},
    }


@pytest.mark.parametrize(
    "after", [StageValues("A", 0.5), StageValues("A", slot=1), StageValues(None, 0.5, 1)]
)
def test_a_new_stage_needs_all_its_values(after: StageValues):
    """A stage to create without label, probability or slot is a mistake of the caller."""
    with pytest.raises(ValueError, match="needs a label"):
        pipelines.create_body("s", after)
