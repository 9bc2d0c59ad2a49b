"""Every shape a lead and its events come in, and what each means."""

from datetime import UTC, datetime, timedelta

import pytest

from connector.model import Deal, Field, Unread
from tests.crm.nutshell.conftest import BORN, DAY, OddNutshell, a_lead, a_stage, an_event

BIRTH = datetime.fromtimestamp(BORN, UTC)
NOW = datetime(2027, 1, 1, tzinfo=UTC)  # what the odd Nutshell's clock says


def read(odd: OddNutshell, lead: object, *events: dict) -> tuple[list[Deal], list[Unread]]:
    odd.leads, odd.events = [lead], list(events)
    pages = list(odd.crm().deals(None))
    return [d for page in pages for d in page.deals], [u for page in pages for u in page.unread]


def the(odd: OddNutshell, lead: object, *events: dict) -> Deal:
    (deal,), unread = read(odd, lead, *events)
    assert unread == []
    return deal


def of(deal: Deal, field: str) -> list[tuple]:
    """A field's history: value, seconds since birth, and whether it is exact."""
    return [
        (c.value, (c.at - BIRTH).total_seconds(), c.not_before is None)
        for c in deal.changes
        if c.field == field
    ]


def present(deal: Deal, field: str) -> str | None:
    return next((c.value for c in reversed(deal.changes) if c.field == field), None)


# --- what a lead holds ----------------------------------------------------------------------------


def test_a_lead_is_read_as_it_was_recorded(odd):
    """The recorded lead: what it holds was so at some time between its creation and now."""
    deal = the(odd, a_lead())
    assert (deal.id, deal.name, deal.currency) == ("1003-leads", "Your first lead", "USD")
    assert (deal.created_at, deal.modified_at, deal.archived_at) == (BIRTH, BIRTH, None)
    assert deal.whole
    assert {(c.at, c.not_before, c.by) for c in deal.changes} == {(NOW, BIRTH, None)}
    assert {c.field: c.value for c in deal.changes} == {
        Field.STAGE: "101-stages",
        Field.PIPELINE: "1-stagesets",
        Field.AMOUNT: "0",
        Field.CLOSE_DATE: "2025-08-27T19:26:59.000Z",
        Field.OWNER: "1-users",
        "confidence": "0.42",
    }


@pytest.mark.parametrize(
    ("more", "field", "value"),
    [  # types vary between answers (Nutshell facts 2.4, 2026-11)
        ({"value": {"amount": "999.99"}}, "amount", "999.99"),
        ({"value": {"amount": 24999}}, "amount", "24999"),
        ({"value": {"amount": 0.1}}, "amount", "0.1"),
        ({"value": {"amount": None}}, "amount", None),
        ({"value": 12.5}, "amount", "12.5"),
        ({"value": None}, "amount", None),
        ({"anticipatedClosedTime": BORN}, "close_date", "2025-08-13T19:26:59.000Z"),
        ({"anticipatedClosedTime": str(BORN)}, "close_date", "2025-08-13T19:26:59.000Z"),
        ({"anticipatedClosedTime": BORN * 1000}, "close_date", "2025-08-13T19:26:59.000Z"),
        (
            {"anticipatedClosedTime": "2024-04-03T00:24:02+0000"},
            "close_date",
            "2024-04-03T00:24:02.000Z",
        ),
        (
            {"anticipatedClosedTime": {"timestamp": None, "value": "2024-04-03"}},
            "close_date",
            "2024-04-03T00:00:00.000Z",
        ),
        ({"anticipatedClosedTime": None}, "close_date", None),
        ({"anticipatedClosedTime": ""}, "close_date", None),
        ({"links": {"owner": 7}}, "owner", "7-users"),
        ({"links": {"owner": "59-teams"}}, "owner", "59-teams"),
        ({"links": {"owner": {"id": 59, "type": "teams"}}}, "owner", "59-teams"),
        ({"links": {"owner": {"id": 59, "entityType": "Teams"}}}, "owner", "59-teams"),
        ({"links": {"owner": ["1-users"]}}, "owner", "1-users"),
        ({"links": {"owner": None}}, "owner", None),
        ({"confidence": "75"}, "confidence", "0.75"),
        ({"confidence": 0}, "confidence", "0"),
        ({"confidence": 100}, "confidence", "1"),
        ({"confidence": None}, "confidence", None),
        ({"links": {"stage": {"id": 105}}}, "stage", "105-stages"),
        ({"links": {"stage": 105}}, "stage", "105-stages"),
        ({"links": {"stageset": None}}, "pipeline", "1-stagesets"),
        ({"links": {"stage": "999-stages", "stageset": "9-stagesets"}}, "pipeline", "9-stagesets"),
        ({"links": {"products": ["5-products", "6-products"]}}, "product", "Pump; Valve"),
        ({"links": {"products": [{"id": 5, "type": "products"}]}}, "product", "Pump"),
        ({"links": {"products": ["5-products", "5-products"]}}, "product", "Pump"),
        ({"links": {"products": ["9-products"]}}, "product", "9-products"),
        ({"links": {"sources": "8-sources"}}, "source", "Web"),
        ({"links": {"outcome": "7-outcomes"}}, "lost_reason", "Price"),
        ({"links": {"outcome": {"id": 7, "name": "Preis"}}}, "lost_reason", "Price"),
        ({"links": {"outcome": "Price"}}, "lost_reason", "Price"),
        ({"links": {"outcome": "99-outcomes"}}, "lost_reason", "99-outcomes"),
    ],
)
def test_a_value_means_the_same_in_every_shape(odd, more, field, value):
    """Numbers or texts, ids or objects, lists or none: one canonical text."""
    odd.found["findProducts"] = [{"id": 5, "name": "Pump"}, {"id": 6, "name": "Valve"}]
    odd.found["findSources"] = [{"id": "8", "name": "Web"}]
    assert present(the(odd, a_lead(**more)), field) == value


