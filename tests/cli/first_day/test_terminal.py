"""`connector init` as a person at a terminal meets it."""

import os
import subprocess
import sys
import tomllib

import pytest

from connector.sandbox import Instance, Sandbox
from connector.sandbox.nutshell.instance import ADMIN_KEY

READ_KEY, WRITE_KEY, LACKING_KEY = "pat-eu1-reads", "pat-eu1-writes", "pat-eu1-lacks-owners"


def test_a_first_day_with_a_key_that_lacks_a_scope_at_first(terminal, sandbox, golden, written_to):
    """From an empty folder to a first drift; a missing scope is named and the next key tried."""
    user = terminal("init", "--base-url", sandbox.url)
    user.answers("Which CRM?")
    user.answers("Where (")
    user.answers("File [")
    user.answers("Paste the key", LACKING_KEY)
    user.sees("lacks crm.objects.owners.read")
    user.answers("Paste another key", READ_KEY)
    user.answers("Is this the right portal?", "y")
    user.answers("Add a key for writing too?")
    user.answers("Your own name")
    user.answers("every night?")
    user.answers("When, by the clock")
    user.answers("which language")
    user.answers("Pull now?")
    assert user.ends() == 0
    golden("init.txt", user.shown(sandbox.url))
    assert "pat-eu1" not in user.screen
    assert written_to(sandbox) == []
    secret = user.folder / "secrets" / "hubspot"
    assert (secret.read_text(), secret.stat().st_mode & 0o777) == (f"{READ_KEY}\n", 0o600)
    assert secret.parent.stat().st_mode & 0o777 == 0o700


def test_the_scope_is_added_to_the_same_key(terminal, sandbox, portal):
    """Enter tries the same key again, once its scope was added in HubSpot."""
    user = terminal("init", "--base-url", sandbox.url, "--token", "env:LATER", "--no-pull")
    user.answers("Which CRM?")
    user.answers("Paste the key", LACKING_KEY)
    user.sees("lacks crm.objects.owners.read")
    portal.keys[LACKING_KEY] |= {"crm.objects.owners.read"}
    user.answers("Paste another key")
    user.answers("Is this the right portal?", "y")
    for question in ("writing too?", "own name", "every night?", "When,", "which language"):
        user.answers(question)
    user.sees("set LATER before the next run")
    assert user.ends() == 0
    assert "pat-eu1" not in (user.folder / "config.toml").read_text()


def test_a_key_for_writing_is_asked_for_apart(terminal, sandbox, written_to):
    """The second key lives by itself, and must hold the scope for writing."""
    user = terminal("init", "--base-url", sandbox.url, "--no-pull", READ=READ_KEY)
    user.answers("Which CRM?")
    user.answers("Where (", "env")
    user.answers("Environment variable [HUBSPOT_TOKEN]", "READ")
    user.answers("Is this the right portal?", "y")
    user.answers("Add a key for writing too?", "y")
    user.answers("Where (", "file")
    user.answers("File [secrets/hubspot-write]")
    user.answers("Paste the key", READ_KEY)
    user.sees("lacks crm.schemas.deals.write")
    user.answers("Paste another key", WRITE_KEY)
    for question in ("own name", "every night?", "When,", "which language"):
        user.answers(question)
    assert user.ends() == 0
    account = tomllib.loads((user.folder / "config.toml").read_text())["accounts"]["fjordkraft"]
    assert account["token"] == {"env": "READ"}
    assert account["write_token"] == {"file": "secrets/hubspot-write"}
    assert (user.folder / "secrets/hubspot-write").read_text() == f"{WRITE_KEY}\n"
    assert written_to(sandbox) == []


def test_keys_of_two_portals_do_not_go_together(terminal, sandbox, portal):
    """A key for writing that opens another portal ends it, and nothing is written."""
    keys = ("--token", "env:READ", "--write-token", "env:WRITE")
    user = terminal("init", "--base-url", sandbox.url, *keys, READ=READ_KEY, WRITE=WRITE_KEY)
    user.answers("Which CRM?")
    user.sees("Is this the right portal?")
    portal.id = 999
    user.types("y\n")
    user.sees("Use keys of one portal")
    assert user.ends() == 1
    assert list(user.folder.iterdir()) == []


