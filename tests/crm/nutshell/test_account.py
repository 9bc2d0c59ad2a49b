"""Which instance a key opens, and what it says of itself."""

from datetime import UTC, datetime

import pytest
import responses

from connector.crm.nutshell import connect
from connector.errors import BadAnswer
from tests.crm.nutshell.conftest import HOST, KEY, USER, a_lead


@pytest.fixture
def account():
    def told(meta: object, leads: list, of_events: object = None, **known: str):
        with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
            mock.get(f"{HOST}/rest/events", json={"meta": of_events, "events": []})
            body = leads if meta is None else {"meta": meta, "leads": leads}
            mock.get(
                f"{HOST}/rest/leads", json=body, headers={"Date": "Fri, 01 Jan 2027 00:00:00 GMT"}
            )
            return connect(USER, KEY, **known).account()

    return told


@pytest.mark.parametrize("remote", [379104, "379104"])
def test_the_instance_is_told_by_every_listing(account, remote):
    """`meta.instanceId` guards against mixing two accounts up (Nutshell facts 2.5, 2026-11)."""
    found = account({"instanceId": remote}, [a_lead(value={"amount": 1, "currency": "NOK"})])
    assert (found.crm, found.id, found.name, found.kind) == (
        "nutshell", "379104", "Nutshell 379104", "Nutshell",
    )  # fmt: skip
    assert (found.time_zone, found.currency) == ("UTC", "NOK")
    assert found.now == datetime(2027, 1, 1, tzinfo=UTC)


def test_what_it_does_not_tell_may_be_told_it(account):
    """Time zone and currency are the user's to say; without a lead sums are in dollars."""
    found = account({"instanceId": "1"}, [], time_zone="Europe/Oslo", currency="SEK")
    assert (found.time_zone, found.currency) == ("Europe/Oslo", "SEK")
    assert account({"instanceId": "1"}, []).currency == "USD"


@pytest.mark.parametrize("meta", [None, {}, {"instanceId": None}, {"instanceId": ""}])
def test_an_answer_without_an_instance_is_refused(account, meta):
    """Nothing would tell whose leads these are."""
    with pytest.raises(BadAnswer, match="instanceId"):
        account(meta, [])


def test_leads_without_an_envelope_are_of_the_instance_that_events_name(account):
    """Lists come wrapped and bare; any listing's meta tells the instance."""
    assert account(None, [a_lead()], of_events={"instanceId": 379104}).id == "379104"


@pytest.mark.parametrize(("total", "count"), [(7, 7), ("7", 7)])
def test_leads_are_counted_by_the_total(odd, total, count):
    """Never by `meta.count`, which counts what is not there (Nutshell facts 2.2, 2026-11)."""
    odd.total = total
    assert odd.crm().count() == count


def test_where_no_total_is_told_nothing_is_counted(odd):
    """Then a pull goes by what it reads."""
    odd.bare = True
    assert odd.crm().count() is None
