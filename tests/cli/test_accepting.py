import json
from datetime import UTC, datetime, timedelta

import pytest

from connector.cli import demo
from connector.sandbox import Sandbox, VirtualClock, company

NOON = datetime(2026, 11, 21, 11, 0, tzinfo=UTC)
LABEL = "nordlys:default/closedwon/label"
ACCEPT = ("drift", "accept", LABEL, "--reason", "Legal asked", "--by", "Kari")


@pytest.fixture
def slow(project, tmp_path_factory):
    """The project on a portal whose time only moves when told to."""
    with Sandbox(company(0, NOON, deals=300), clock=VirtualClock(NOON)) as sandbox:
        project.sandbox = sandbox
        project.folder = tmp_path_factory.mktemp("slow")
        demo.set_up(project.folder, sandbox.url)
        yield project


def wait(project, **time):
    project.portal.clock.advance(timedelta(**time))


def ids(answer, of="drifts"):
    return {row["id"] for row in answer.get(of, [])}


def statuses(project, *options):
    return {row["id"]: row["status"] for row in project.json("drift", *options)["drifts"]}


def test_accepted_drift_is_left_out_and_listed_apart(slow):
    """It is in no list and no number of the report, with its reason and its day beside them."""
    before = slow.json("drift")
    slow.ok(*ACCEPT, "--until", "2026-12-31")
    after = slow.json("drift")
    assert ids(before) - ids(after) == {LABEL}
    assert after["cosmetic"] == before["cosmetic"] - 1
    (row,) = after["accepted"]
    assert (row["id"], row["reason"], row["by"]) == (LABEL, "Legal asked", "Kari")
    assert row["until"] == "2026-12-31"


def test_accepted_drift_is_not_planned(slow):
    """Neither a change nor a held one nor a refusal is of accepted drift, and the plan says so."""
    slow.ok("pull")
    everything = [f"--allow={hazard}:*" for hazard in ("outcome", "leap", "bulk", "create")]
    slow.ok(*ACCEPT, "--until", "2026-12-31")
    slow.ok("plan", "-o", slow.path("plan.json"), *everything)
    plan = json.loads((slow.folder / "plan.json").read_text("utf-8"))
    slow.ok("apply", slow.path("plan.json"), "--confirm", plan["fingerprint"])
    stage = next(s for s in slow.portal.pipelines["default"].stages if s.id == "closedwon")
    assert stage.label == "Tapt"
    assert ids(slow.json("plan"), "accepted") == {LABEL}
    assert slow.json("plan")["changes"] == []


def test_nothing_but_accepted_drift_is_no_drift_to_the_exit_code(slow):
    """--exit-code ends with 0 once every drift is accepted, and with 3 when one is reopened."""
    answer = slow.json("drift")
    every = [*ids(answer), *ids(answer, "pipelines_without_process")]
    for drift in every:
        slow.ok(
            "drift", "accept", drift, "--reason", "later", "--by", "Kari", "--until", "2027-01-01"
        )
    assert slow.run("drift", "--exit-code") == 0
    slow.ok("drift", "reopen", LABEL)
    assert slow.run("drift", "--exit-code") == 3


def test_an_acceptance_holds_through_its_last_day_in_the_account(slow):
    """Until the 21st means until midnight in Oslo, which is 23:00 in UTC."""
    slow.ok(*ACCEPT, "--until", "2026-11-21")
    wait(slow, hours=11, minutes=59)
    assert LABEL not in ids(slow.json("drift"))
    wait(slow, minutes=1)
    row = next(row for row in slow.json("drift")["drifts"] if row["id"] == LABEL)
    assert row["lapsed"] == "expired"
    assert "was accepted until 2026-11-21" in slow.ok("drift")


def test_an_acceptance_is_of_the_values_it_was_given_for(slow):
    """Renamed again, an accepted label is drift again and says why; renamed back, accepted."""
    slow.ok(*ACCEPT, "--until", "2026-12-31")
    slow.rename("default", "closedwon", "Tapt igjen")
    row = next(row for row in slow.json("drift")["drifts"] if row["id"] == LABEL)
    assert (row["lapsed"], row["status"]) == ("changed", "new")
    slow.rename("default", "closedwon", "Tapt")
    assert LABEL not in ids(slow.json("drift"))