def test_a_key_typed_in_place_of_its_home_is_not_repeated(terminal, sandbox):
    """Who pastes the key where a file's name is asked for is asked again."""
    user = terminal("init", "--base-url", sandbox.url)
    user.answers("Which CRM?")
    user.answers("Where (")
    user.answers("File [", READ_KEY)
    user.sees("that looks like the key itself")
    user.sees("File [")


def test_a_key_file_that_is_there_is_used_and_never_written(terminal, sandbox, portal):
    """A file with a key in it is read, again after Enter, and its rights are spoken of."""
    user = terminal("init", "--base-url", sandbox.url, "--token", "file:mine", "--no-pull")
    mine = user.folder / "mine"
    mine.write_text(LACKING_KEY)
    mine.chmod(0o640)
    user.answers("Which CRM?")
    user.sees("Run: chmod 600")
    user.sees("lacks crm.objects.owners.read")
    mine.write_text(READ_KEY)
    user.answers("then press Enter")
    user.answers("Is this the right portal?", "y")
    for question in ("writing too?", "own name", "every night?", "When,", "which language"):
        user.answers(question)
    assert user.ends() == 0
    assert mine.read_text() == READ_KEY


@pytest.mark.parametrize("file", ["config.toml", "./connector.db", "mappings/nysalg.toml"])
def test_a_key_shares_no_file_with_what_is_written(terminal, sandbox, file):
    """Who names a file of connector's own for the key is asked for another."""
    user = terminal("init", "--base-url", sandbox.url)
    user.answers("Which CRM?")
    user.answers("Where (")
    user.answers("File [", file)
    user.sees("is what connector writes itself")
    user.sees("File [")


def test_a_command_that_gives_no_key_is_tried_again(terminal, sandbox):
    """What a place lacks is told, and the place asked again after Enter."""
    flags = ("--token", "command:cat mine", "--no-pull")
    user = terminal("init", "--base-url", sandbox.url, *flags)
    user.answers("Which CRM?")
    user.sees("gave no secret")
    (user.folder / "mine").write_text(READ_KEY)
    user.answers("then press Enter")
    user.sees("Is this the right portal?")


def test_a_config_that_is_there_is_left_alone(terminal, sandbox):
    """Another name is asked for until it is free."""
    user = terminal("init", "--base-url", sandbox.url, "--no-pull", "--no-night", READ=READ_KEY)
    mine = user.folder / "config.toml"
    mine.write_text("mine")
    user.answers("Another name [config-2.toml]", "config.toml")
    user.answers("Another name [config-2.toml]")
    user.answers("Which CRM?")
    user.answers("Where (", "env")
    user.answers("Environment variable", "READ")
    user.answers("Is this the right portal?", "y")
    for question in ("writing too?", "own name", "which language"):
        user.answers(question)
    user.sees("config.toml may well share connector.db and mappings with config-2.toml")
    user.sees("[accounts.fjordkraft]")
    user.sees("connector --config config-2.toml drift")
    assert user.ends() == 0
    assert mine.read_text() == "mine"
    assert (user.folder / "config-2.toml").exists()


def test_a_first_day_with_nutshell(terminal):
    """A user, their key and what Nutshell does not tell; the key goes into a file of its own."""
    instance = Instance()
    instance.pipelines.add_pipeline("Sales", ("Qualify", "Demo"))
    instance.add_lead("Lead", 101)
    with Sandbox(instance=instance) as sandbox:
        user = terminal("init", "--base-url", sandbox.url, TZ="America/New_York")
        user.answers("Which CRM?", "nutshell")
        user.answers("The e-mail of the Nutshell user", "admin@example.com")
        user.sees("Setup > API keys")
        user.answers("Where (")
        user.answers("File [secrets/nutshell]")
        user.answers("Paste the key", "wrong")
        user.sees("does not accept the key")
        user.answers("Paste another key", ADMIN_KEY)
        user.sees("as Admin, admin@example.com: it sees what they see")
        user.answers("Is this the right instance?", "y")
        user.answers("The account's time zone [", "Mars")
        user.sees("no time zone this machine knows")
        user.answers("The account's time zone [", "Europe/Oslo")
        user.answers("Its currency [USD]", "NOK")
        for question in ("own name", "every night?", "by the clock of Europe/Oslo", "language"):
            user.answers(question)
        user.sees("sales.toml: Sales, a draft")
        user.sees("Decide before setting active = true")
        user.answers("Pull now?")
        user.sees("read everything: 1 new deals")
        assert user.ends() == 0
    assert ADMIN_KEY not in user.screen
    account = tomllib.loads((user.folder / "config.toml").read_text())["accounts"]["nutshell"]
    assert account["key"] == {"file": "secrets/nutshell"}
    assert (account["time_zone"], account["currency"]) == ("Europe/Oslo", "NOK")
    assert (user.folder / "secrets/nutshell").read_text() == f"{ADMIN_KEY}\n"