@pytest.mark.parametrize(
    ("name", "more", "value"),
    [
        ("territory", {"links": {"territory": "2-territories"}}, "North"),
        ("market", {"links": {"market": {"id": 1, "name": "US"}}}, "1-markets"),
        ("priority", {"priority": 3}, "3"),
        ("Region", {"customFields": {"Region": "Vest"}}, "Vest"),
        ("Region", {"customFields": [{"name": "Region", "value": ["Vest", "Øst"]}]}, "Vest; Øst"),
        ("Region", {"Region": True}, "true"),
        ("dueTime", {"dueTime": {"timestamp": BORN}}, "2025-08-13T19:26:59.000Z"),
        ("tags", {"links": {"tags": ["2023", "2023"]}}, "2023"),
        ("Region", {}, None),
    ],
)
def test_users_map_further_names(odd, name, more, value):
    """Any attribute, link or custom field of a lead can be tracked."""
    odd.found["findTerritories"] = [{"id": 2, "name": "North"}]
    odd.leads = [a_lead(**more)]
    deals = [d for page in odd.crm(region=name).deals(None) for d in page.deals]
    assert present(deals[0], "region") == value


def test_names_are_asked_for_once_and_only_where_they_are_needed(odd):
    """Leads without products cost no list of products; a thousand with some cost one."""
    odd.leads = [a_lead(n) for n in range(50)]
    list(odd.crm().deals(None))
    assert odd.count("findProducts") == 0
    odd.leads = [a_lead(n, links={"products": ["5-products"]}) for n in range(50)]
    list(odd.crm().deals(None))
    assert odd.count("findProducts") == 1


def test_outcomes_come_from_the_other_api_where_rest_has_none(odd):
    """JSON-RPC calls them Lead_Outcomes, and their names descriptions (facts 3.4, 2026-11)."""
    odd.rest["outcomes"] = "none"
    odd.found["findLead_Outcomes"] = [
        {"id": 3, "entityType": "Lead_Outcomes", "type": 12, "description": "Moved on"}
    ]
    lead = a_lead(status="over", closedTime=BORN + 9, links={"outcome": "3-outcomes"})
    deal = the(odd, lead)
    assert present(deal, Field.STAGE) == "1-stagesets:cancelled"
    assert present(deal, "lost_reason") == "Moved on"