def test_what_is_accepted_is_listed_with_how_it_stands(slow):
    """In force, with other values or no longer there, each as the last reading told."""

    def standing():
        (row,) = slow.json("drift", "accepted")["acceptances"]
        return row["standing"]

    slow.ok(*ACCEPT, "--until", "2026-12-31")
    assert standing() == "in-force"
    slow.rename("default", "closedwon", "Tapt igjen")
    wait(slow, minutes=1)
    slow.ok("drift")
    assert standing() == "changed"
    slow.rename("default", "closedlost", "Borte")
    slow.rename("default", "closedwon", "Kontrakt signert")
    wait(slow, minutes=1)
    slow.ok("drift")
    assert standing() == "settled"
    slow.ok("drift", "reopen", LABEL)
    assert slow.json("drift", "accepted")["acceptances"] == []


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("accept", "nordlys:default/nothing", "--until", "2026-12-31"), 1, "no drift"),
        (("accept", LABEL, "--until", "2026-11-20"), 2, "is over; in nordlys it is 2026-11-21"),
        (("accept", LABEL, "--until", "Christmas"), 2, "no day"),
        (("accept", "norge:x", "--until", "2026-12-31"), 1, "no account 'norge'"),
        (("accept", LABEL, "--until", "2026-12-31", "--reason", " "), 2, "--reason is empty"),
        (("reopen", LABEL), 1, "is not accepted; accepted in nordlys: none"),
        (
            ("--offline", "accept", LABEL, "--until", "2026-12-31"),
            2,
            "leave the options before accept out",
        ),
    ],
)
def test_what_cannot_be_accepted_says_why(slow, arguments, code, says):
    """A wrong id, a day that is over or no reason: nothing is noted, and the message says what."""
    given = list(arguments)
    if "accept" in given and "--reason" not in given:
        given += ["--reason", "x", "--by", "Kari"]
    assert slow.run("drift", *given) == code
    assert says in slow.err
    assert slow.json("drift", "accepted")["acceptances"] == []


def test_a_reason_cannot_act(slow):
    """No escape sequence of a reason or a name reaches the terminal or the XML."""
    slow.ok(
        "drift",
        "accept",
        LABEL,
        "--until",
        "2026-12-31",
        "--reason",
        "\x1b[31m]]>",
        "--by",
        "\x07K",
    )
    for answer in (
        slow.ok("drift"),
        slow.ok("drift", "accepted"),
        slow.ok("plan"),
        slow.ok("drift", "--format", "junit"),
    ):
        assert not any(ord(character) < 32 and character != "\n" for character in answer)


def test_whoever_is_logged_in_accepts(slow, monkeypatch):
    """Without --by the acceptance is of the user who gives it."""
    monkeypatch.setenv("LOGNAME", "ola")
    slow.ok("drift", "accept", LABEL, "--reason", "x", "--until", "2026-12-31")
    assert slow.json("drift")["accepted"][0]["by"] == "ola"


def test_drift_is_new_once(slow):
    """What the reading before saw is still open, since the reading that saw it first."""
    first = slow.json("drift")
    wait(slow, days=2)
    assert set(statuses(slow).values()) == {"open"}
    assert {row["status"] for row in first["drifts"]} == {"new"}
    assert "still open since 2026-11-21" in slow.ok("drift")


def test_drift_that_went_is_back_again(slow):
    """Corrected and turned back, it says that it was gone."""
    drift = "nordlys:74120663/741206631/label"
    slow.ok("drift")
    for label, status in [
        ("Mine", "new"),
        ("Behov bekreftet", None),
        ("Mine", "back"),
        ("Mine", "open"),
    ]:
        wait(slow, days=1)
        slow.rename("74120663", "741206631", label)
        assert statuses(slow).get(drift) == status


def test_since_last_shows_what_is_new_alone(slow):
    """--since last leaves out what the last live reading saw, from list, numbers and exit code."""
    before = slow.json("drift")
    wait(slow, days=1)
    assert slow.run("drift", "--since", "last", "--exit-code") == 0
    assert "No new drift." in slow.out
    assert "New cosmetic" in slow.out
    slow.rename("74120663", "741206631", "Mine")
    wait(slow, days=1)
    assert slow.run("--json", "drift", "--since", "last", "--exit-code") == 3
    answer = json.loads(slow.out)
    assert ids(answer) == {"nordlys:74120663/741206631/label"}
    assert answer["cosmetic"] == 1
    assert answer["older"] == len(before["drifts"]) + len(before["pipelines_without_process"])
    assert "Left out" in answer["notes"][0]["text"]


def test_an_offline_reading_is_told_but_not_recorded(slow):
    """drift --offline knows what was seen live, and leaves no trace of its own."""
    slow.ok("pull")
    assert set(statuses(slow, "--offline").values()) == {"new"}
    assert set(statuses(slow).values()) == {"new"}
    assert set(statuses(slow, "--offline").values()) == {"open"}


def test_drift_is_told_without_a_pull(slow):
    """An account that was never pulled has drift, statuses and acceptances all the same."""
    assert slow.run("drift", "--exit-code") == 3
    slow.ok(*ACCEPT, "--until", "2026-12-31")
    assert LABEL not in statuses(slow)