def test_no_is_no(terminal, sandbox):
    """Another portal than the expected one ends it, and nothing is written."""
    user = terminal("init", "--base-url", sandbox.url, READ=READ_KEY)
    user.answers("Which CRM?")
    user.answers("Where (", "env")
    user.answers("Environment variable", "READ")
    user.answers("Is this the right portal?", "n")
    user.sees("Nothing was written. Use a key of the right portal.")
    assert user.ends() == 1
    assert list(user.folder.iterdir()) == []


QUESTIONS = (
    ("Which CRM?", ""),
    ("Where (", ""),
    ("File [", ""),
    ("Paste the key", READ_KEY),
    ("Is this the right portal?", "y"),
    ("writing too?", ""),
    ("own name", ""),
    ("every night?", ""),
    ("When,", ""),
    ("which language", ""),
)


@pytest.mark.parametrize("stop", range(len(QUESTIONS)), ids=[each[0] for each in QUESTIONS])
def test_ctrl_c_at_any_question_leaves_nothing(terminal, sandbox, stop):
    """Whoever stops at a question has the folder as it was."""
    user = terminal("init", "--base-url", sandbox.url)
    for question, answer in QUESTIONS[:stop]:
        user.answers(question, answer)
    user.sees(QUESTIONS[stop][0])
    user.interrupts()
    assert user.ends() == 130
    assert list(user.folder.iterdir()) == []


def test_ctrl_c_at_the_pull_leaves_whole_files(terminal, sandbox):
    """Once everything is written, stopping only leaves the pull undone."""
    user = terminal("init", "--base-url", sandbox.url)
    for question, answer in QUESTIONS:
        user.answers(question, answer)
    user.sees("Pull now?")
    user.interrupts()
    assert user.ends() == 130
    assert tomllib.loads((user.folder / "config.toml").read_text())["version"] == 1
    assert len(list((user.folder / "mappings").iterdir())) == 2
    assert not (user.folder / "connector.db").exists()


def test_questions_go_to_stderr(sandbox, tmp_path):
    """What is asked does not stand among the answer: stdout is the drift alone."""
    master, slave = os.openpty()
    command = [sys.executable, "-m", "connector", "init", "--base-url", sandbox.url]
    command += ["--token", "env:READ"]
    os.write(master, b"\ny\n\n\n\n\n\n\n")
    done = subprocess.run(
        command,
        stdin=slave,
        capture_output=True,
        text=True,
        timeout=60,
        cwd=tmp_path,
        env={**os.environ, "READ": READ_KEY},
        check=False,
    )
    os.close(slave)
    os.close(master)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("Drift in fjordkraft\n")
    assert "Which CRM?" in done.stderr


def test_a_pull_shows_how_far_it_is(terminal, sandbox, tmp_path):
    """Whoever watches a pull sees deals, quota and, when it is over, one line with its cost."""
    (tmp_path / "mappings").mkdir()
    (tmp_path / "config.toml").write_text(
        'version = 1\n[accounts.norge]\ncrm = "hubspot"\ntoken = { env = "READ" }\n'
        f'base_url = "{sandbox.url}"\n'
    )
    user = terminal("pull", READ=READ_KEY, TERM="xterm", COLUMNS="140")
    assert user.ends() == 0
    user.sees("pull norge")
    user.sees("5 deals")
    user.sees("left today")
    user.sees("norge: read everything: 5 new deals")
    user.sees("no 429\n")