@pytest.mark.parametrize(
    ("lead", "record", "why"),
    [
        ("text", "?", "it is no object"),
        ({**a_lead(), "id": None}, "?", "no id of leads"),
        (a_lead(createdTime="soon"), "1003-leads", "createdTime is not a date"),
        (a_lead(createdTime=10**400), "1003-leads", "createdTime is not a date"),
        (a_lead(closedTime="soon", status="won"), "1003-leads", "closedTime is not a date"),
        (a_lead(links={"stage": None}), "1003-leads", "in no stage"),
        (a_lead(links={"stage": 0.5}), "1003-leads", "its stage 0.5"),
        ({**a_lead(), "links": 7}, "1003-leads", "links are no object"),
        (a_lead(status="frozen", closedTime=BORN), "1003-leads", "its status 'frozen'"),
    ],
)
def test_a_lead_that_makes_no_sense_is_set_aside_and_the_page_stands(odd, lead, record, why):
    """It is named, with the reason, and the lead beside it is read."""
    odd.leads = [lead, a_lead(1007)]
    (page, *_) = odd.crm().deals(None)
    assert [deal.id for deal in page.deals] == ["1007-leads"]
    ((unread),) = page.unread
    assert (unread.record, unread.field) == (record, None)
    assert why in unread.reason


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"value": {"amount": "many"}}, "amount"),
        ({"anticipatedClosedTime": "soon"}, "close_date"),
        ({"confidence": 142}, "confidence"),
        ({"confidence": "high"}, "confidence"),
    ],
)
def test_a_value_that_makes_no_sense_is_set_aside_and_the_lead_stands(odd, more, field):
    """So does one in an event."""
    (deal,), (unread,) = read(odd, a_lead(**more))
    assert (unread.record, unread.field) == ("1003-leads", field)
    assert present(deal, field) is None
    name = next(iter(more))
    event = an_event(1, 5, (name, None, more[name]))
    (deal,), (unread,) = read(odd, a_lead(**{name: None}), event)
    assert (unread.record, unread.field) == ("1003-leads", field)


def test_an_event_nobody_can_date_is_set_aside(odd):
    """The lead is read without it, and it is named."""
    broken = {**an_event(1, 0, ("stage", None, a_stage(101))), "createdTime": "then"}
    (deal,), (unread,) = read(odd, a_lead(), broken)
    assert (unread.record, unread.field) == ("1003-leads", "events")
    assert of(deal, Field.STAGE)[0][2] is False


def test_a_deleted_lead_is_archived(odd):
    """Whether listings hold deleted leads is unknown; if they do, they count as archived."""
    deal = the(odd, a_lead(deletedTime={"timestamp": BORN + DAY}))
    assert deal.archived_at == BIRTH + timedelta(days=1)


# --- what events tell -----------------------------------------------------------------------------

ENTRY = an_event(39, 0, ("stage", None, a_stage(101)))
MOVE = an_event(44, 5 * DAY, ("stage", a_stage(101), a_stage(105)))
AT_105 = {"links": {"stage": "105-stages"}}
WON = {"status": "won", "closedTime": {"timestamp": BORN + 9 * DAY}, **AT_105}


def test_the_recorded_event_is_the_entry_of_a_lead(odd):
    """`oldValue` null is the entry into the first stage (Nutshell facts 5.1, 2026-11)."""
    deal = the(odd, a_lead(), ENTRY)
    stage, pipeline, *_ = deal.changes
    assert (stage.value, stage.at, stage.not_before, stage.by) == (
        "101-stages", BIRTH, None, "23-origins",
    )  # fmt: skip
    assert (pipeline.value, pipeline.at, pipeline.by) == ("1-stagesets", BIRTH, "23-origins")
    assert deal.modified_at == BIRTH + timedelta(milliseconds=39)


CLOSING = [
    ("status", "open", "won"),
    ("status", 0, 10),
    ("status", "open", {"id": 10, "name": "Won"}),
    ("status", "open", {"type": "10"}),
    ("Status", "open", "WON"),
    ("outcome", None, "3-outcomes"),
    ("outcome", None, 3),
    ("outcome", None, {"id": "3-outcomes", "type": "outcomes", "name": "Signed"}),
    ("outcome", None, {"id": "77-outcomes", "name": "New", "status": "won"}),
    ("outcome", None, {"id": 77, "type": 10}),
    ("outcome", None, "Signed"),
]


