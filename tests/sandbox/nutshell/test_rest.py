"""Credentials, error shapes, patches and the report over REST."""

import pytest
import requests

from connector.sandbox import Sandbox

ADMIN = ("admin@example.com", "nutshell-sandbox-key")


@pytest.mark.parametrize(
    "credential",
    [
        None,
        ("admin@example.com", "wrong"),
        ("nobody@example.com", "nutshell-sandbox-key"),
        ("", ""),
    ],
)
def test_a_bad_credential_is_html(nutshell, credential):
    """401 is an HTML page; Nutshell fact, 2026-11."""
    nutshell.session.auth = credential
    answer = nutshell.answer("leads")
    assert answer.status_code == 401
    assert answer.headers["Content-Type"].startswith("text/html")
    assert "<title>An Error Occurred: Unauthorized</title>" in answer.text


def test_a_leavers_key_goes_dark(nutshell, instance, seller):
    """The key of a disabled user opens nothing; INFERRED."""
    nutshell.session.auth = ("Kari@example.com", "nutshell-sandbox-key")
    assert nutshell.answer("stages").status_code == 200
    instance.people.disable_user(seller)
    assert nutshell.answer("stages").status_code == 401


@pytest.mark.parametrize("path", ["nonsense", "stages/x", "leads/1/2/3", ""])
def test_an_unknown_path_is_html(nutshell, path):
    """404 is an HTML page; Nutshell fact, 2026-11."""
    answer = nutshell.answer(path)
    assert answer.status_code == 404
    assert answer.headers["Content-Type"].startswith("text/html")
    assert "<title>An Error Occurred: Not Found</title>" in answer.text


def test_a_wrong_method_is_a_text(nutshell):
    """405 comes with the text "Internal Error"; Nutshell fact, 2026-11."""
    answer = nutshell.answer("leads", "PUT")
    assert (answer.status_code, answer.text) == (405, '"Internal Error"')
    assert answer.headers["Content-Type"] == "text/plain"


@pytest.mark.parametrize("path", ["leads", "nonsense", "leads?page[page]=-1"])
def test_every_answer_has_a_request_id(nutshell, path):
    """x-nutshell-request-id is on every answer, errors too; Nutshell fact, 2026-11."""
    assert len(nutshell.answer(path).headers["x-nutshell-request-id"]) == 32
    assert nutshell.call("getUser").headers["x-nutshell-request-id"]


def test_the_instance_is_told(nutshell):
    """meta.instanceId and siteId guard the tenant; Nutshell fact, 2026-11."""
    assert nutshell.get("stages")["meta"] == {"instanceId": "379104", "siteId": "6smEpVK1"}


def test_a_value_is_patched(nutshell, instance, lead):
    """PATCH of manualValue: 204, no body, logged as the key's user; Nutshell fact, 2026-11."""
    steps = [{"op": "replace", "path": "/leads/0/manualValue", "value": "999.99"}]
    answer = nutshell.patch(f"leads/{lead}", steps)
    assert (answer.status_code, answer.content) == (204, b"")
    assert str(instance.lead(lead).amount) == "999.99"
    newest = nutshell.get("events", limit=1)["events"][0]
    assert (newest["action"], newest["links"]["actor"]) == ("update", "1-users")


def test_a_wrong_media_type_is_told(nutshell, lead):
    """Anything but json-patch+json is refused in these words; Nutshell fact, 2026-11."""
    answer = nutshell.patch(f"leads/{lead}", [], "application/json")
    assert answer.status_code == 400
    assert answer.json() == "application/json-patch+json is required, see http://jsonapi.org"


@pytest.mark.parametrize(
    "steps",
    [
        {"op": "replace"},
        [{"op": "add", "path": "/leads/0/manualValue", "value": "1"}],
        [{"op": "replace", "path": "/leads/0/confidence", "value": 5}],
        [{"op": "replace", "path": "/leads/0/manualValue", "value": "much"}],
    ],
)
def test_other_patches_are_refused(nutshell, instance, lead, steps):
    """What is not documented is refused; INFERRED."""
    before = nutshell.get(f"leads/{lead}")
    assert nutshell.patch(f"leads/{lead}", steps).status_code == 400
    assert nutshell.get(f"leads/{lead}") == before


def test_the_forecast_report(nutshell, instance, many):
    """Value times confidence of open leads by expected close; Nutshell fact, 2026-11."""
    instance.close(many[-1], 3)
    for each in many[:10]:
        instance.set_confidence(each, 10)
    query = {"reportType": "forecast", "gap": "m"}
    weighted = nutshell.get("leads/report", useConfidence="true", **query)["reports"][0]
    plain = nutshell.get("leads/report", **query)["reports"][0]
    assert [(each["bucket"], each["count"]["value"]) for each in weighted["data"]] == [
        ("2026-11-01", 24)
    ]
    assert plain["summary"]["total"]["value"] == sum(range(24))
    total = sum(n * (10 if n < 10 else 42) for n in range(24)) / 100
    assert weighted["summary"]["total"]["value"] == pytest.approx(total)
    assert nutshell.answer("leads/report?reportType=sales").status_code == 400
    assert nutshell.answer("leads/report?reportType=forecast&gap=x").status_code == 400


def test_without_an_instance_there_is_no_nutshell(portal):
    """A sandbox of a portal alone knows none of Nutshell's paths."""
    with Sandbox(portal) as sandbox:
        assert requests.get(f"{sandbox.url}/rest/leads", auth=ADMIN, timeout=5).status_code == 404
        assert sandbox.instance is None
