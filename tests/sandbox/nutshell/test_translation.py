"""The same company in both CRMs: a portal's deals as leads."""

import time
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
import requests

from connector.sandbox import Instance, Portal, Sandbox, VirtualClock, company, from_csv
from connector.sandbox.company.in_nutshell import company_in_nutshell
from connector.sandbox.hostile import hostile
from connector.sandbox.hubspot.records import Stage
from connector.sandbox.nutshell.records import Lead, Status
from connector.sandbox.nutshell.translation import translated

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
START = NOW - timedelta(days=100)
ADMIN = ("admin@example.com", "nutshell-sandbox-key")
KEY = {"Authorization": "Bearer pat-sandbox-read"}


def day(n: float) -> datetime:
    return START + timedelta(days=n, milliseconds=987)


@pytest.fixture
def portal() -> Portal:
    """Two pipelines of the same stages, "a" and "b", and a seller and an heir."""
    portal = Portal(name="Both")
    portal.clock = VirtualClock(NOW)
    for pipeline in ("a", "b"):
        stages = [
            Stage(f"{pipeline}-won", "Signed", 2, "1.0", 0, 0),
            Stage(f"{pipeline}-lost", "Lost", 3, "0.0", 0, 0),
            Stage(f"{pipeline}-off", "Called off (cancelled)", 4, "0.0", 0, 0),
            Stage(f"{pipeline}-offer", "Offer", 1, "0.6", 0, 0),
            Stage(f"{pipeline}-met", "Met", 0, "0.2", 0, 0),
        ]
        portal.add_pipeline(f"Pipeline {pipeline}", stages, id=pipeline, at=START)
    team = portal.people.add_team("Blue")
    for name in ("Kari", "Per"):
        portal.people.add_owner(
            name,
            "Hauge",
            email=f"{name}@example.com",
            teams=[team],
            at=START,
            archived=name == "Per",
        )
    return portal


def add(portal: Portal, **values: str) -> int:
    first = {"dealname": "A", "dealstage": "a-met", "amount": "100", "pipeline": "a"}
    return portal.add_deal(first | values, day(0), user_id=28_604_001).id


def only(instance: Instance) -> Lead:
    (lead,) = instance.leads.values()
    return lead


def told(instance: Instance, attribute: str) -> list[tuple[int, object]]:
    """When an attribute took which value, oldest first; of an object its name."""
    return [
        (entry.event.at, change.new.get("name") if isinstance(change.new, dict) else change.new)
        for entry in instance.log.entries
        for change in entry.event.changes
        if change.attribute == attribute
    ]


def at(n: float) -> int:
    return int(day(n).timestamp())


def test_stages_positions_and_outcomes(portal):
    """Open stages in their order with gaps, closed ones as outcomes by how they end."""
    add(portal)
    for ends in ("won", "lost", "off"):
        portal.move(add(portal), f"a-{ends}", day(1))
    instance = translated(portal)
    stages = instance.pipelines.stages_of(1)
    assert [(stage.name, stage.position) for stage in stages] == [("Met", 1), ("Offer", 4)]
    outcomes = {(each.name, each.type) for each in instance.catalogue.outcomes.values()}
    assert outcomes == {
        ("Signed", Status.WON),
        ("Lost", Status.LOST),
        ("Called off (cancelled)", Status.CANCELLED),
    }


def test_a_way_with_returns_and_a_reopening(portal):
    """Every entry is an event of its whole second, and the pipeline it led through is kept."""
    deal = add(portal)
    steps = ("a-offer", "a-met", "a-lost", "a-offer", "b-met", "b-won")
    for n, stage in enumerate(steps, start=1):
        portal.move(deal, stage, day(n), user_id=28_604_001)
    instance = translated(portal)
    assert told(instance, "stage") == [
        (at(0), "Met"),
        (at(1), "Offer"),
        (at(2), "Met"),
        (at(4), "Offer"),
        (at(5), "Met"),
    ]
    assert told(instance, "status") == [(at(3), "lost"), (at(4), "open"), (at(6), "won")]
    lead = only(instance)
    assert (lead.stage, lead.status, lead.closed) == (109, Status.WON, at(6))


