"""Stages, pipelines, users and lists over REST."""

import pytest

from connector.sandbox.nutshell.records import State


def test_stages_are_wrapped_and_have_gaps(nutshell):
    """{"stages": […]}, positions 1 and 4, links.stageset, no probability; fact, 2026-11."""
    answer = nutshell.get("stages")
    assert answer["stages"] == [
        {
            "id": "101-stages",
            "type": "stages",
            "name": "Qualify",
            "description": None,
            "position": 1,
            "links": {"stageset": "1-stagesets"},
        },
        {
            "id": "105-stages",
            "type": "stages",
            "name": "Offer",
            "description": None,
            "position": 4,
            "links": {"stageset": "1-stagesets"},
        },
    ]


def test_pipelines_say_what_they_are(nutshell, instance):
    """status 1 active, 2 draft, 3 retired, links.stages in order; Nutshell fact, 2026-11."""
    instance.pipelines.add_pipeline("Plan", ["New"], state=State.DRAFT)
    old = instance.pipelines.add_pipeline("Old", ["Met"])
    instance.pipelines.set_state(old.ref, State.RETIRED)
    instance.pipelines.move_stage("105-stages", 0)
    answer = nutshell.get("stagesets")["stagesets"]
    assert [(each["name"], each["status"]) for each in answer] == [
        ("Sales", 1),
        ("Plan", 2),
        ("Old", 3),
    ]
    assert [each["default"] for each in answer] == [True, False, False]
    assert answer[0]["links"]["stages"] == ["105-stages", "101-stages"]


def test_what_an_admin_edits_shows(nutshell, instance):
    """Names, positions, new and retired stages, names of pipelines."""
    pipelines = instance.pipelines
    pipelines.rename_stage("101-stages", "Met")
    pipelines.add_stage("1-stagesets", "Between", position=2)
    pipelines.retire_stage("105-stages")
    pipelines.rename_pipeline("1-stagesets", "New business")
    stages = nutshell.get("stages")["stages"]
    assert [(stage["name"], stage["position"]) for stage in stages] == [("Met", 1), ("Between", 2)]
    assert nutshell.get("stagesets/1")["stagesets"][0]["name"] == "New business"
    assert nutshell.get("stages/105-stages")["stages"][0]["name"] == "Offer"


def test_users_tell_who_is_restricted_and_who_has_left(nutshell, instance, seller):
    """isViewingRestricted and isEnabled; Nutshell fact, 2026-11."""
    instance.people.add_user("Per", "per@example.com", restricted=True)
    instance.people.disable_user(seller)
    users = nutshell.get("users")["users"]
    told = {each["name"]: (each["isEnabled"], each["isViewingRestricted"]) for each in users}
    assert told == {"Admin": (True, False), "Kari Hauge": (False, False), "Per": (True, True)}
    assert nutshell.get("users/5-users")["users"][0]["emails"] == ["kari@example.com"]


def test_outcomes_products_and_sources(nutshell, instance):
    """Outcomes have a type 10, 11 or 12; Nutshell fact, 2026-11."""
    product, source = instance.catalogue.add_product("Gauge"), instance.catalogue.add_source("Web")
    instance.add_lead("A", 101, products=[product.id], sources=[source.id])
    outcomes = nutshell.get("outcomes")["outcomes"]
    assert [(each["id"], each["name"], each["type"]) for each in outcomes] == [
        ("3-outcomes", "Won", 10),
        ("7-outcomes", "Price", 11),
        ("11-outcomes", "Called off", 12),
    ]
    links = nutshell.get("leads")["leads"][0]["links"]
    assert nutshell.get(f"products/{links['products'][0]}")["products"][0]["name"] == "Gauge"
    assert nutshell.get(f"sources/{links['sources'][0]}")["sources"][0]["name"] == "Web"
    assert nutshell.answer("outcomes/99").status_code == 404


@pytest.mark.parametrize("path", ["stages/101-stages", "stagesets/1-stagesets", "stages"])
@pytest.mark.parametrize("method", ["PATCH", "PUT", "POST", "DELETE"])
def test_no_stage_can_be_written(nutshell, path, method):
    """Nothing in REST writes a stage; Nutshell fact, 2026-11."""
    before = nutshell.get("stages")
    answer = nutshell.answer(path, method, json=[])
    assert (answer.status_code, answer.text) == (405, '"Internal Error"')
    assert nutshell.get("stages") == before
