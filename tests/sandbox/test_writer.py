"""The scripted writer, and the portal of odd values."""

import json
from datetime import timedelta

import pytest
import requests

from connector.sandbox import Sandbox, VirtualClock, company
from connector.sandbox.hostile import AMOUNTS, NAMES, hostile
from connector.sandbox.writer import Writer
from tests.sandbox.conftest import NOW

KEY = {"Authorization": "Bearer pat-sandbox-read"}
EDITS = {"change", "touch", "move", "create", "archive", "restore", "merge", "edit_pipeline"}


def written(seed):
    portal = company(0, NOW, 60)
    portal.clock = VirtualClock(NOW)
    writer = Writer(portal, seed=seed)
    for _ in range(150):
        writer.edit()
    return portal, writer


def test_the_same_seed_writes_the_same():
    """Edits are seeded, and all kinds of them come."""
    (one, first), (two, second) = written(5), written(5)
    assert first.edits == second.edits
    assert one.deals == two.deals
    assert {kind for kind, _ in first.edits} == EDITS
    assert written(6)[1].edits != first.edits


def test_edits_move_the_modified_date():
    """What was restored, moved or merged into was modified at that instant."""
    portal, clock = company(0, NOW, 60), VirtualClock(NOW)
    portal.clock = clock
    writer = Writer(portal)
    for kind in (writer.change, writer.touch, writer.move, writer.restore):
        clock.advance(timedelta(minutes=1))
        assert portal.deal(kind()).modified == portal.now()


def test_it_writes_between_requests(portal, clock, many):
    """Before every second request there is an edit, and time has passed."""
    writer = Writer(portal, every=2)
    with Sandbox(portal, clock=clock, before=writer) as sandbox:
        for _ in range(6):
            requests.get(f"{sandbox.url}/crm/v3/owners", headers=KEY, timeout=5)
    assert len(writer.edits) == 3
    assert clock.now() == NOW + timedelta(seconds=3)


def test_a_purged_deal_is_nowhere(portal, deal):
    """A deal that was deleted for good is neither listed nor found."""
    portal.purge(deal)
    assert list(portal.ids_from(0)) == []
    assert deal not in portal.deals


@pytest.mark.parametrize("seed", range(3))
def test_odd_values_are_served(seed):
    """Every odd name and amount arrives as it is, in valid JSON."""
    with Sandbox(hostile(NOW, 60, seed)) as sandbox:
        query = {"limit": "100", "properties": "dealname,amount_in_home_currency,days_to_close"}
        query["propertiesWithHistory"] = "amount"
        answer = requests.get(
            f"{sandbox.url}/crm/v3/objects/deals",
            headers=KEY,
            params=query | {"limit": "50"},
            timeout=5,
        )
    records = json.loads(answer.content)["results"]
    assert {each["properties"]["dealname"] or "" for each in records} == set(NAMES)
    told = {v["value"] for each in records for v in each["propertiesWithHistory"]["amount"]}
    assert told == set(AMOUNTS)
