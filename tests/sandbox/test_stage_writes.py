"""Stage writes, held against what was seen of HubSpot's API 2026-09 in autumn 2026."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.sandbox.hubspot.records import Stage
from connector.sandbox.hubspot.stage_rules import place

SALES = "/crm/pipelines/2026-09/deals/sales"
STAGES = f"{SALES}/stages"


@pytest.mark.parametrize(
    ("sent", "stored"),
    [("0.50", "0.5"), ("1", "1.0"), (1, "1.0"), (0.15, "0.15"), ("0.10", "0.1"), (0, "0.0")],
)
def test_probability_is_stored_as_a_canonical_string(hub, sent, stored):
    """Metadata values are strings, numbers are accepted, "0.50" reads back "0.5".

    HubSpot fact, 2026-11.
    """
    hub.patch(f"{STAGES}/offer", {"metadata": {"probability": sent}})
    assert hub.stage("offer")["metadata"]["probability"] == stored


@pytest.mark.parametrize(
    ("sent", "closed"), [("0.0", "true"), ("1", "true"), ("0.99", "false"), ("0.01", "false")]
)
def test_is_closed_follows_from_the_probability(hub, sent, closed):
    """isClosed is true exactly at 0 and 1, and one that is sent is ignored.

    HubSpot fact, 2026-11.
    """
    other = "false" if closed == "true" else "true"
    hub.patch(f"{STAGES}/offer", {"metadata": {"probability": sent, "isClosed": other}})
    assert hub.stage("offer")["metadata"] == {
        "isClosed": closed,
        "probability": str(float(sent)),
    }


def test_a_write_answers_its_own_words(hub):
    """The answer echoes spelling, dropped keys and a stale isClosed; a GET is true.

    HubSpot fact, 2026-11.
    """
    sent = {
        "label": "Offer 2",
        "displayOrder": 0,
        "metadata": {"probability": "1", "colour": "red"},
    }
    told = hub.patch(f"{STAGES}/offer", sent).json()
    assert told["metadata"] == {"probability": "1", "colour": "red", "isClosed": "false"}
    assert (told["label"], told["displayOrder"]) == ("Offer 2", 0)
    assert hub.stage("offer")["displayOrder"] == 1
    assert hub.stage("offer")["metadata"] == {"probability": "1.0", "isClosed": "true"}


def test_a_patch_changes_only_what_it_sends(hub):
    """A stage PATCH needs no label, order or metadata; {} keeps the probability.

    HubSpot fact, 2026-11.
    """
    before = hub.stage("offer")
    assert hub.patch(f"{STAGES}/offer", {"metadata": {}}).status_code == 200
    assert hub.patch(f"{STAGES}/offer", {"label": "Offered"}).status_code == 200
    after = hub.stage("offer")
    assert after["label"] == "Offered"
    assert (after["metadata"], after["displayOrder"]) == (
        before["metadata"],
        before["displayOrder"],
    )


def test_a_stage_patch_leaves_the_other_stages_update_times(hub, clock):
    """Only a pipeline PATCH moves every stage's updatedAt.

    HubSpot fact, 2026-11.
    """
    clock.advance(timedelta(hours=1))
    hub.patch(f"{STAGES}/offer", {"label": "Offered"})
    assert hub.stage("offer")["updatedAt"] == "2026-11-21T13:00:00Z"
    assert hub.stage("met")["updatedAt"] < "2026"


def test_a_missing_probability_is_refused_without_category(hub):
    """The two probability refusals have status and message but no category.

    HubSpot fact, 2026-11.
    """
    for metadata in ({}, {"probability": None}):
        body = {"label": "New", "displayOrder": 20, "metadata": metadata}
        answer = hub.post(STAGES, body)
        assert answer.status_code == 400
        assert answer.json()["message"] == "must specify probability when writing a dealstage"
        assert "category" not in answer.json()


@pytest.mark.parametrize("sent", ["1.1", "-0.1", "high", "nan", [1]])
def test_an_invalid_probability_is_refused(hub, sent):
    """Outside 0 to 1 the refusal names the range and has no category.

    HubSpot fact, 2026-11.
    """
    answer = hub.patch(f"{STAGES}/offer", {"metadata": {"probability": sent}})
    assert answer.status_code == 400
    assert answer.json()["message"] == (
        "dealstage probability is not valid, must be between 0.0 and 1.0 (inclusive)"
    )
    assert "category" not in answer.json()


def test_null_is_no_probability(hub):
    """{probability: null} in a PATCH is a 400.

    HubSpot fact, 2026-11.
    """
    answer = hub.patch(f"{STAGES}/offer", {"metadata": {"probability": None}})
    assert answer.status_code == 400


@pytest.mark.parametrize("label", ["Met", " mET ", "met"])
def test_labels_are_unique_but_for_case_and_spaces(hub, label):
    """A duplicate label is refused with PipelineError.STAGE_LABEL_EXISTS.

    HubSpot fact, 2026-11.
    """
    answer = hub.patch(f"{STAGES}/offer", {"label": label})
    assert answer.status_code == 400
    assert answer.json()["subCategory"] == "PipelineError.STAGE_LABEL_EXISTS"
    assert answer.json()["message"] == f"Stage with label {label} already exists"


def test_labels_are_stored_untrimmed(hub):
    """Surrounding spaces stay, and a stage may take its own label again.

    HubSpot fact, 2026-11.
    """
    hub.patch(f"{STAGES}/offer", {"label": "  OFFER "})
    assert hub.stage("offer")["label"] == "  OFFER "


def test_labels_cannot_be_swapped_in_one_step(hub):
    """A swap of two labels needs a temporary one.

    HubSpot fact, 2026-11.
    """
    assert hub.patch(f"{STAGES}/met", {"label": "Offer"}).status_code == 400
    assert hub.patch(f"{STAGES}/met", {"label": "Offer (2)"}).status_code == 200
    assert hub.patch(f"{STAGES}/offer", {"label": "Met"}).status_code == 200
    assert hub.patch(f"{STAGES}/met", {"label": "Offer"}).status_code == 200


def test_stage_ids_are_kept_or_numeric(hub):
    """A chosen id is kept verbatim, an omitted one is numeric.

    HubSpot fact, 2026-11.
    """
    body = {"displayOrder": 20, "metadata": {"probability": "0.3"}}
    chosen = hub.post(STAGES, {**body, "label": "A", "stageId": "My_Stage é"})
    given = hub.post(STAGES, {**body, "label": "B"})
    assert (chosen.status_code, chosen.json()["id"]) == (201, "My_Stage é")
    assert given.json()["id"].isdigit()
    assert hub.stage("My_Stage%20%C3%A9")["label"] == "A"


def test_an_id_that_is_too_long_breaks_hubspot(hub):
    """Longer than 100 answers 500 and creates nothing.

    HubSpot fact, 2026-11.
    """
    body = {"label": "A", "displayOrder": 20, "metadata": {"probability": "0.3"}}
    assert hub.post(STAGES, {**body, "stageId": "x" * 101}).status_code == 500
    assert len(hub.orders()) == 5


def test_stage_ids_are_unique_over_all_deal_pipelines(hub):
    """Stage ids are unique within an object type.

    HubSpot fact, 2026-11.
    """
    body = {"label": "A", "displayOrder": 20, "metadata": {"probability": "0.3"}}
    assert hub.post(STAGES, {**body, "stageId": "closedwon"}).status_code == 400


def test_a_pipeline_takes_at_most_100_stages(hub):
    """At most 100 stages a deal pipeline.

    HubSpot fact, 2026-11.
    """
    for n in range(95):
        body = {"label": f"S{n}", "displayOrder": 20 + n, "metadata": {"probability": "0.3"}}
        assert hub.post(STAGES, body).status_code == 201
    body = {"label": "Last", "displayOrder": 500, "metadata": {"probability": "0.3"}}
    assert hub.post(STAGES, body).status_code == 400


def test_a_free_slot_moves_one_stage_and_gaps_survive(hub):
    """Writing to a free slot changes only that stage.

    HubSpot fact, 2026-11.
    """
    hub.patch(f"{STAGES}/met", {"displayOrder": 7})
    assert hub.orders() == {"won": 2, "lost": 3, "met": 7, "offer": 1, "locked": 9}


def test_a_taken_slot_puts_the_stage_after_its_holder(hub):
    """A taken slot places after the holder and renumbers the pipeline 0..n-1.

    HubSpot fact, 2026-11.
    """
    hub.patch(f"{STAGES}/met", {"displayOrder": 2})
    assert hub.orders() == {"offer": 0, "won": 1, "met": 2, "lost": 3, "locked": 4}


def test_a_negative_slot_is_refused(hub):
    """displayOrder -1 is a 400.

    HubSpot fact, 2026-11.
    """
    assert hub.patch(f"{STAGES}/met", {"displayOrder": -1}).status_code == 400


@given(st.lists(st.tuples(st.sampled_from("abcdefg"), st.integers(0, 9)), max_size=30))
def test_no_two_stages_ever_share_a_slot(writes):
    """HubSpot never stores two stages at one order, and no write loses a stage.

    HubSpot fact, 2026-11.
    """
    stages: tuple[Stage, ...] = ()
    for name, order in writes:
        stages = place(stages, Stage(name, name, 0, "0.5", 0, 0), order)
    assert {stage.id for stage in stages} == {name for name, _ in writes}
    assert len({stage.order for stage in stages}) == len(stages)


def test_a_read_only_stage_refuses_writes(hub):
    """WritePermissions READ_ONLY; the 403 is what an admin's lock implies.

    HubSpot fact, 2026-11.
    """
    assert hub.patch(f"{STAGES}/locked", {"label": "X"}).status_code == 403
    assert hub.delete(f"{STAGES}/locked").status_code == 403
    assert hub.stage("locked")["writePermissions"] == "READ_ONLY"


def test_put_needs_every_field(hub):
    """StageReplaceInput requires displayOrder, label and metadata.

    HubSpot fact, 2026-11.
    """
    whole = {"label": "O", "displayOrder": 1, "metadata": {"probability": "0.4"}}
    assert hub("PUT", f"{STAGES}/offer", {"label": "O"}).status_code == 400
    assert hub("PUT", f"{STAGES}/offer", whole).status_code == 200
    assert hub.stage("offer")["metadata"]["probability"] == "0.4"


def test_deals_feel_a_stage_write(hub, deal, clock):
    """An edit moves hs_lastmodifieddate and the probability of the pipeline's deals.

    HubSpot fact, 2026-11; that the probability follows at once is inferred.
    """
    clock.advance(timedelta(minutes=1))
    hub.patch(f"{STAGES}/met", {"metadata": {"probability": "0.3"}})
    names = "hs_lastmodifieddate,hs_deal_stage_probability"
    told = hub.get(f"/crm/objects/2026-09/deals/{deal}", properties=names).json()["properties"]
    assert told["hs_lastmodifieddate"] == "2026-11-21T12:01:00Z"
    assert float(told["hs_deal_stage_probability"]) == 0.3