@pytest.mark.parametrize("change", CLOSING)
def test_a_closing_is_told_in_many_ways(odd, change):
    """An event that names the status or the outcome says that, and by whose hand, it ended."""
    closing = an_event(50, 9 * DAY, change)
    deal = the(odd, a_lead(**WON), ENTRY, MOVE, closing)
    assert of(deal, Field.STAGE) == [
        ("101-stages", 0, True),
        ("105-stages", 5 * DAY, True),
        ("1-stagesets:won", 9 * DAY, True),
    ]
    assert [c.by for c in deal.changes if c.value == "1-stagesets:won"] == ["23-origins"]
    reopened = an_event(60, 12 * DAY, (change[0], change[2], change[1]))
    deal = the(odd, a_lead(**AT_105), ENTRY, MOVE, closing, reopened)
    assert of(deal, Field.STAGE)[-2:] == [
        ("1-stagesets:won", 9 * DAY, True),
        ("105-stages", 12 * DAY, True),
    ]


@pytest.mark.parametrize(
    ("more", "stage"),
    [  # the words of REST but for "open" are INFERRED, the numbers are JSON-RPC's (facts 3.4)
        ({"status": "won"}, "1-stagesets:won"),
        ({"status": "Lost"}, "1-stagesets:lost"),
        ({"status": "cancelled"}, "1-stagesets:cancelled"),
        ({"status": "canceled"}, "1-stagesets:cancelled"),
        ({"status": 12}, "1-stagesets:cancelled"),
        ({"status": "11"}, "1-stagesets:lost"),
        ({"status": "closed", "links": {"outcome": "7-outcomes"}}, "1-stagesets:lost"),
        ({"status": None, "links": {"outcome": "11-outcomes"}}, "1-stagesets:cancelled"),
        ({"status": "odd", "links": {"outcome": {"id": 9, "type": 10}}}, "1-stagesets:won"),
    ],
)
def test_a_closed_lead_without_an_event_ended_when_it_says(odd, more, stage):
    """`closedTime` is exact, and the stage the lead lies in was the one before."""
    closed = {"closedTime": {"timestamp": BORN + 9 * DAY}, **more}
    closed["links"] = {"stage": "105-stages", **more.get("links", {})}
    assert of(the(odd, a_lead(**closed), ENTRY), Field.STAGE) == [
        ("101-stages", 0, True),
        ("105-stages", 9 * DAY - 0.001, False),
        (stage, 9 * DAY, True),
    ]


@pytest.mark.parametrize(
    ("more", "ending"),
    [
        ({}, []),
        ({"status": "won", "closedTime": BORN + 5 * DAY}, [("1-stagesets:won", 5 * DAY, True)]),
    ],
    ids=["open", "closed"],
)
def test_a_lead_that_no_event_moved_was_in_its_stage_from_the_beginning(odd, more, ending):
    """Where the log reaches back to its creation: not every entry need be an event (INFERRED)."""
    earlier = an_event(9, -DAY, ("stage", None, a_stage(101)), lead=7)
    odd.leads, odd.events = [a_lead(**more)], [earlier]
    (deal,) = [deal for page in odd.crm().deals(None) for deal in page.deals]
    assert of(deal, Field.STAGE) == [("101-stages", 0, True), *ending]


def test_pending_is_open(odd):
    """So is a status nobody knows, of a lead that was never closed."""
    for status in ("pending", "Pending", 1, "frozen", None):
        deal = the(odd, a_lead(status=status), ENTRY)
        assert of(deal, Field.STAGE) == [("101-stages", 0, True)]


