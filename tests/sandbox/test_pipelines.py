"""Whole pipelines, their deletion and their audit trail, as HubSpot was seen in autumn 2026."""

import json
from datetime import timedelta

import pytest

PIPELINES = "/crm/pipelines/2026-09/deals"
SALES = f"{PIPELINES}/sales"
JSON = {"Accept": "application/json"}


def stage(label, order=0, chance="0.5", **more):
    return {"label": label, "displayOrder": order, "metadata": {"probability": chance}, **more}


@pytest.mark.parametrize(
    "path",
    [
        "/crm/pipelines/2026-09/deals",
        "/crm/pipelines/2026-09/0-3",
        "/crm/v3/pipelines/deals",
        "/crm/v3/pipelines/0-3?limit=1&archived=true",
    ],
)
def test_all_paths_list_every_pipeline(hub, path):
    """Deals or 0-3, dated or v3; limit and archived have no effect.

    HubSpot fact, 2026-11.
    """
    assert [each["id"] for each in hub.get(path).json()["results"]] == ["default", "sales"]


def test_the_list_is_not_sorted_by_display_order(hub):
    """Sort client-side.

    HubSpot fact, 2026-11.
    """
    orders = [each["displayOrder"] for each in hub.get(SALES).json()["stages"]]
    assert orders != sorted(orders)


def test_default_stages_were_born_at_epoch_zero(hub):
    """The stages of the default pipeline have createdAt 0.

    HubSpot fact, 2026-11.
    """
    assert hub.stage("closedwon", "default")["createdAt"] == "1970-01-01T00:00:00Z"
    assert hub.stage("won")["createdAt"] == "2023-11-14T22:13:20Z"


def test_a_pipeline_patch_moves_every_stages_update_time(hub, clock):
    """Stage.updatedAt is no change detector.

    HubSpot fact, 2026-11.
    """
    clock.advance(timedelta(hours=1))
    hub.patch(SALES, {"label": "Sales 2"})
    pipeline = hub.get(SALES).json()
    assert {each["updatedAt"] for each in pipeline["stages"]} == {"2026-11-21T13:00:00Z"}
    assert (pipeline["label"], pipeline["displayOrder"]) == ("Sales 2", 1)


def test_archived_is_refused_in_a_patch(hub):
    """archived is legal only when restoring an archived pipeline.

    HubSpot fact, 2026-11.
    """
    assert hub.patch(SALES, {"archived": False}).status_code == 400


def test_create_keeps_ids_and_spreads_equal_orders(hub):
    """201, chosen ids kept, never two stages at one order.

    HubSpot fact, 2026-11.
    """
    body = {
        "label": "New",
        "displayOrder": 0,
        "pipelineId": "my_pipeline",
        "stages": [stage("A", 0, "0.20", stageId="a"), stage("B", 0, 1)],
    }
    made = hub.post(PIPELINES, body)
    assert (made.status_code, made.json()["id"]) == (201, "my_pipeline")
    assert made.json()["stages"][0]["metadata"]["probability"] == "0.20"
    first, second = hub.get(f"{PIPELINES}/my_pipeline").json()["stages"]
    assert (first["id"], first["displayOrder"]) == ("a", 0)
    assert (second["id"].isdigit(), second["displayOrder"]) == (True, 1)


@pytest.mark.parametrize(
    ("change", "status", "message"),
    [
        ({"label": "SALES"}, 400, "An active pipeline with label SALES already exists"),
        ({"stages": []}, 400, "Pipeline must have at least one stage"),
        ({"pipelineId": "x" * 37}, 500, "internal error"),
        ({"pipelineId": "sales"}, 400, "The id sales is already in use"),
        ({"stages": [stage("A"), stage(" a")]}, 400, "Stage with label  a already exists"),
    ],
)
def test_create_refusals(hub, change, status, message):
    """Unique labels ignoring case, at least one stage, an id of 36 characters.

    HubSpot fact, 2026-11.
    """
    answer = hub.post(PIPELINES, {"label": "N", "displayOrder": 5, "stages": [stage("A")]} | change)
    assert (answer.status_code, answer.json()["message"]) == (status, message)
    assert "subCategory" not in answer.json()
    assert len(hub.get(PIPELINES).json()["results"]) == 2


def test_put_purges_what_it_leaves_out(hub):
    """PUT deletes left-out stages, keeps a named one, gives a new one an id.

    HubSpot fact, 2026-11.
    """
    body = {
        "label": "Sales",
        "displayOrder": 1,
        "stages": [stage("Met!", 0, stageId="met"), stage("Fresh", 1)],
    }
    assert hub("PUT", SALES, body).status_code == 200
    kept, fresh = hub.get(SALES).json()["stages"]
    assert (kept["id"], kept["label"]) == ("met", "Met!")
    assert fresh["id"].isdigit()
    assert hub.get(f"{SALES}/stages/offer").status_code == 404


def test_put_is_guarded_too(hub, deal):
    """The guard holds on PUT of 2026-09.

    HubSpot fact, 2026-11.
    """
    body = {"label": "Sales", "displayOrder": 1, "stages": [stage("Only", stageId="offer")]}
    assert hub("PUT", SALES, body).json()["subCategory"] == "PipelineError.STAGE_ID_IN_USE"


