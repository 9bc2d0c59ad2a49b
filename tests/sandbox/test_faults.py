"""Which requests a fault strikes."""

import pytest
import requests

from connector.sandbox import Fault, Hits, Kind, Sandbox, wire
from connector.sandbox.hubspot import lying, refusing
from connector.sandbox.named_faults import faults, named

KEY = {"Authorization": "Bearer pat-sandbox-read"}
DETAILS = "/account-info/v3/details"
OWNERS = "/crm/v3/owners"


def statuses(sandbox, *paths):
    return [requests.get(sandbox.url + path, headers=KEY, timeout=5).status_code for path in paths]


def test_the_first_and_how_many(portal):
    """A fault strikes from the first it names, and no more often than it says."""
    hits = Hits(first=2, times=2)
    with Sandbox(portal, faults=[Fault(refusing.failing(), hits)]) as sandbox:
        assert statuses(sandbox, *[DETAILS] * 5) == [200, 503, 503, 200, 200]
        assert sandbox.strikes == (2,)


def test_only_some_kinds_are_counted(portal):
    """Requests of other kinds are neither struck nor counted."""
    hits = Hits((Kind.OWNERS,), first=2)
    with Sandbox(portal, faults=[Fault(refusing.locked(), hits)]) as sandbox:
        asked = (OWNERS, DETAILS, DETAILS, OWNERS, DETAILS)
        assert statuses(sandbox, *asked) == [200, 200, 200, 423, 200]


def test_only_where_a_condition_holds(portal):
    """A condition of its own narrows a fault further."""
    hits = Hits(when=lambda request: "x=1" in request.target)
    with Sandbox(portal, faults=[Fault(refusing.moving(), hits)]) as sandbox:
        assert statuses(sandbox, DETAILS, f"{DETAILS}?x=1") == [200, 477]


def test_a_seeded_share(portal):
    """The same seed strikes the same requests, another one others, and so many in all."""

    def struck(seed):
        fault = Fault(refusing.failing(502), Hits(share=0.4))
        with Sandbox(portal, faults=[fault], seed=seed) as sandbox:
            return statuses(sandbox, *[DETAILS] * 40)

    first = struck(1)
    assert first == struck(1)
    assert first != struck(2)
    assert 6 <= first.count(502) <= 26


def test_faults_lie_over_each_other(portal):
    """An outer fault gets what the inner one made of the answer."""
    both = [Fault(wire.cut(40, wire.Framing.HONEST)), Fault(wire.body(wire.HTML, "text/html"))]
    with Sandbox(portal, faults=both) as sandbox:
        answer = requests.get(sandbox.url + DETAILS, headers=KEY, timeout=5)
    assert answer.content == wire.HTML[:40]


def test_before_each_request(portal):
    """The hook hears of every request, with its number, before the answer is made."""
    heard = []

    def rename(number):
        heard.append(number)
        portal.name = f"Portal {number}"

    with Sandbox(portal, before=rename) as sandbox:
        answers = [requests.get(sandbox.url + DETAILS, headers=KEY, timeout=5) for _ in range(3)]
    assert heard == [1, 2, 3]
    assert [each.json()["portalName"] for each in answers] == ["Portal 1", "Portal 2", "Portal 3"]


def test_every_name_stands_for_a_fault():
    """Names are found, words are there, and an unknown name is an error."""
    assert len(list(faults(*named()))) == len(named())
    assert all(each.words for each in named().values())
    with pytest.raises(KeyError):
        faults("gremlins")


def test_another_portal_answers(portal):
    """Behind the same key another account answers."""
    from connector.sandbox import Portal

    fault = Fault(lying.other_portal(Portal(7, name="Other")), Hits(first=2))
    with Sandbox(portal, faults=[fault]) as sandbox:
        ids = [
            requests.get(sandbox.url + DETAILS, headers=KEY, timeout=5).json()["portalId"]
            for _ in range(2)
        ]
    assert ids == [portal.id, 7]