MORE = {"value": {"amount": 5}, "closedTime": None}
HISTORIES = {
    "no event at all": (a_lead(), [], [("101-stages", None, False)]),
    "nobody says when it was won": (
        a_lead(status="won"),
        [ENTRY],
        [("101-stages", 0, True), ("1-stagesets:won", None, False)],
    ),
    "moved though no event says so": (
        a_lead(**AT_105),
        [ENTRY],
        [("101-stages", 0, True), ("105-stages", None, False)],
    ),
    "a stage that nobody knows": (
        a_lead(links={"stage": "999-stages"}),
        [ENTRY, an_event(40, 7, ("stage", a_stage(101), a_stage(999)))],
        [("101-stages", 0, True), ("999-stages", 7, True)],
    ),
    "its entry is not told, but what it left": (
        a_lead(**AT_105),
        [MOVE, an_event(1, -5, lead=7)],
        [("101-stages", 0, True), ("105-stages", 5 * DAY, True)],
    ),
    "the log begins after its creation": (
        a_lead(**AT_105),
        [MOVE, an_event(1, DAY, lead=7)],
        [("101-stages", DAY, False), ("105-stages", 5 * DAY, True)],
    ),
    "the log begins with its move": (
        a_lead(**AT_105),
        [MOVE],
        [("101-stages", 5 * DAY - 0.001, False), ("105-stages", 5 * DAY, True)],
    ),
    "open again by a move": (
        a_lead(**AT_105),
        [
            ENTRY,
            an_event(40, 7, ("status", "open", "lost")),
            an_event(41, 9, ("stage", a_stage(101), a_stage(105))),
        ],
        [("101-stages", 0, True), ("1-stagesets:lost", 7, True), ("105-stages", 9, True)],
    ),
    "moved after it was closed": (
        a_lead(status="lost", closedTime=BORN + 7, **AT_105),
        [
            ENTRY,
            an_event(40, 7, ("status", "open", "lost")),
            an_event(41, 9, ("stage", a_stage(101), a_stage(105))),
        ],
        [("101-stages", 0, True), ("1-stagesets:lost", 7, True)],
    ),
    "closed, opened and closed again": (
        a_lead(status="won", closedTime=BORN + 30),
        [
            ENTRY,
            an_event(40, 7, ("status", "open", "lost"), ("outcome", None, "7-outcomes")),
            an_event(41, 9, ("status", "lost", "open"), ("outcome", "7-outcomes", None)),
            an_event(42, 30, ("status", "open", "won"), ("outcome", None, "3-outcomes")),
        ],
        [
            ("101-stages", 0, True),
            ("1-stagesets:lost", 7, True),
            ("101-stages", 9, True),
            ("1-stagesets:won", 30, True),
        ],
    ),
    "the event came a second late": (
        a_lead(status="won", closedTime=BORN + 30),
        [ENTRY, an_event(42, 31, ("status", "open", "won"))],
        [("101-stages", 0, True), ("1-stagesets:won", 30, True)],
    ),
    "lost, then won without a word": (
        a_lead(status="won", closedTime=BORN + 30),
        [ENTRY, an_event(40, 7, ("status", "open", "lost"))],
        [("101-stages", 0, True), ("1-stagesets:lost", 7, True), ("1-stagesets:won", 30, True)],
    ),
    "imported as won long ago": (
        a_lead(status="won", closedTime=BORN - 30),
        [ENTRY],
        [("101-stages", 0, True), ("1-stagesets:won", 0, True)],
    ),
    "two moves in one second": (
        a_lead(**AT_105),
        [
            ENTRY,
            an_event(41, 9, ("stage", a_stage(109), a_stage(105))),
            an_event(40, 9, ("stage", a_stage(101), a_stage(109))),
        ],
        [("101-stages", 0, True), ("109-stages", 9, True), ("105-stages", 9, True)],
    ),
    "the status before the stage in one event": (
        a_lead(status="won", closedTime=BORN + 9, **AT_105),
        [ENTRY, an_event(41, 9, ("status", 0, 10), ("stage", a_stage(101), a_stage(105)))],
        [("101-stages", 0, True), ("105-stages", 9, True), ("1-stagesets:won", 9, True)],
    ),
}


@pytest.mark.parametrize("name", HISTORIES)
def test_the_stages_of_a_lead_make_one_history(odd, name):
    """Events in their order, ended by what the lead is now."""
    lead, events, expected = HISTORIES[name]
    now = (NOW - BIRTH).total_seconds()
    told = of(the(odd, lead, *events), Field.STAGE)
    assert told == [(value, now if at is None else at, exact) for value, at, exact in expected]


