import json
import os
import subprocess
import sys

import pytest

from connector.store import lock

READ_TOKEN = "pat-sandbox-read"


def save_plan(project, *options):
    """Save a plan and return the arguments that apply it."""
    plan = project.folder / "plan.json"
    project.ok("plan", "-o", str(plan), *options)
    return ["apply", str(plan), "--confirm", json.loads(plan.read_text("utf-8"))["fingerprint"]]


def test_a_plan_is_stale_once_somebody_renamed_a_stage(project):
    """A plan made before somebody else's edit is refused before the first write, with 6."""
    project.ok("pull")
    arguments = save_plan(project)
    project.rename("74120663", "741206631", "Somebody's own")
    sent = project.writes()
    assert project.run(*arguments) == 6
    assert "Somebody's own" in project.err
    assert project.writes() == sent


def test_a_confirmation_of_another_plan_is_refused(project):
    """--confirm with another fingerprint ends with 6 and sends nothing."""
    project.ok("pull")
    arguments = save_plan(project)
    assert project.run(*arguments[:-1], "0" * 64) == 6
    assert project.writes() == []


def test_a_plan_edited_by_hand_is_refused(project):
    """A plan whose content does not match its fingerprint is not applied."""
    project.ok("pull")
    arguments = save_plan(project)
    plan = project.folder / "plan.json"
    plan.write_text(plan.read_text("utf-8").replace('"slot": ', '"slot": 1'), "utf-8")
    assert project.run(*arguments) == 6
    assert project.writes() == []


def test_nobody_to_ask_is_no_yes(project):
    """Without a terminal and without --confirm, apply says how to confirm and sends nothing."""
    project.ok("pull")
    arguments = save_plan(project)
    assert project.run(*arguments[:2]) == 2
    assert "--confirm" in project.err
    assert project.writes() == []


def test_a_missing_scope_is_named(project):
    """A key that lacks a scope ends with 4 and the name of the scope, and never shows the key."""
    project.portal.keys[READ_TOKEN] = frozenset({"oauth", "crm.objects.deals.read"})
    assert project.run("pull") == 4
    assert "crm.objects.owners.read" in project.err
    assert READ_TOKEN not in project.out + project.err


def test_a_key_without_the_write_scope_changes_nothing(project, monkeypatch):
    """Applying with a key for reading ends with 4 and names the scope for writing."""
    project.ok("pull")
    arguments = save_plan(project)
    monkeypatch.setenv("NORDLYS_WRITE_TOKEN", READ_TOKEN)
    assert project.run(*arguments) == 4
    assert "crm.schemas.deals.write" in project.err


def test_a_wrong_key_is_not_shown(project, monkeypatch):
    """A refused key ends with 4 and is nowhere in the output."""
    monkeypatch.setenv("NORDLYS_TOKEN", "pat-na1-secret-secret")
    assert project.run("pull") == 4
    assert "pat-na1-secret-secret" not in project.out + project.err


def test_another_portal_behind_the_key_is_refused(project):
    """A key that opens another portal than the remembered one writes nothing to the database."""
    project.ok("pull")
    before = project.json("db", "stats")
    project.portal.id = 999
    assert project.run("pull") == 1
    assert "999" in project.err
    assert project.json("db", "stats") == before


def test_the_portal_named_in_the_configuration_is_insisted_on(project):
    """account_id in config.toml refuses every other portal, even on the first pull."""
    config = project.folder / "config.toml"
    config.write_text(config.read_text("utf-8") + 'account_id = "1"\n', "utf-8")
    assert project.run("pull") == 1
    assert "account_id" in project.err


def test_two_runs_never_work_on_one_account(project):
    """A pull while another run holds the account ends with 7."""
    with lock(project.folder / "connector.db", "nordlys"):
        assert project.run("pull") == 7


def test_a_used_up_quota_ends_with_8(project):
    """The daily quota used up ends with 8 and leaves the database as it was."""
    project.portal.daily_limit = 3
    assert project.run("pull") == 8


def test_all_faults_of_the_files_come_at_once(project):
    """Faults of several files are all told, each with its file, in one go."""
    for name in ("b2b-five-steps.toml", "key-account.toml"):
        path = project.folder / "mappings" / name
        path.write_text(path.read_text("utf-8").replace("label =", "lable =", 1), "utf-8")
    assert project.run("drift") == 1
    assert "b2b-five-steps.toml" in project.err
    assert "key-account.toml" in project.err
    assert "label" in project.err


def test_an_account_nobody_knows_is_answered_with_those_there_are(project):
    """A wrong --account names the accounts there are."""
    assert project.run("pull", "--account", "norge") == 1
    assert "nordlys" in project.err


def test_a_damaged_database_is_named_and_ends_with_1(project):
    """db check names the broken rule and ends with 1."""
    import sqlite3

    project.ok("pull")
    with sqlite3.connect(project.folder / "connector.db") as db:
        db.execute("UPDATE visits SET left_at = entered_at - 1 WHERE left_at IS NOT NULL")
    db.close()
    assert project.run("db", "check") == 1
    assert "visits-forward" in project.out


def test_help_answers_without_loading_what_commands_need():
    """--help imports neither the HubSpot client nor rich, pydantic, sqlite-utils or requests."""
    heavy = "hubspot rich pydantic sqlite_utils requests tomlkit msgspec urllib3"
    code = (
        "import sys; from connector.cli.main import main; main(['--help']);"
        f"print(sorted(set('{heavy}'.split()) & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize(
    "command",
    ["init", "doctor", "pull", "drift", "plan", "apply", "report", "report time-in-stage",
     "process", "process import", "process pin", "process adopt", "db stats", "db check",
     "db backup", "drift accept", "drift accepted", "drift reopen", "run", "sandbox", "demo"],
)  # fmt: skip
def test_every_command_explains_itself(project, command):
    """Each command has help that says more than its name."""
    assert len(project.ok(*command.split(), "--help").splitlines()) > 4


def test_the_demo_works_twice_in_a_row(tmp_path):
    """connector demo ends well, again in the folder an earlier demo left, and says what is next."""
    command = [sys.executable, "-m", "connector", "demo", "--dir", str(tmp_path / "demo")]
    for _ in range(2):
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=os.environ)
        assert done.returncode == 0, done.stderr
        assert "config.example.toml" in done.stdout


@pytest.mark.parametrize(
    "command",
    [("drift",), ("process", "list"), ("db", "stats"), ("pull",), ("plan",), ("db", "check")],
)
def test_json_may_be_said_after_the_command_too(project, command):
    """An answer in JSON can be asked for before the command and after it."""
    after = json.loads(project.ok(*command, "--json"))
    assert after["report"] == project.json(*command)["report"]