def test_a_used_stage_is_not_deleted(hub, deal):
    """400 with bracketed strings in context; the flags change nothing on 2026-09.

    HubSpot fact, 2026-11.
    """
    answer = hub.delete(f"{SALES}/stages/met", validateReferencesBeforeDelete="false")
    body = answer.json()
    assert answer.status_code == 400
    assert body["message"] == f"Stage IDs: [met] are being referenced by object IDs: [{deal}]"
    assert body["context"] == {"stageIds": ["[met]"], "objectIds": [f"[{deal}]"]}
    assert (body["category"], body["subCategory"]) == (
        "VALIDATION_ERROR",
        "PipelineError.STAGE_ID_IN_USE",
    )


def test_v3_deletes_a_used_stage_unless_asked_to_check(hub, deal):
    """On v3 the guard is off by default.

    HubSpot fact, 2026-11.
    """
    path = "/crm/v3/pipelines/deals/sales/stages/met"
    assert hub.delete(path, validateReferencesBeforeDelete="true").status_code == 400
    assert hub.delete(path).status_code == 204
    told = hub.get(f"/crm/objects/2026-09/deals/{deal}").json()["properties"]
    assert told["dealstage"] == "met"


def test_a_deal_in_the_recycle_bin_is_no_use(hub, portal, deal):
    """An archived record does not count as use.

    HubSpot fact, 2026-11.
    """
    portal.archive(deal)
    assert hub.delete(f"{SALES}/stages/met").status_code == 204


@pytest.mark.parametrize(
    "path", ["sales/stages/won", "sales/stages/nope", "nope/stages/won", "default/stages/won"]
)
def test_any_other_stage_delete_answers_204(hub, path):
    """204 for a missing stage, a missing pipeline and the wrong pipeline.

    HubSpot fact, 2026-11.
    """
    assert hub.delete(f"{PIPELINES}/{path}").status_code == 204
    gone = path == "sales/stages/won"
    assert ("won" in hub.orders()) is not gone


def test_a_pipeline_delete_is_a_purge(hub, portal, deal):
    """Refused while deals stand in it, then gone without archive.

    HubSpot fact, 2026-11.
    """
    assert hub.delete(SALES).status_code == 400
    portal.archive(deal)
    assert hub.delete(SALES).status_code == 204
    assert hub.get(SALES).status_code == 404
    assert hub.get(f"{SALES}/audit").status_code == 404


@pytest.mark.parametrize("path", [f"{PIPELINES}/nope", f"{SALES}/stages/nope", "/crm/v3/nope"])
def test_missing_things_are_html_or_empty(hub, path):
    """HTML without Accept: application/json, an empty body with it.

    HubSpot fact, 2026-11.
    """
    page = hub("GET", path)
    assert (page.status_code, page.headers["Content-Type"][:9]) == (404, "text/html")
    bare = hub("GET", path, headers=JSON)
    assert (bare.status_code, bare.content) == (404, b"")


def test_other_missing_things_differ(hub):
    """PATCH empty, stage list JSON without category, DELETE pipeline with one.

    HubSpot fact, 2026-11.
    """
    patched = hub.patch(f"{PIPELINES}/nope", {"label": "X"})
    assert (patched.status_code, patched.content) == (404, b"")
    listed = hub.get(f"{PIPELINES}/nope/stages")
    assert (listed.status_code, "category" in listed.json()) == (404, False)
    deleted = hub.delete(f"{PIPELINES}/nope")
    assert (deleted.status_code, deleted.json()["category"]) == (404, "OBJECT_NOT_FOUND")


def test_audit_tells_whole_versions_newest_first(hub):
    """rawObject is a JSON string with the complete version, instants in ms.

    HubSpot fact, 2026-11.
    """
    hub.patch(f"{SALES}/stages/offer", {"label": "Offered", "metadata": {"probability": "1"}})
    newest, oldest = hub.get(f"{SALES}/audit").json()["results"]
    assert newest["identifier"] == f"{newest['portalId']}:sales"
    assert newest["timestamp"] == "2026-11-21T12:00:00Z"
    assert (newest["action"], newest["message"]) == ("UPDATE", "Pipeline update")
    labels = [
        {each["stageId"]: each["label"] for each in json.loads(version["rawObject"])["stages"]}
        for version in (newest, oldest)
    ]
    assert (labels[0]["offer"], labels[1]["offer"]) == ("Offered", "Offer")
    raw = json.loads(newest["rawObject"])["stages"][3]
    assert raw["metadata"] == {"isClosed": "true", "probability": "1.0"}
    assert raw["createdAt"] == 1_700_000_000_000


def test_stage_audit_tells_one_stage(hub):
    """A stage has an audit of its own; a deleted one still has a past.

    HubSpot fact, 2026-11.
    """
    hub.patch(f"{SALES}/stages/offer", {"label": "Offered"})
    hub.delete(f"{SALES}/stages/offer")
    told = hub.get(f"{SALES}/stages/offer/audit").json()["results"]
    assert [json.loads(each["rawObject"])["label"] for each in told] == ["Offered", "Offer"]
    assert hub.get(f"{SALES}/stages/nope/audit").status_code == 404
