"""One process in several accounts, of which one may fail."""

import json

import pytest
from lxml import etree

from connector.cli import demo
from connector.sandbox import Sandbox, company

SECOND = """
[accounts.{name}]
crm = "hubspot"
token = {{ env = "SECOND_TOKEN" }}
base_url = "{url}"
"""


@pytest.fixture
def second(project, monkeypatch):
    """A second portal, bound to the processes of the first."""
    monkeypatch.setenv("SECOND_TOKEN", demo.KEYS["NORDLYS_TOKEN"])
    portal = company(1, deals=300)
    with Sandbox(portal) as sandbox:
        config = project.folder / "config.toml"
        config.write_text(
            config.read_text("utf-8") + SECOND.format(name="sverige", url=sandbox.url), "utf-8"
        )
        for file in (project.folder / "mappings").iterdir():
            text = file.read_text("utf-8")
            binding = text[text.index("\n[[bindings]]") :]
            file.write_text(text + binding.replace('"nordlys"', '"sverige"'), "utf-8")
        yield portal


@pytest.fixture
def broken(second, monkeypatch):
    """The second portal with a key nobody knows."""
    monkeypatch.setenv("SECOND_TOKEN", "pat-of-nobody")
    return second


def accounts(answers):
    return [(answer["report"], answer["account"]) for answer in answers]


def test_one_process_is_compared_with_every_account(project, second):
    """Each account gets a report of its own, about the same process."""
    answers = project.json("drift")
    assert accounts(answers) == [("drift", "nordlys"), ("drift", "sverige")]
    for answer in answers:
        assert {row["process"] for row in answer["drifts"]} == {"b2b-five-steps", "key-account"}
        assert all(row["id"].startswith(answer["account"]) for row in answer["drifts"])


def test_one_account_alone(project, second):
    """--account asks one account and leaves the others alone."""
    assert project.json("drift", "--account", "sverige")["account"] == "sverige"
    project.ok("pull", "--account", "sverige")
    assert [row["account"] for row in project.json("db", "stats")["accounts"]] == [
        "nordlys",
        "sverige",
    ][1:]


@pytest.mark.parametrize("command", ["drift", "plan"])
def test_a_failing_account_does_not_stop_the_others(project, broken, command):
    """The rest is answered, the failure told with its account, and the end is 5."""
    assert project.run("--json", command) == 5
    answers = json.loads(project.out)
    assert accounts(answers) == [(command, "nordlys"), ("failure", "sverige")]
    assert answers[1]["error"] == "NotAuthorised"
    assert project.err.startswith("error: sverige: ")
    assert "pat-of-nobody" not in project.out + project.err


def test_a_failing_account_does_not_stop_a_pull(project, broken):
    """The first account is pulled whole, the second is told as failed, and the end is 5."""
    assert project.run("pull") == 5
    assert "nordlys: read everything" in project.err
    assert "error: sverige: " in project.err
    assert [row["account"] for row in project.json("db", "stats")["accounts"]] == ["nordlys"]
    assert project.run("report", "time-in-stage") == 5
    assert "sverige was never pulled" in project.err


def test_the_first_account_failing_does_not_stop_the_second(project, second, monkeypatch):
    """Order does not matter."""
    monkeypatch.setenv("NORDLYS_TOKEN", "pat-of-nobody")
    assert project.run("--json", "drift") == 5
    assert accounts(json.loads(project.out)) == [("failure", "nordlys"), ("drift", "sverige")]


def test_drift_of_the_rest_does_not_hide_a_failure(project, broken):
    """5 is told rather than 3, because nobody knows what the failing account would have said."""
    assert project.run("drift", "--exit-code") == 5
    assert "No answer for sverige" in project.out


def test_where_all_fail_alike_their_own_code_is_told(project, broken, monkeypatch):
    """Both keys refused ends with 4, as one would."""
    monkeypatch.setenv("NORDLYS_TOKEN", "pat-of-nobody")
    assert project.run("drift") == 4
    assert project.err.count("error: ") == 2


def test_where_all_fail_differently_the_end_is_1(project, broken):
    """A used-up quota and a refused key have no code in common."""
    project.portal.daily_limit = 0
    assert project.run("drift") == 1


def test_a_failing_account_is_an_error_in_junit(project, broken):
    """The suite of an account that could not be read has one error, and the others are whole."""
    assert project.run("drift", "--format", "junit") == 5
    suites = etree.fromstring(project.out.encode())
    assert [(suite.get("name"), suite.get("errors")) for suite in suites] == [
        ("nordlys", "0"),
        ("sverige", "1"),
    ]


def test_what_failed_is_neither_seen_nor_gone(project, second, monkeypatch):
    """A reading that failed says nothing of its drift, so the next one finds it still open."""
    project.json("drift")
    token = demo.KEYS["NORDLYS_TOKEN"]
    for key, code in (("pat-of-nobody", 5), (token, 0)):
        monkeypatch.setenv("SECOND_TOKEN", key)
        assert project.run("--json", "drift") == code
    assert {row["status"] for row in json.loads(project.out)[1]["drifts"]} == {"open"}


def test_faults_of_the_files_are_no_accounts_fault(project, second):
    """A fault in a process file ends every account's command alike, and is told once."""
    path = project.folder / "mappings" / "key-account.toml"
    path.write_text(path.read_text("utf-8").replace("label =", "lable =", 1), "utf-8")
    assert project.run("drift") == 1
    assert project.err.count("lable") == 1


def test_a_plan_that_is_saved_is_of_one_account(project, second):
    """A file holds one plan, so -o wants to know whose."""
    assert project.run("plan", "-o", project.path("plan.json")) == 1
    assert "which account?" in project.err
    project.ok("plan", "-o", project.path("plan.json"), "--account", "sverige")
    assert json.loads((project.folder / "plan.json").read_text("utf-8"))["account"] == "sverige"


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ("json", '"error":"NotAuthorised"'),
        ("markdown", "# No answer for nordlys"),
        ("junit", 'type="NotAuthorised"'),
        ("text", ""),
    ],
)
def test_an_only_account_fails_as_one_of_several_does(project, monkeypatch, form, words):
    """The failure is the answer and ends with its own code; plain text tells it once, on stderr."""
    monkeypatch.setenv("NORDLYS_TOKEN", "pat-of-nobody")
    assert project.run("drift", "--format", form) == 4
    assert words in project.out.replace('": "', '":"')
    assert bool(project.out) == bool(words)
    assert project.err.count("error: nordlys: ") == 1


def test_a_plan_that_could_not_be_made_is_not_saved(project, monkeypatch):
    """The failure is told, and no file stands for a plan."""
    monkeypatch.setenv("NORDLYS_TOKEN", "pat-of-nobody")
    assert project.run("plan", "-o", project.path("plan.json")) == 4
    assert not (project.folder / "plan.json").exists()
