"""What a key of Nutshell's is seen to see, in the shapes users and pipelines may come in."""

import json

import pytest
import responses

from connector.crm.nutshell.sight import look
from connector.errors import NotAuthorised

HOST, USER, KEY = "https://app.nutshell.com", "kari@example.com", "a-secret-key-of-ours"
LEADS = {"meta": {"instanceId": "379104"}, "leads": []}


def seen(users, stagesets):
    """What is made of two answers, wrapped or bare."""
    with responses.RequestsMock() as http:
        for path, body in (("leads", LEADS), ("users", users), ("stagesets", stagesets)):
            http.get(f"{HOST}/rest/{path}", body=json.dumps(body), content_type="application/json")
        return look(USER, KEY)


def a_user(**more):
    return {"id": "5-users", "type": "users", "name": "Kari Berg", "emails": [USER], **more}


@pytest.mark.parametrize(
    "emails",
    [
        {"emails": [USER]},
        {"emails": [{"value": "Kari@Example.com"}]},
        {"emails": {"0": "other@example.com", "1": USER}},
        {"emails": USER},
        {"emails": None, "email": USER},
    ],
)
def test_the_user_is_found_by_e_mail(emails):
    """Whatever holds the addresses, and whatever their case."""
    sight = seen({"users": [a_user(id=1, emails=["ola@example.com"]), a_user(**emails)]}, [])
    assert sight.user is not None
    assert (sight.user.id, sight.user.name, sight.user.archived) == ("5-users", "Kari Berg", False)
    assert sight.remote.id == "379104"


@pytest.mark.parametrize("users", [[], {"users": []}, [a_user(emails=["a@b.c"])], [7, None]])
def test_a_key_may_act_as_nobody_we_know(users):
    """No user of that e-mail is no error, and restricts nobody."""
    sight = seen(users, {"stagesets": []})
    assert (sight.user, sight.restricted, sight.closed) == (None, False, ())


@pytest.mark.parametrize("told", [True, "true", 1, "1"])
def test_restricted_viewing_is_told_in_several_ways(told):
    """Booleans, numbers and texts mean the same."""
    assert seen([a_user(isViewingRestricted=told)], []).restricted is True


@pytest.mark.parametrize("told", [{}, *({"isViewingRestricted": no} for no in (False, None, "0"))])
def test_what_is_not_told_restricts_nobody(told):
    """Only a clear yes is a restriction."""
    assert seen([a_user(**told)], []).restricted is False


def test_pipelines_without_access_are_named():
    """`canAccess` false closes a pipeline; an answer without it closes none."""
    pipelines = [
        {"id": "1-stagesets", "name": "Sales", "canAccess": True},
        {"id": "5-stagesets", "name": "Partners", "canAccess": False},
        {"id": "9-stagesets", "name": "Old"},
        {"id": "13-stagesets", "name": None, "canAccess": 0},
    ]
    assert seen([a_user()], {"stagesets": pipelines}).closed == ("Partners", "13-stagesets")


def test_a_refused_key_says_whose_it_is():
    """A 401 comes as a web page, and names the user in our words alone."""
    with responses.RequestsMock() as http:
        page = "<html><title>An Error Occurred: Unauthorized</title></html>"
        http.get(f"{HOST}/rest/leads", body=page, status=401, content_type="text/html")
        with pytest.raises(NotAuthorised, match=USER) as refused:
            look(USER, KEY)
    assert KEY not in str(refused.value)