@pytest.mark.parametrize(
    ("attribute", "field", "more", "old", "new", "before", "value"),
    [
        ("value", "amount", {"value": {"amount": 9}}, {"amount": 5, "currency": "USD"},
         {"amount": "9.00", "currency": "USD"}, "5", "9"),
        ("manualValue", "amount", {"value": {"amount": 9}}, 5, "9", "5", "9"),
        ("confidence", "confidence", {}, 10, 42, "0.1", "0.42"),
        ("owner", "owner", {}, {"id": "59-teams"}, {"id": 1, "type": "users"}, "59-teams",
         "1-users"),
        ("assignee", "owner", {}, {"id": 59, "entityType": "Teams"}, "1-users", "59-teams",
         "1-users"),
        ("anticipatedClosedTime", "close_date", {}, {"timestamp": BORN}, BORN + 14 * DAY,
         "2025-08-13T19:26:59.000Z", "2025-08-27T19:26:59.000Z"),
        ("products", "product", {"links": {"products": ["5-products"]}}, ["6-products"],
         [{"id": "5-products", "type": "products", "name": "Old name"}], "Valve", "Pump"),
        ("source", "source", {"links": {"sources": ["8-sources"]}}, "9-sources", "8-sources",
         "9-sources", "Web"),
    ],
)  # fmt: skip
def test_a_field_has_the_history_its_events_tell(
    odd, attribute, field, more, old, new, before, value
):
    """What it became is exact, and so is what it was before where the log reaches back to birth."""
    odd.found["findProducts"] = [{"id": 5, "name": "Pump"}, {"id": 6, "name": "Valve"}]
    odd.found["findSources"] = [{"id": "8", "name": "Web"}]
    deal = the(odd, a_lead(**more), ENTRY, an_event(40, DAY, (attribute, old, new)))
    assert of(deal, field) == [(before, 0, True), (value, DAY, True)]


def test_a_value_no_event_tells_ends_the_history(odd):
    """Where the last event says something else, it changed at some time since."""
    deal = the(odd, a_lead(confidence=60), ENTRY, an_event(40, DAY, ("confidence", 42, 50)))
    (_, exact, seen) = [c for c in deal.changes if c.field == "confidence"]
    assert (exact.value, exact.at) == ("0.5", BIRTH + timedelta(days=1))
    assert (seen.value, seen.at, seen.not_before) == ("0.6", NOW, exact.at)


def test_an_event_may_be_of_several_leads(odd):
    """A change in bulk is a change of each of them."""
    bulk = an_event(44, DAY, ("stage", a_stage(101), a_stage(105)))
    bulk["links"]["payloads"] = ["1003-leads", {"id": 1007, "type": "leads"}, "9-notes"]
    odd.leads, odd.events = [a_lead(1003, **AT_105), a_lead(1007, **AT_105)], [bulk]
    (page, *_) = odd.crm().deals(None)
    assert [of(deal, Field.STAGE)[-1] for deal in page.deals] == [("105-stages", DAY, True)] * 2


# --- what a night tells ---------------------------------------------------------------------------

OPENED = {
    "from lost": ("status", "lost", "open"),
    "from whatever": ("status", None, "open"),
    "without its outcome": ("outcome", "7-outcomes", None),
}


@pytest.mark.parametrize("change", OPENED.values(), ids=OPENED)
def test_a_lead_opened_again_in_a_night_is_back_in_its_stage(odd, change):
    """Its closing is on record, in no event of the night; the opening is exact all the same."""
    odd.leads = [a_lead(**AT_105)]
    odd.events = [ENTRY, MOVE, an_event(60, 12 * DAY, change)]
    (page, _) = odd.crm().deals(BIRTH + timedelta(days=11))
    assert of(page.deals[0], Field.STAGE) == [("105-stages", 12 * DAY, True)]


def test_a_lead_born_in_a_night_was_open(odd):
    """That it is open is no news then, whichever event says so first."""
    odd.leads = [a_lead(**AT_105)]
    odd.events = [an_event(38, 0, ("status", None, "open")), ENTRY, MOVE]
    (page, _) = odd.crm().deals(BIRTH - timedelta(days=1))
    assert of(page.deals[0], Field.STAGE) == [
        ("101-stages", 0, True),
        ("105-stages", 5 * DAY, True),
    ]


def test_a_value_nested_deeper_than_any_is_set_aside(odd):
    """What would exhaust the stack costs its own lead at most."""
    deep: object = "x"
    for _ in range(700):
        deep = {"name": deep}
    odd.leads = [a_lead(name=deep), a_lead(1007)]
    odd.events = [an_event(1, 0, ("products", None, deep), lead=1007)]
    pages = list(odd.crm().deals(None))
    assert "1007-leads" in {deal.id for page in pages for deal in page.deals}