def test_closing_in_another_pipeline_goes_there_first(portal):
    """A lead that ends in another pipeline's stage enters that pipeline in the same second."""
    portal.move(add(portal), "b-lost", day(1))
    instance = translated(portal)
    assert told(instance, "stage") == [(at(0), "Met"), (at(1), "Met")]
    assert only(instance).stage == 109


def test_values_dates_and_owners(portal):
    """Amounts, close dates and owners have their histories; a closing sets no expected close."""
    owners = list(portal.people.owners)
    deal = add(portal, hubspot_owner_id=str(owners[0]), closedate="2026-12-01T00:00:00Z")
    portal.set(deal, "amount", "250.5", day(1))
    portal.set(deal, "closedate", "2026-12-24T00:00:00Z", day(2))
    portal.set(deal, "hubspot_owner_id", str(owners[1]), day(3))
    portal.move(deal, "a-won", day(4))
    instance = translated(portal)
    lead = only(instance)
    assert (str(lead.amount), lead.currency, lead.owner) == ("250.5", "NOK", "9-users")
    christmas = int(datetime(2026, 12, 24, tzinfo=UTC).timestamp())
    assert told(instance, "anticipatedClosedTime") == [(at(2), christmas)]
    assert told(instance, "owner") == [(at(3), "Per Hauge")]
    assert [when for when, _ in told(instance, "value")] == [at(1)]
    assert not instance.people.users[9].enabled


def test_loss_reasons_become_outcomes(portal):
    """A deal lost for a reason is lost with that outcome."""
    portal.add_property("closed_lost_reason", "Reason")
    deal = add(portal)
    portal.move(deal, "a-lost", day(1))
    portal.set(deal, "closed_lost_reason", "Price", day(1))
    instance = translated(portal)
    assert instance.catalogue.outcomes[only(instance).outcome or 0].name == "Price"


def test_products_and_sources_are_lists_of_the_instance(portal):
    """The product and the source of a deal are records that leads point to, once by name."""
    for _ in range(2):
        add(portal, product_line="Gauge", hs_analytics_source="OFFLINE")
    add(portal)
    instance = translated(portal)
    assert [each.name for each in instance.catalogue.products.values()] == ["Gauge"]
    assert [each.name for each in instance.catalogue.sources.values()] == ["OFFLINE"]
    assert [lead.products for lead in instance.leads.values()] == [(255,), (255,), ()]


def test_confidence_follows_stages_by_the_automation(portal):
    """A stage moves the confidence near its probability; of some open leads a person then does."""
    portal.move(add(portal), "a-offer", day(1), user_id=28_604_001)
    instance = translated(portal)
    events = [
        (entry.event.actor, change.old, change.new)
        for entry in instance.log.entries
        for change in entry.event.changes
        if change.attribute == "confidence"
    ]
    assert [actor for actor, _, _ in events] == ["23-origins", "5-users"]
    (_, before, after) = events[0]
    assert abs(before - 20) <= 3
    assert abs(after - 60) <= 3
    instance.move(1003, 101)
    assert abs(only(instance).confidence - 20) <= 3


def test_a_persons_confidence_is_a_persons(portal):
    """hs_forecast_probability becomes confidence, by whoever set it, and no stage moves it."""
    deal = add(portal, hs_forecast_probability="0.35")
    portal.set(deal, "hs_forecast_probability", "0.5", day(1), user_id=28_604_001)
    portal.move(deal, "a-offer", day(2))
    instance = translated(portal)
    assert told(instance, "confidence") == [(at(1), 50)]
    assert only(instance).confidence == 50


