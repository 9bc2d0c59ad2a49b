"""HubSpot's refusals on purpose, and its wrong answers."""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from email.utils import parsedate_to_datetime

import pytest
import requests

from connector.sandbox import Fault, Hits, Kind, Sandbox
from connector.sandbox.hubspot import lying, refusing
from connector.sandbox.hubspot.kinds import LISTINGS

DETAILS = "/account-info/v3/details"
DEALS = "/crm/objects/2026-09/deals"
KEY = {"Authorization": "Bearer pat-sandbox-read"}
SORTED = {"sorts": [{"propertyName": "hs_object_id", "direction": "ASCENDING"}], "limit": 100}
ALWAYS = Hits()


class Client:
    """A plain client of a sandbox with one fault."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.url = sandbox.url

    def get(self, path: str, **query: str) -> requests.Response:
        return requests.get(self.url + path, headers=KEY, params=query, timeout=5)

    def search(self, body: object) -> dict:
        return requests.post(f"{self.url}{DEALS}/search", headers=KEY, json=body, timeout=5).json()

    def walk(self, limit: int = 20, most: int = 20) -> list[list[str]]:
        """The ids on each page of a listing."""
        pages, after = [], {}
        while len(pages) < most:
            page = self.get(DEALS, limit=str(limit), **after).json()
            pages.append([each["id"] for each in page["results"]])
            if "paging" not in page:
                break
            after = {"after": page["paging"]["next"]["after"]}
        return pages


@pytest.fixture
def struck(portal, clock) -> Iterator[Callable[..., Client]]:
    open_ones = []

    def serve(effect, hits=ALWAYS) -> Client:
        open_ones.append(Sandbox(portal, clock=clock, faults=[Fault(effect, hits)]).__enter__())
        return Client(open_ones[-1])

    yield serve
    for sandbox in open_ones:
        sandbox.__exit__(None, None, None)


@pytest.mark.parametrize("policy", ["SECONDLY", "TEN_SECONDLY_ROLLING", "DAILY"])
def test_too_many_requests(struck, policy):
    """A 429 names its policy and carries no Retry-After of its own.

    HubSpot fact, 2026-11.
    """
    answer = struck(refusing.too_many(policy)).get(DETAILS)
    assert (answer.status_code, answer.json()["policyName"]) == (429, policy)
    assert answer.json()["errorType"] == "RATE_LIMIT"
    assert "Retry-After" not in answer.headers


@pytest.mark.parametrize("told", ["1", "0", "-5", "86400", "soon"])
def test_retry_after_as_text(struck, told):
    """Whatever Retry-After shall say, it says."""
    answer = struck(refusing.too_many("SECONDLY", told)).get(DETAILS)
    assert answer.headers["Retry-After"] == told


def test_retry_after_as_a_date(struck, clock):
    """A span is told as a date by the sandbox's clock."""
    answer = struck(refusing.too_many("SECONDLY", timedelta(seconds=90))).get(DETAILS)
    told = parsedate_to_datetime(answer.headers["Retry-After"])
    assert told - clock.now() == timedelta(seconds=90)


def test_too_many_without_a_policy(struck):
    """Some bodies carry a category instead of errorType and policy.

    HubSpot fact, 2026-11.
    """
    body = struck(refusing.too_many(category=True)).get(DETAILS).json()
    assert body["category"] == "RATE_LIMITS"
    assert not {"errorType", "policyName"} & body.keys()


def test_refusals_have_their_own_status(struck):
    """Locked, moving, failing, an unknown key, a lost scope and an old cursor."""
    moving = struck(refusing.moving("7")).get(DETAILS)
    assert (moving.status_code, moving.headers["Retry-After"]) == (477, "7")
    assert struck(refusing.locked()).get(DETAILS).status_code == 423
    assert struck(refusing.failing(521)).get(DETAILS).status_code == 521
    assert struck(refusing.revoked()).get(DETAILS).status_code == 401
    assert struck(refusing.expired_cursor()).get(DEALS, after="1").status_code == 400
    lost = struck(refusing.scope_lost()).get(DEALS)
    scopes = lost.json()["errors"][0]["context"]["requiredGranularScopes"]
    assert (lost.status_code, scopes) == (403, ["crm.objects.deals.read"])


def test_pages_that_repeat_overlap_or_shuffle(struck, many):
    """Every record still comes, some of them twice or out of order."""
    ids = [str(deal) for deal in many]
    repeated = struck(lying.repeated, Hits(LISTINGS)).walk()
    overlapping = struck(lying.overlapping(3), Hits(LISTINGS)).walk()
    shuffled = struck(lying.shuffled, Hits(LISTINGS)).walk()
    assert [len(page) for page in repeated] == [23] * 6 + [13]
    assert overlapping[1][:3] == overlapping[0][-3:]
    assert {each for page in overlapping for each in page} == set(ids)
    assert sorted(each for page in shuffled for each in page) == ids
    assert shuffled[0] != ids[:20]


def test_pages_in_any_order(struck, many):
    """Every page comes once, in an order that is not that of the ids."""
    pages = struck(lying.permuted(), Hits(LISTINGS)).walk()
    ids = [str(deal) for deal in many]
    assert sorted(each for page in pages for each in page) == ids
    assert [page[0] for page in pages] != [ids[n] for n in range(0, 130, 20)]


def test_a_ring_of_cursors(struck, many):
    """A page names itself as the next one, for ever or once."""
    for_ever = struck(lying.circling(), Hits((Kind.LISTING,), first=2)).walk()
    once = struck(lying.circling(), Hits((Kind.LISTING,), first=2, times=1)).walk()
    assert len(for_ever) == 20
    assert for_ever[1] == for_ever[2] == for_ever[19]
    assert once[1] == once[2]
    assert [len(page) for page in once] == [20] * 7 + [10]


def test_a_search_that_is_wrong(struck, many):
    """A search out of order, with a wrong total, or with deals left out."""
    hits = Hits((Kind.SEARCH,))
    ids = [each["id"] for each in struck(lying.shuffled, hits).search(SORTED)["results"]]
    assert ids != sorted(ids)
    assert struck(lying.total_off(0.1), hits).search(SORTED)["total"] == 143
    assert struck(lying.total_off(-0.1), hits).search(SORTED)["total"] == 117
    assert 20 < len(struck(lying.withheld(0.5), hits).search(SORTED)["results"]) < 80


def test_a_short_history(struck, portal, deal):
    """Of a history only its newest versions are told."""
    for amount in ("1", "2", "3"):
        portal.set(deal, "amount", amount)
    client = struck(lying.shortened(2), Hits((Kind.LISTING,)))
    page = client.get(DEALS, propertiesWithHistory="amount").json()
    history = page["results"][0]["propertiesWithHistory"]["amount"]
    assert [version["value"] for version in history] == ["3", "2"]


def test_one_spoiled_record(struck, many):
    """One record of a page holds any text where its properties should be."""
    raw = struck(lying.spoiled('{"amount": NaN}'), Hits((Kind.LISTING,))).get(DEALS).content
    records = json.loads(raw)["results"]
    assert str(records[0]["properties"]) == "{'amount': nan}"
    assert records[1]["properties"]["amount"] == "1"
