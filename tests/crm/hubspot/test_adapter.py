from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from connector.crm.hubspot import HubSpot, connect
from connector.crm.hubspot.deals import PROPERTY_OF
from connector.errors import BadAnswer, NotAuthorised, Rejected, UnknownOutcome, Unreachable
from connector.model import CreateStage, EditStage, Field, StageValues
from connector.sandbox import Sandbox, VirtualClock, company

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
RENAMED = EditStage("default", "closedlost", StageValues("Ikke aktuelt"), StageValues("Lagt bort"))
LIVE = b'{"id": "closedlost", "label": "Ikke aktuelt", "displayOrder": 6, "metadata": {}}'


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    clock = VirtualClock(NOW)
    with Sandbox(company(seed=0, now=NOW), clock=clock) as running:
        yield running


@pytest.fixture
def hubspot(sandbox: Sandbox) -> HubSpot:
    sandbox.requests.clear()
    return connect("pat-sandbox-write", base_url=sandbox.url)


def test_two_years_of_a_company_are_read_exactly(hubspot: HubSpot, sandbox: Sandbox):
    """Two thousand deals, hostile names among them, come with every stage they were in."""
    pages = [*hubspot.deals(None), *hubspot.archived()]
    assert not [unread for page in pages for unread in page.unread]
    deals = {int(deal.id): deal for page in pages for deal in page.deals}
    told = {
        deal.id: (deal.value("dealname") or "", [(v.value, v.at) for v in stages])
        for deal in sandbox.portal.deals.values()
        if deal.merged_into is None and (stages := deal.history["dealstage"])
    }
    assert {
        key: (
            deal.name,
            [
                (change.value, round(change.at.timestamp() * 1000))
                for change in deal.changes
                if change.field == Field.STAGE
            ],
        )
        for key, deal in deals.items()
    } == told


def test_a_quiet_read_costs_one_request(hubspot: HubSpot, sandbox: Sandbox):
    """A night without changes costs one search."""
    list(hubspot.deals(NOW + timedelta(minutes=1), None))
    methods = Counter(method for method, _ in sandbox.requests)
    assert methods == {"POST": 1}


def test_further_fields_are_read_with_their_history(sandbox: Sandbox):
    """A field named in the configuration is tracked like the six that always are."""
    crm = connect("pat-sandbox-read", base_url=sandbox.url, fields={"product": "product_line"})
    page = next(crm.deals(None, None))
    products = {c.value for deal in page.deals for c in deal.changes if c.field == "product"}
    assert len(products) > 1
    assert "product" not in PROPERTY_OF


def test_a_stage_is_written_by_one_patch_after_one_look(hubspot: HubSpot, sandbox: Sandbox):
    """An edit is a GET and a PATCH of that stage, and never a PUT or DELETE of anything."""
    hubspot.write(RENAMED)
    path = "/crm/pipelines/2026-09/deals/default/stages/closedlost"
    assert list(sandbox.requests) == [("GET", path), ("PATCH", path)]
    sandbox.requests.clear()
    hubspot.write(CreateStage("default", "paused", StageValues("På vent", 0.1, 40)))
    assert list(sandbox.requests) == [("POST", "/crm/pipelines/2026-09/deals/default/stages")]


@pytest.mark.parametrize("key", ["pat-na1\n", "pat\r\nX-Evil: 1", "pat-€", "pat-\x00", "pät"])
def test_a_key_that_cannot_be_sent_is_refused_unseen(key: str):
    """A key with a line break or a foreign letter is named as such, without being repeated."""
    with pytest.raises(NotAuthorised, match="line break or a letter") as caught:
        connect(key)
    assert key.strip() not in str(caught.value)


def test_a_lost_answer_to_an_edit_is_an_unknown_outcome(server, transport, answer):
    """When HubSpot hangs up on a PATCH, nobody knows, and it is not sent again."""
    server.plays(answer(LIVE), lambda connection: None)
    with pytest.raises(UnknownOutcome):
        HubSpot(transport, PROPERTY_OF).write(RENAMED)
    assert [asked.method for asked in server.asked] == ["GET", "PATCH"]


def test_an_edit_of_a_stage_that_cannot_be_read_is_not_sent(server, transport, answer):
    """Where the look before an edit fails, nothing is written."""
    server.plays(answer(status=503))
    with pytest.raises(Unreachable, match="Tried 3 times"):
        HubSpot(transport, PROPERTY_OF).write(RENAMED)
    assert {asked.method for asked in server.asked} == {"GET"}


def test_a_ring_of_owners_is_found(server, transport, answer):
    """The listing of owners ends in an error where its cursors go round."""
    page = answer(b'{"results": [], "paging": {"next": {"after": 1}}}')
    server.plays(page, page, page, answer(b'{"results": []}'))
    with pytest.raises(BadAnswer, match="never end"):
        HubSpot(transport, PROPERTY_OF).owners()


@pytest.mark.parametrize("label", ["Ikke aktuelt", "Lagt bort", "Nei takk"])
def test_an_edit_never_goes_over_what_somebody_else_wrote(server, transport, answer, label):
    """A value that is neither what the plan saw nor what it wants is left alone."""
    server.plays(answer(LIVE.replace(b"Ikke aktuelt", label.encode())), answer())
    hubspot = HubSpot(transport, PROPERTY_OF)
    if label == "Nei takk":
        with pytest.raises(Rejected, match="changed the stage 'Nei takk' meanwhile"):
            hubspot.write(RENAMED)
    else:
        hubspot.write(RENAMED)
    patched = [asked.method for asked in server.asked].count("PATCH")
    assert patched == (label != "Nei takk")


def test_a_forbidden_request_names_the_scope_it_needs(server, answer):
    """HubSpot may forbid without saying why; then the scope of the endpoint is named."""
    server.plays(answer(b'{"message": "no"}', 403))
    with pytest.raises(NotAuthorised, match=r"probably lacks crm\.objects\.owners\.read"):
        connect("pat-na1-a-secret", base_url=server.url).owners()
