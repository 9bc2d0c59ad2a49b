"""Faults of Nutshell's answers, and those that both CRMs can have."""

from collections.abc import Callable, Iterator

import pytest
import requests

from connector.sandbox import Fault, Hits, Sandbox
from connector.sandbox.http import Request
from connector.sandbox.kinds import kind_of
from connector.sandbox.named_faults import faults
from connector.sandbox.nutshell import lying
from connector.sandbox.nutshell.kinds import Kind
from tests.sandbox.nutshell.conftest import Client


@pytest.fixture
def struck(instance) -> Iterator[Callable[..., Client]]:
    """A client of a sandbox with faults, by name or ready made."""
    opened = []

    def serve(*named: str | Fault) -> Client:
        ready = [each if isinstance(each, Fault) else faults(each)[0] for each in named]
        opened.append(Sandbox(instance=instance, faults=ready).__enter__())
        return Client(opened[-1], requests.Session())

    yield serve
    for sandbox in opened:
        sandbox.__exit__(None, None, None)


def walk(client: Client, limit: int = 10, pages: int = 4) -> list[list[str]]:
    return [
        [lead["id"] for lead in client.get("leads", page=n, size=limit)["leads"]]
        for n in range(pages)
    ]


@pytest.mark.parametrize(
    ("method", "path", "body", "kind"),
    [
        ("GET", "/rest/leads", b"", Kind.LEADS),
        ("GET", "/rest/leads/1003-leads", b"", Kind.LEAD),
        ("GET", "/rest/leads/1003/stages", b"", Kind.STAYS),
        ("PATCH", "/rest/leads/1003", b"", Kind.PATCH),
        ("GET", "/rest/stagesets", b"", Kind.PIPELINES),
        ("GET", "/rest/events", b"", Kind.EVENTS),
        ("GET", "/rest/events/deleted", b"", Kind.DELETED),
        ("PUT", "/rest/leads", b"", Kind.OTHER),
        ("GET", "/rest/nonsense", b"", Kind.OTHER),
        ("POST", "/api/v1/json", b'{"method": "findLeads"}', Kind.FIND),
        ("POST", "/api/v1/json", b'{"method": "editLead"}', Kind.EDIT),
        ("POST", "/v1/json", b'{"method": "getLead"}', Kind.GET),
        ("POST", "/v1/json", b"{", Kind.OTHER),
    ],
)
def test_kinds(method, path, body, kind):
    """Requests of either of Nutshell's APIs have a kind."""
    assert kind_of(Request(method, path, path, (), {}, body)) is kind


@pytest.mark.parametrize(
    ("name", "retry"), [("429-seconds", "1"), ("429-zero", "0"), ("429-absent", None)]
)
def test_storms(struck, name, retry):
    """429 on both APIs, with Retry-After as named; INFERRED, no limit is published."""
    client = struck(name)
    refused = [each for each in (client.answer("stages") for _ in range(30)) if not each.ok]
    assert {(each.status_code, each.headers.get("Retry-After")) for each in refused} == {
        (429, retry)
    }
    calls = [client.call("findTeams") for _ in range(30)]
    assert {each.json()["error"]["code"] for each in calls if not each.ok} == {429}


def test_failures(struck):
    """What stands before Nutshell fails in HTML."""
    answer = struck("down").answer("stages")
    assert (answer.status_code, answer.headers["Content-Type"].split(";")[0]) == (503, "text/html")


def test_a_revoked_key(struck):
    """401 as each API has it."""
    client = struck("revoked")
    answers = [client.answer("stages").status_code for _ in range(8)]
    assert answers == [200] * 7 + [401]
    assert client.call("findTeams").json()["error"]["message"] == "API key not found"


def test_another_instance(struck):
    """From the 8th request on another instance answers."""
    client = struck("other-portal")
    told = [client.get("stages")["meta"]["instanceId"] for _ in range(8)]
    assert told == ["379104"] * 7 + ["999999"]


