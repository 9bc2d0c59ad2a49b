"""The invented company: what the demo promises its readers will find."""

import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
import requests

from connector.sandbox import Portal, Sandbox, VirtualClock, company

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
STAGES = "/crm/pipelines/2026-09/deals"


def everything(portal: Portal) -> list[str]:
    """Every byte a client can read, headers aside."""
    fields = ",".join(sorted(portal.properties))
    paths = [STAGES, f"{STAGES}/default/audit", "/crm/v3/owners", "/account-info/v3/details"]
    path = f"/crm/v3/objects/deals?limit=50&propertiesWithHistory={fields}"
    texts = []
    with Sandbox(portal, clock=VirtualClock(NOW)) as sandbox, requests.Session() as session:
        session.headers["Authorization"] = "Bearer pat-sandbox-read"
        texts = [session.get(sandbox.url + path, timeout=30).text for path in paths]
        link = sandbox.url + path
        while link:
            page = session.get(link, timeout=30).json()
            texts.append(json.dumps(page["results"]))
            link = page.get("paging", {}).get("next", {}).get("link")
    return texts


@pytest.fixture(scope="module")
def portal() -> Portal:
    return company(now=NOW)


def versions(portal: Portal, name: str):
    return {
        deal.id: [v.value for v in deal.history.get(name, [])] for deal in portal.deals.values()
    }


def test_same_seed_and_now_same_bytes(portal):
    """A demo can be repeated to the byte; another seed is another company."""
    first = everything(portal)
    assert everything(company(0, NOW)) == first
    names = versions(portal, "dealname").values()
    assert list(versions(company(1, NOW), "dealname").values()) != list(names)


def test_size_and_people(portal):
    """About 2,000 deals, 12 active reps and a former one, three teams."""
    assert 1_900 <= len(portal.deals) <= 2_000
    owners = portal.people.owners.values()
    assert Counter(owner.archived for owner in owners) == {False: 12, True: 1}
    assert set(portal.people.teams) == {"Norge", "Sverige", "Finland"}
    former = next(owner for owner in owners if owner.archived)
    assert any(deal.value("hubspot_owner_id") == str(former.id) for deal in portal.deals.values())


def test_nothing_happens_after_now(portal):
    """Two years of history end at `now`."""
    instants = [v.at for d in portal.deals.values() for vs in d.history.values() for v in vs]
    latest, earliest = max(instants) / 1000, min(instants) / 1000
    assert latest <= NOW.timestamp()
    assert earliest >= (NOW - timedelta(days=731)).timestamp()


@pytest.mark.parametrize(
    ("pipeline", "rows"),
    [
        (
            "default",
            [
                ("appointmentscheduled", "Møte avtalt", "0.2"),
                ("qualifiedtobuy", "Vurdert av teamet", "0.4"),
                ("presentationscheduled", "Produkt undersøkt", "0.6"),
                ("decisionmakerboughtin", "Venter på svar", "0.5"),
                ("contractsent", "Vunnet", "1.0"),
                ("closedwon", "Tapt", "0.0"),
                ("closedlost", "Ikke aktuelt", "0.0"),
            ],
        ),
        (
            "74120663",
            [
                ("741206631", "Behov bekreftet", "0.10"),
                ("741206633", "Vurdert av teamet", "0.5"),
                ("741206632", "Produkt undersøkt", "0.45"),
                ("741206634", "Kontrakt mottatt", "0.9"),
                ("741206635", "Kontrakt signert", "1.0"),
                ("741206636", "Tapt", "0.0"),
            ],
        ),
    ],
)
def test_planted_drift(portal, pipeline, rows):
    """The faults a first drift report should show, each in a stage that holds deals."""
    stages = sorted(portal.pipelines[pipeline].stages, key=lambda stage: stage.order)
    assert [(stage.id, stage.label, stage.probability) for stage in stages] == rows
    assert all(portal.standing_in([stage.id]) for stage in stages)


def test_labels_of_all_pipelines(portal):
    """Three pipelines, the third without a process behind it."""
    labels = {pipeline.id: pipeline.label for pipeline in portal.pipelines.values()}
    assert labels == {"default": "Nysalg", "74120663": "Nøkkelkunder", "90817245": "Partnere"}
    closed = [stage.closed for stage in portal.pipelines["90817245"].stages]
    assert Counter(closed) == {False: 4, True: 2}


def test_the_audit_trail_has_a_past(portal):
    """Versions signed by users, and an impossible isClosed at 0.8.

    HubSpot fact, 2026-11.
    """
    users = {owner.user_id for owner in portal.people.owners.values()}
    for trail in portal.audit.values():
        assert len(trail) >= 2
        assert trail[-1].user_id in users
        metadata = [stage["metadata"] for stage in json.loads(trail[0].raw)["stages"]]
        assert {"isClosed": "true", "probability": "0.8"} in metadata


def test_lives_are_plausible(portal):
    """Skips, back moves, re-openings, pushed dates, changed amounts, foreign money."""
    order = {s.id: s.order for p in portal.pipelines.values() for s in p.stages}
    closed = {s.id for p in portal.pipelines.values() for s in p.stages if s.closed}
    moves = [(a, b) for lived in versions(portal, "dealstage").values() for a, b in pairwise(lived)]
    forward = [order[b] - order[a] for a, b in moves if not {a, b} & closed]
    assert sum(step > 1 for step in forward) > 50
    assert sum(step < 0 for step in forward) > 50
    assert sum(a in closed for a, _ in moves) > 10
    for name in ("amount", "closedate", "hs_next_step", "hs_manual_forecast_category"):
        assert sum(len(lived) > 1 for lived in versions(portal, name).values()) > 200, name
    money = Counter(deal.value("deal_currency_code") for deal in portal.deals.values())
    assert min(money[currency] for currency in ("NOK", "SEK", "EUR")) > 100
    reasons = Counter(deal.value("closed_lost_reason") for deal in portal.deals.values())
    assert len(reasons) > 4


def test_deals_move_in_office_hours(portal):
    """Nobody at Nordlys works at night or on Sundays."""
    instants = [
        datetime.fromtimestamp(version.at / 1000, UTC)
        for deal in portal.deals.values()
        for version in deal.history["dealstage"]
    ]
    assert {at.weekday() for at in instants} == {0, 1, 2, 3, 4}
    assert {at.hour for at in instants} == set(range(7, 16))


def test_hostile_names_archived_and_merged_deals(portal):
    """What breaks careless reports is there from the first day."""
    names = "".join(deal.value("dealname") or "" for deal in portal.deals.values())
    assert all(part in names for part in ("🚠", "\u202e", "=1+1", "[/x]", "\x1b"))
    deals = portal.deals.values()
    assert sum(deal.archived is not None for deal in deals) == 24
    assert sum(deal.merged_into is not None for deal in deals) == 4


def test_each_seed_is_an_account_of_its_own():
    """Seed 0 keeps the portal that examples name; another has another id and name."""
    first, second = company(0, deals=100), company(1, deals=100)
    assert (first.id, first.name) == (146210777, "Nordlys Måleteknikk AS")
    assert (second.id, second.name) == (146210778, "Nordlys Måleteknikk 1 AS")
