"""Portals from CSV files."""

import os
from collections import Counter
from pathlib import Path

import pytest

from connector.sandbox import from_csv

DEALS = """deal_id,pipeline,created_at,closed_at,outcome,stage,amount,owner,team,sector
173688,loan,2011-09-30T22:38:44.546Z,2011-10-13T08:37:29.226Z,won,won,20000,10862,,retail
AB12,loan,2011-10-02,,open,offered,,Ada Vik,North,
CD34,loan,,,open,noticed,,Ada Vik,North,steel
EF56,loan,2011-10-01,2011-10-09,lost,lost_declined,7,Bo Ek,South,
"""
EVENTS = """deal_id,seq,stage,entered_at,changed_by
173688,4,won,2011-10-13T08:37:29.226Z,10862
173688,1,submitted,2011-09-30T22:38:44.546Z,112
173688,2,offered,2011-10-01T09:42:43.308Z,10862
173688,3,submitted,2011-10-02T09:42:43.308Z,10862
AB12,1,submitted,2011-10-02,Ada Vik
AB12,2,offered,2011-10-03,
EF56,2,lost_declined,2011-10-09,112
EF56,1,submitted,2011-10-01,112
"""
REAL = os.environ.get("CONNECTOR_TEST_DATA", "")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "deals.csv").write_text(DEALS, encoding="utf-8")
    (tmp_path / "stage_events.csv").write_text(EVENTS, encoding="utf-8")
    return tmp_path


def named(portal, name):
    return next(deal for deal in portal.deals.values() if deal.value("dealname") == name)


def test_stages_are_ordered_by_their_mean_place(folder):
    """Stages no event knows come first, won and lost last, chances evenly between."""
    (pipeline,) = from_csv(folder).pipelines.values()
    told = [(stage.id, stage.label, stage.order, stage.probability) for stage in pipeline.stages]
    assert told == [
        ("noticed", "noticed", 0, "0.25"),
        ("submitted", "submitted", 1, "0.5"),
        ("offered", "offered", 2, "0.75"),
        ("won", "won", 3, "1.0"),
        ("lost_declined", "lost_declined", 4, "0.0"),
    ]


def test_history_is_exact(folder):
    """Every event to the millisecond, with who did it; the last one is the last modification."""
    portal = from_csv(folder)
    deal = portal.deal(173688)
    assert [(v.value, v.at, v.user_id) for v in deal.history["dealstage"]] == [
        ("submitted", 1317422324546, 112),
        ("offered", 1317462163308, 10862),
        ("submitted", 1317548563308, 10862),
        ("won", 1318495049226, 10862),
    ]
    assert (deal.created, deal.modified) == (1317422324546, 1318495049226)
    assert deal.value("closedate") == "2011-10-13T08:37:29.226Z"


def test_ids_owners_teams_and_columns(folder):
    """Numeric ids stay, others become names; owners get teams; new columns become properties."""
    portal = from_csv(folder)
    deal = named(portal, "AB12")
    owner = portal.people.owners[int(deal.value("hubspot_owner_id"))]
    assert (owner.first_name, owner.last_name, owner.teams[0].name) == ("Ada", "Vik", "North")
    assert deal.history["dealstage"][0].user_id == owner.user_id
    assert named(portal, "CD34").value("sector") == "steel"
    assert portal.properties["sector"].custom
    assert portal.deal(173688).value("amount") == "20000"


def test_a_deal_without_events_stands_in_its_stage(folder):
    """An undated deal begins at the last instant of the file."""
    deal = named(from_csv(folder), "CD34")
    assert [(v.value, v.at) for v in deal.history["dealstage"]] == [("noticed", 1318495049226)]


def test_two_pipelines_are_refused(folder):
    """Stage names are stage ids, which two pipelines could not share."""
    more = "9,other,2011-10-02,,open,offered,,Ada Vik,North,\n"
    (folder / "deals.csv").write_text(DEALS + more, encoding="utf-8")
    with pytest.raises(ValueError, match=r"deals\.csv must hold one pipeline, not 2"):
        from_csv(folder)


@pytest.mark.skipif(not REAL, reason="CONNECTOR_TEST_DATA names no folder of data sets")
def test_the_loan_log_comes_out_whole():
    """BPI Challenge 2012: 13,087 applications and 47,092 stage changes."""
    portal = from_csv(Path(REAL) / "bpic-2012")
    ends = Counter(deal.value("dealstage") for deal in portal.deals.values())
    assert len(portal.deals) == 13_087
    assert sum(len(deal.history["dealstage"]) for deal in portal.deals.values()) == 47_092
    assert ends["won"] == 2_246
    assert ends["lost_declined"] + ends["lost_cancelled"] == 10_442
    order = [stage.id for stage in next(iter(portal.pipelines.values())).stages]
    assert order[:5] == ["submitted", "preaccepted", "accepted", "offer_sent", "offer_returned"]


@pytest.mark.skipif(not REAL, reason="CONNECTOR_TEST_DATA names no folder of data sets")
def test_the_hardware_seller_comes_out_whole():
    """8,800 opportunities; the events alone say where a deal has been."""
    portal = from_csv(Path(REAL) / "maven-crm")
    stages = Counter(deal.value("dealstage") for deal in portal.deals.values())
    assert stages == {"Won": 4_238, "Lost": 2_473, "Engaging": 1_589, "Prospecting": 500}
    assert len(portal.people.teams) == 6