def test_a_page_comes_again(struck, many):
    """The second page is the first once more, and the walk goes on."""
    pages = walk(struck("page-again"))
    assert pages[0] == pages[1] == many[:10]
    assert pages[2] == many[20:]


def test_events_are_withheld(struck, many):
    """A tenth of the log is left out, not the same each time."""
    client = struck("events-withheld")
    found = [len(client.get("events", limit=100)["events"]) for _ in range(3)]
    assert all(35 < each < 50 for each in found)


def test_leads_are_hidden(struck, many):
    """The key sees a tenth of the leads, in every answer the same ones."""
    client = struck("leads-hidden")
    pages = [walk(client, 100, 1)[0] for _ in range(9)]
    assert [len(page) for page in pages[:7]] == [25] * 7
    assert len(pages[7]) < 8
    assert pages[7] == pages[8]


def test_lists_come_bare(struck):
    """Stages without what wraps them, as the specification says; Nutshell fact, 2026-11."""
    answer = struck("bare-lists").answer("stages").json()
    assert [stage["id"] for stage in answer] == ["101-stages", "105-stages"]


def test_revs_are_stale(struck, lead):
    """A third of the edits is refused with 409 and changes nothing."""
    client, refused = struck("stale-rev"), 0
    for confidence in range(1, 31):
        rev = client.result("getLead", leadId=1003)["rev"]
        edit = {"confidence": confidence}
        refused += client.call("editLead", leadId=1003, rev=rev, lead=edit).status_code == 409
    assert 3 < refused < 20


def test_an_edit_takes_effect_and_its_answer_is_lost(struck, instance, many):
    """The connection breaks off after the lead was edited."""
    client, lost = struck("edit-lost"), []
    for each in many:
        number, edit = int(each.split("-")[0]), {"confidence": 77}
        try:
            client.call("editLead", leadId=number, rev="1", lead=edit)
        except requests.RequestException:
            lost.append(each)
    assert 2 < len(lost) < 20
    assert {instance.lead(each).confidence for each in many} == {77}


def test_pages_repeat_shuffle_count_and_spoil(struck, many):
    """Records come twice or out of order, counts are off, a record makes no sense."""
    assert len(walk(struck("repeated"))[0]) == 13
    shuffled = walk(struck("shuffled"))[0]
    assert sorted(shuffled) == sorted(many[:10])
    assert shuffled != many[:10]
    assert struck("total-high").get("leads")["meta"]["total"] == 28
    page = struck("bad-record")
    page.get("leads")
    spoiled = page.get("leads")["leads"][0]
    assert (spoiled["id"], spoiled["links"]) == (many[0], 7)


def test_faults_of_hubspot_alone_leave_nutshell_be(struck):
    """A scope or a data centre is nothing that Nutshell has."""
    client = struck("scope-lost", "423", "477")
    assert {client.answer("stages").status_code for _ in range(12)} == {200}


def test_the_wire_breaks_for_both(struck, many):
    """A page that is cut short is cut for Nutshell as well."""
    client = struck("cut-honest")
    client.get("leads")
    with pytest.raises(requests.JSONDecodeError):
        client.get("leads")


def test_a_500_is_json(instance):
    """REST's own failure is JSON; Nutshell fact, 2026-11."""
    from connector.sandbox.nutshell import refusing

    fault = Fault(refusing.failing(500))
    with Sandbox(instance=instance, faults=[fault]) as sandbox:
        answer = requests.get(f"{sandbox.url}/rest/leads", timeout=5)
    assert (answer.status_code, answer.json()) == (
        500,
        {"code": 500, "message": "Internal Server Error"},
    )


def test_errors_are_left_alone(struck, many):
    """Lies are told of successes only."""
    client = struck(Fault(lying.withheld(1.0)), Fault(lying.spoiled("7"), Hits()))
    assert client.answer("leads?page[page]=-1").json()["errors"]
    assert client.answer("nonsense").status_code == 404