def test_archived_and_merged_deals_are_deleted_leads(portal):
    """What left HubSpot's listing is in Nutshell's log of deletions."""
    first, second, third = (add(portal) for _ in range(3))
    portal.archive(first, day(1))
    portal.merge(second, third, day(2))
    instance = translated(portal)
    deleted = [entry.event for entry in instance.log.entries if entry.event.action == "delete"]
    assert [(event.at, event.payload) for event in deleted] == [
        (at(1), "1003-leads"),
        (at(2), "1011-leads"),
    ]


def test_one_port_serves_both(portal):
    """Nutshell's paths and HubSpot's do not collide, and the instance is made when asked for."""
    add(portal, dealname="In both")
    made = []

    def make() -> Instance:
        made.append(translated(portal))
        return made[-1]

    with Sandbox(portal, instance=make) as sandbox:
        url = sandbox.url
        deals = requests.get(f"{url}/crm/v3/objects/deals", headers=KEY, timeout=5).json()
        assert not made
        leads = requests.get(f"{url}/rest/leads", auth=ADMIN, timeout=5).json()
        requests.get(f"{url}/rest/stages", auth=ADMIN, timeout=5)
        assert len(made) == 1
        assert sandbox.instance is made[0]
        assert [path for _, path in sandbox.requests][1:] == ["/rest/leads", "/rest/stages"]
    assert deals["results"][0]["properties"]["dealname"] == leads["leads"][0]["name"] == "In both"
    assert leads["meta"]["instanceId"] == str(portal.id)


def test_the_company_in_nutshell():
    """Its leads are its deals, with a draft and a retired pipeline beside the three in use."""
    portal = company(now=NOW, deals=300)
    instance = company_in_nutshell(portal)
    states = [int(each.state) for each in instance.pipelines.stagesets.values()]
    assert states == [1, 1, 1, 2, 3]
    assert len(instance.leads) == len(portal.deals)
    names = Counter(deal.value("dealname") or "" for deal in portal.deals.values())
    assert Counter(lead.name for lead in instance.leads.values()) == names
    won = sum(lead.status is Status.WON for lead in instance.leads.values())
    assert won == sum(
        portal.stage(deal.value("dealstage") or "").chance == 1 for deal in portal.deals.values()
    )
    restricted = instance.people.behind("restricted@example.com", "nutshell-sandbox-key")
    assert restricted is not None
    assert 0 < len(instance.visible(restricted[0])) < len(instance.leads)


def test_what_nobody_should_have_typed_is_translated_too():
    """Amounts, dates, owners and names that make no sense end as none, and are served."""
    portal = hostile(NOW, deals=200)
    with Sandbox(portal, instance=lambda: translated(portal), clock=VirtualClock(NOW)) as sandbox:
        for path in ("leads?page[limit]=1000", "events?limit=10000"):
            answer = requests.get(f"{sandbox.url}/rest/{path}", auth=ADMIN, timeout=10)
            assert answer.status_code == 200
            assert answer.json()["meta"]["instanceId"]


def test_a_file_of_deals_in_nutshell(tmp_path):
    """A lead is named by its deal's id in the file, and thousands are translated at once."""
    rows = [f"D{n},sales,2026-01-01T00:00:00Z,,open,100,Kari" for n in range(5_000)]
    events = [
        f"D{n},{seq},{stage},2026-01-0{seq}T00:00:00.5Z"
        for n in range(5_000)
        for seq, stage in enumerate(("met", "offer", "won"), start=1)
    ]
    columns = "deal_id,pipeline,created_at,closed_at,outcome,amount,owner"
    (tmp_path / "deals.csv").write_text("\n".join([columns, *rows]))
    (tmp_path / "stage_events.csv").write_text("\n".join(["deal_id,seq,stage,entered_at", *events]))
    portal = from_csv(tmp_path)
    began = time.perf_counter()
    instance = translated(portal)
    assert time.perf_counter() - began < 5
    assert {lead.name for lead in instance.leads.values()} == {f"D{n}" for n in range(5_000)}
    assert {lead.status for lead in instance.leads.values()} == {Status.WON}
