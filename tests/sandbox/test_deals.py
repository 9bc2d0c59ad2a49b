"""Reading deals, held against what is known of HubSpot's API in autumn 2026."""

from datetime import timedelta

import pytest

DEALS = "/crm/objects/2026-09/deals"
ALWAYS = {"createdate", "hs_lastmodifieddate", "hs_object_id"}


def walk(hub, path, **query):
    """All ids of a listing, following next links."""
    page = hub.get(path, **query).json()
    ids = [deal["id"] for deal in page["results"]]
    while "paging" in page:
        page = hub.session.get(page["paging"]["next"]["link"], timeout=10).json()
        ids += [deal["id"] for deal in page["results"]]
    return ids


@pytest.mark.parametrize(
    "path", [DEALS, "/crm/objects/2026-09/0-3", "/crm/v3/objects/deals", "/crm/v3/objects/deals/"]
)
def test_a_walk_meets_every_deal_once(hub, many, path):
    """Dated and v3 paths; `after` is the id of the next record, ordered by id.

    HubSpot fact, 2026-11.
    """
    assert walk(hub, path, limit=7) == [str(n) for n in sorted(many)]


def test_the_cursor_is_the_next_records_id(hub, many):
    """After = id of the next record; the link is absolute and keeps the query.

    HubSpot fact, 2026-11.
    """
    page = hub.get(DEALS, properties="dealname").json()
    assert len(page["results"]) == 10
    following = page["paging"]["next"]
    assert following["after"] == str(sorted(many)[10])
    assert following["link"].startswith(hub.sandbox.url + DEALS + "?properties=dealname&after=")


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({"limit": 100}, 200),
        ({"limit": 101}, 400),
        ({"limit": 0}, 400),
        ({"limit": 50, "propertiesWithHistory": "amount"}, 200),
        ({"limit": 51, "propertiesWithHistory": "amount"}, 400),
        ({"after": "x"}, 400),
    ],
)
def test_page_limits(hub, query, status):
    """At most 100 a page, 50 with history.

    HubSpot fact, 2026-11.
    """
    assert hub.get(DEALS, **query).status_code == status


def test_default_properties(hub, deal):
    """Without `properties` a default set comes, empty values as null.

    HubSpot fact, 2026-11.
    """
    (told,) = hub.get(DEALS).json()["results"]
    assert set(told["properties"]) == ALWAYS | {
        "amount",
        "closedate",
        "dealname",
        "dealstage",
        "pipeline",
    }
    assert told["properties"]["closedate"] is None
    assert told["archived"] is False


@pytest.mark.parametrize(
    "query",
    ["properties=dealname&properties=amount&properties=nope", "properties=dealname,nope,amount"],
)
def test_names_come_repeated_or_with_commas(hub, deal, query):
    """The SDK repeats keys and sends archived=False; unknown names vanish.

    HubSpot fact, 2026-11.
    """
    (told,) = hub.get(f"{DEALS}?archived=False&{query}").json()["results"]
    assert set(told["properties"]) == ALWAYS | {"dealname", "amount"}


def test_archived_deals_have_their_own_listing(hub, portal, many):
    """Listed only with archived=true, with archivedAt; read one likewise.

    HubSpot fact, 2026-11.
    """
    portal.archive(many[3])
    active, gone = walk(hub, DEALS, limit=100), walk(hub, DEALS, limit=100, archived="true")
    assert (len(active), gone) == (129, [str(many[3])])
    assert hub.get(f"{DEALS}/{many[3]}").status_code == 404
    told = hub.get(f"{DEALS}/{many[3]}", archived="true").json()
    assert (told["archived"], told["archivedAt"]) == (True, "2026-11-21T12:00:00Z")


def test_merged_deals_leave_the_list(hub, portal, many):
    """The survivor names them in hs_merged_object_ids, older merges too.

    HubSpot fact, 2026-11.
    """
    first, second, third = many[:3]
    portal.merge(second, third)
    answer = hub.post(f"{DEALS}/merge", {"primaryObjectId": first, "objectIdToMerge": str(second)})
    assert (answer.status_code, answer.json()["id"]) == (200, str(first))
    told = hub.get(f"{DEALS}/{first}", properties="hs_merged_object_ids").json()
    assert told["properties"]["hs_merged_object_ids"] == f"{second};{third}"
    assert str(second) not in walk(hub, DEALS, limit=100)
    assert walk(hub, DEALS, archived="true") == []
    again = {"primaryObjectId": first, "objectIdToMerge": second}
    assert hub.post(f"{DEALS}/merge", again).status_code == 400


def test_history_tells_every_version(hub, portal, deal, clock):
    """Value, timestamp, sourceType, and who; stage and pipeline ticks differ.

    HubSpot fact, 2026-11.
    """
    portal.move(deal, "appointmentscheduled", clock.now() - timedelta(days=2), user_id=7)
    portal.set(deal, "amount", "", clock.now())
    told = hub.get(
        f"{DEALS}/{deal}?propertiesWithHistory=dealstage,pipeline&propertiesWithHistory=amount,nope"
    )
    history = told.json()["propertiesWithHistory"]
    assert history["dealstage"] == [
        {
            "value": "appointmentscheduled",
            "timestamp": "2026-11-19T12:00:00Z",
            "sourceType": "CRM_UI",
            "sourceId": "userId:7",
            "updatedByUserId": 7,
        },
        {
            "value": "met",
            "timestamp": "2026-11-11T12:00:00Z",
            "sourceType": "CRM_UI",
            "sourceId": "userId:7",
            "updatedByUserId": 7,
        },
    ]
    assert history["pipeline"][0]["value"] == "default"
    assert history["pipeline"][0]["timestamp"] == "2026-11-19T11:59:59.997Z"
    assert [version["value"] for version in history["amount"]] == ["", "1000"]
    assert "nope" not in history


