"""The first version of the API, as tools read it that have not moved on."""

from datetime import timedelta

DEALS = "/deals/v1/deal/paged"


def test_deals_come_in_pages_with_their_newest_versions(hub, portal, clock):
    """Each page goes on at the offset of the one before; instants are epoch milliseconds."""
    ids = [portal.add_deal({"dealname": f"D{n}", "pipeline": "sales"}).id for n in range(3)]
    clock.advance(timedelta(hours=1))
    portal.set(ids[0], "closedate", "2027-01-01T00:00:00Z")
    first = hub.get(DEALS, limit=2, includeAllProperties=True).json()
    assert [deal["dealId"] for deal in first["deals"]] == ids[:2]
    assert first["hasMore"]
    rest = hub.get(DEALS, limit=2, offset=first["offset"]).json()
    assert ([deal["dealId"] for deal in rest["deals"]], rest["hasMore"]) == (ids[2:], False)
    closing = first["deals"][0]["properties"]["closedate"]
    assert closing["value"] == "1798761600000"
    assert closing["timestamp"] == closing["versions"][0]["timestamp"] == portal.now()


def test_archived_deals_are_not_listed(hub, portal):
    """An archived deal leaves the listing, as it does in later versions."""
    portal.archive(portal.add_deal({"dealname": "Gone"}).id)
    assert hub.get(DEALS).json() == {"deals": [], "hasMore": False, "offset": 0}


def test_definitions_without_an_envelope(hub):
    """Property definitions are a bare list."""
    told = hub.get("/properties/v1/deals/properties").json()
    assert {"dealstage", "amount"} <= {definition["name"] for definition in told}


def test_custom_objects_want_their_scope(hub, portal):
    """The listing of custom objects is empty, and open only to keys with its scope."""
    assert hub.get("/crm/v3/schemas").status_code == 403
    portal.keys["pat-custom"] = frozenset({"crm.schemas.custom.read"})
    hub.key("pat-custom")
    assert hub.get("/crm/v3/schemas").json() == {"results": []}