def test_a_version_told_late_takes_its_place(portal, deal, clock):
    """A history is ordered by time, in whatever order it was written."""
    portal.set(deal, "amount", "3000", clock.now())
    portal.set(deal, "amount", "2000", clock.now() - timedelta(days=1))
    values = [version.value for version in portal.deal(deal).history["amount"]]
    assert values == ["1000", "2000", "3000"]


def test_batch_read_answers_207_for_missing_ids(hub, portal, many):
    """207 with results, errors and numErrors; archived ones count as missing.

    HubSpot fact, 2026-11.
    """
    portal.archive(many[1])
    ids = [{"id": str(many[0])}, {"id": str(many[1])}, {"id": "x"}, {"id": "17"}]
    answer = hub.post(f"{DEALS}/batch/read", {"inputs": ids, "properties": ["dealname"]})
    body = answer.json()
    assert (answer.status_code, body["numErrors"]) == (207, 1)
    assert [deal["id"] for deal in body["results"]] == [str(many[0])]
    assert body["errors"][0]["context"]["ids"] == [str(many[1]), "x", "17"]
    assert hub.post(f"{DEALS}/batch/read", {"inputs": ids[:1]}).status_code == 200


def test_batch_read_limits(hub, many):
    """100 inputs, 50 with history, in HubSpot's words.

    HubSpot fact, 2026-11.
    """
    inputs = [{"id": str(n)} for n in many]
    path = f"{DEALS}/batch/read"
    assert hub.post(path, {"inputs": inputs[:100]}).status_code == 200
    assert hub.post(path, {"inputs": inputs[:101]}).status_code == 400
    history = {"propertiesWithHistory": ["dealstage"]}
    assert len(hub.post(path, {"inputs": inputs[:50], **history}).json()["results"]) == 50
    refused = hub.post(path, {"inputs": inputs[:51], **history})
    assert refused.status_code == 400
    assert refused.json()["message"] == (
        "The maximum number of inputs supported in a batch request for property histories is 50. "
        "Please reduce the number of items and try again."
    )


@pytest.mark.parametrize(
    ("chance", "text"),
    [
        ("0.1", "0.1000000000000000055511151231257827021181583404541015625"),
        ("0.9", "0.90000000000000002220446049250313080847263336181640625"),
        ("0.5", "0.5"),
    ],
)
def test_probabilities_are_binary_expansions(hub, deal, chance, text):
    """Numbers can come as exact binary expansions.

    HubSpot fact, 2026-11.
    """
    hub.patch(
        "/crm/pipelines/2026-09/deals/sales/stages/met", {"metadata": {"probability": chance}}
    )
    told = hub.get(f"{DEALS}/{deal}", properties="hs_deal_stage_probability").json()
    assert told["properties"]["hs_deal_stage_probability"] == text


def test_money_is_weighted_and_turned_into_the_home_currency(hub, portal, deal):
    """Weighted is amount x probability; home is amount x the exchange rate.

    HubSpot fact, 2026-11.
    """
    portal.set(deal, "deal_currency_code", "SEK")
    portal.move(deal, "offer")
    names = (
        "amount_in_home_currency",
        "hs_projected_amount",
        "hs_projected_amount_in_home_currency",
        "hs_exchange_rate",
        "hs_closed_amount",
    )
    told = hub.get(f"{DEALS}/{deal}", properties=",".join(names)).json()["properties"]
    assert [told[name] for name in names] == ["500", "600", "300", "0.5", "0"]


@pytest.mark.parametrize(
    ("stage", "flags"),
    [
        ("offer", ("false", "false", "false")),
        ("won", ("true", "true", "false")),
        ("lost", ("true", "false", "true")),
    ],
)
def test_closed_flags_follow_the_stage(hub, portal, deal, stage, flags):
    """hs_is_closed and its kin are calculated.

    HubSpot fact, 2026-11.
    """
    portal.move(deal, stage)
    names = ("hs_is_closed", "hs_is_closed_won", "hs_is_closed_lost")
    told = hub.get(f"{DEALS}/{deal}", properties=",".join(names)).json()["properties"]
    assert tuple(told[name] for name in names) == flags


def test_stage_times_are_asked_for_by_name(hub, portal, deal, clock):
    """Keyed by stage id, not listed; no latest time while in the stage, at first.

    HubSpot fact, 2026-11.
    """
    names = [
        f"hs_v2_{kind}_met"
        for kind in ("date_entered", "date_exited", "latest_time_in", "cumulative_time_in")
    ]

    def told():
        deals = hub.get(f"{DEALS}/{deal}", properties=",".join(names)).json()["properties"]
        return [deals[name] for name in names]

    assert told() == ["2026-11-11T12:00:00Z", None, None, None]
    portal.move(deal, "offer", clock.now() - timedelta(days=9))
    assert told() == ["2026-11-11T12:00:00Z", "2026-11-12T12:00:00Z", "86400000", "86400000"]
    portal.move(deal, "met", clock.now() - timedelta(days=1))
    assert told() == ["2026-11-20T12:00:00Z", None, "86400000", "86400000"]
    listed = hub.get("/crm/properties/2026-09/deals").json()["results"]
    assert not [each for each in listed if each["name"] in names]
