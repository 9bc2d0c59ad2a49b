"""An account of Nutshell's from first key to last night, over real HTTP."""

import json
import sqlite3
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from connector.cli import demo
from connector.cli.main import main
from connector.sandbox import Instance, Sandbox, company
from connector.sandbox.nutshell.records import State

USER, KEY = "kari@example.com", "nutshell-sandbox-key"
CONFIG = """\
version = 1

[accounts.usa]
crm = "nutshell"
user = "{user}"
key = {{ env = "NUTSHELL_API_KEY" }}
account_id = "{id}"
time_zone = "America/New_York"
base_url = "{url}"
"""
INIT = ("--no-input", "init", "--crm", "nutshell", "--key", "env:NUTSHELL_API_KEY", "--no-night",
        "--time-zone", "America/New_York", "--currency", "USD")  # fmt: skip


@dataclass
class Folder:
    """A folder with a config.toml, the instance it is about, and what commands print there."""

    path: Path
    instance: Instance
    sandbox: Sandbox
    capture: pytest.CaptureFixture[str]
    out: str = ""
    err: str = ""

    def configure(self, more: str = "", **values: str) -> None:
        known = {"user": USER, "id": self.instance.id, "url": self.sandbox.url}
        (self.path / "mappings").mkdir(exist_ok=True)
        (self.path / "config.toml").write_text(CONFIG.format(**(known | values)) + more, "utf-8")

    def run(self, *arguments: str) -> int:
        self.capture.readouterr()
        code = main(["--config", str(self.path / "config.toml"), *arguments])
        self.out, self.err = self.capture.readouterr()
        assert KEY not in self.out + self.err
        return code

    def requests(self, *arguments: str) -> list[str]:
        """Run a command that must end well; what it asked of the CRM."""
        self.sandbox.requests.clear()
        assert self.run(*arguments) == 0, self.err
        return [f"{method} {path.partition('?')[0]}" for method, path in self.sandbox.requests]

    def found(self) -> dict[str, dict[str, str]]:
        """What doctor finds of the account, by code."""
        self.run("--json", "doctor")
        findings = json.loads(self.out)["findings"]
        return {each["code"]: each for each in findings if each["account"] == "usa"}

    def live(self) -> int:
        with closing(sqlite3.connect(self.path / "connector.db")) as db:
            return db.execute("SELECT COUNT(*) FROM deals WHERE gone_at IS NULL").fetchone()[0]


@pytest.fixture
def instance():
    """Two teams with thirty leads each, a pipeline in use, a draft and a retired one."""
    instance = Instance()
    stages = ("Qualify", "Demo", "Offer")
    instance.pipelines.add_pipeline("Sales", stages)
    instance.pipelines.add_pipeline("Renewals", ("Due",), state=State.DRAFT)
    instance.pipelines.add_pipeline("Old way", ("Called",), state=State.RETIRED)
    red, blue = instance.people.add_team("Red"), instance.people.add_team("Blue")
    users = [
        instance.people.add_user("Kari Berg", USER, teams=[red]),
        instance.people.add_user("Ola Lund", "ola@example.com", teams=[blue]),
    ]
    for number in range(60):
        owner = users[number % 2].ref
        lead = instance.add_lead(f"Lead {number}", 101, amount="1000", owner=owner)
        if number % 3 == 0:
            instance.move(lead.id, 105)
    return instance


@pytest.fixture
def folder(instance, tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("NUTSHELL_API_KEY", KEY)
    with Sandbox(instance=instance) as sandbox:
        folder = Folder(tmp_path, instance, sandbox, capsys)
        folder.configure()
        yield folder


def restrict(folder):
    """Kari may see leads of her own team alone from now on."""
    people = folder.instance.people
    (kari,) = [user for user in people.users.values() if user.email == USER]
    people.users[kari.id] = replace(kari, restricted=True)


def test_doctor_names_the_user_behind_the_key(folder):
    """Key, instance, user, sight, clock and quota each get their finding, and nothing is wrong."""
    found = folder.found()
    assert {code for code, each in found.items() if each["level"] != "ok"} == {"pull-never"}
    assert found["portal-found"]["found"] == "379104"
    assert found["user-found"]["found"].startswith(
        f"Kari Berg, {USER}. The key sees what this user"
    )
    assert {"token-found", "sight-whole", "clock-right", "quota-untold", "lock-free"} <= set(found)
    assert "pat-" not in folder.out


def test_doctor_warns_of_what_the_user_does_not_see(folder):
    """A restricted user and a pipeline without access are warnings with their mend."""
    restrict(folder)
    folder.instance.people.hide("1-stagesets", 5)
    found = folder.found()
    assert found["sight-restricted"]["level"] == found["sight-pipelines"]["level"] == "warning"
    assert found["sight-pipelines"]["found"] == "no access to Sales"
    assert "administrator" in found["sight-restricted"]["mend"]


def test_init_proposes_processes(folder):
    """Drafts to decide on, for pipelines in use alone; config.toml says what Nutshell does not."""
    (folder.path / "config.toml").unlink()
    arguments = (*INIT, "--user", USER, "--account-id", "379104", "--base-url", folder.sandbox.url)
    assert folder.run(*arguments) == 0, folder.err
    assert "as Kari Berg, kari@example.com: it sees what they see" in folder.err
    assert "pipeline Renewals, draft: 1 stage\n" in folder.err
    assert [path.name for path in (folder.path / "mappings").iterdir()] == ["sales.toml"]
    config = (folder.path / "config.toml").read_text("utf-8")
    for line in (f'user = "{USER}"', 'time_zone = "America/New_York"', 'account_id = "379104"'):
        assert line in config
    assert folder.run("process", "check") == 0, folder.err
    assert folder.live() == 60


def test_drift_and_plan_say_which_drafts_they_leave_out(folder):
    """What init wrote for Nutshell is a draft, and no drift in it is no proof of anything."""
    assert folder.run("process", "import", "usa", "Renewals") == 0
    for command in ("drift", "plan"):
        assert folder.run(command) == 0
        assert "Left out, as drafts: renewals." in folder.err
    assert folder.run("--quiet", "drift") == 0
    assert "drafts" not in folder.err


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("--user", USER, "--account-id", "7"), 1, "opens instance 379104"),
        (("--account-id", "379104"), 2, "--user"),
        (("--user", "nobody@example.com", "--account-id", "379104"), 4, "does not accept"),
        (("--user", USER, "--account-id", "379104", "--token", "env:X"), 2, "is not for nutshell"),
        (("--user", USER), 2, "--account-id 379104"),
    ],
)
def test_init_from_flags_that_cannot_be(folder, arguments, code, words):
    """Each is told with what to say instead, and nothing is written."""
    (folder.path / "config.toml").unlink()
    assert folder.run(*INIT, "--base-url", folder.sandbox.url, *arguments) == code
    assert words in folder.err
    assert not (folder.path / "config.toml").exists()


def test_imports_name_what_is_no_pipeline_in_use(folder):
    """Drafts and retired pipelines are told as such and imported only by name."""
    assert folder.run("process", "import", "usa", "--all") == 0, folder.err
    assert "Renewals (draft) was left out; to import it, name it: 5-stagesets" in folder.err
    assert "Old way (retired) was left out" in folder.err
    assert folder.run("process", "import", "usa", "Renewals") == 0
    assert "the pipeline is a draft in the CRM" in folder.err
    assert folder.run("process", "import", "usa", "None") == 1
    assert "9-stagesets (Old way, retired)" in folder.err


def test_a_process_is_pinned_to_what_nutshell_keeps(folder):
    """Stages of the pipeline's own are pinned, statuses need none, and labels alone are managed."""
    assert folder.run("process", "start", "quarters") == 0, folder.err
    arguments = ("process", "pin", "quarters", "usa", "Sales", "--yes", "--language", "en")
    assert folder.run(*arguments) == 0, folder.err
    text = (folder.path / "mappings" / "quarters.toml").read_text("utf-8")
    assert 'manage = ["label"]' in text
    assert '"101-stages"' in text
    assert "stagesets:" not in text
    assert folder.run("process", "check") == 0, folder.err


def test_a_quiet_night_is_cheap(folder):
    """The second pull asks for no lead by id and says what it cost."""
    folder.requests("pull")
    second = folder.requests("pull")
    assert "usa: read what changed: 0 new deals, 0 changed" in folder.err
    assert f"{len(second)} requests" in folder.err
    assert len(second) <= 12
    assert not [each for each in second if each.startswith("GET /rest/leads/")]
    assert folder.live() == 60
    assert "America/New_York" in folder.found()["pull-fresh"]["found"]


def test_a_user_who_sees_less_makes_a_pull_suspect(folder):
    """Half of the leads out of sight end with 5 and a word on the user; none is taken for gone."""
    assert folder.run("pull") == 0
    restrict(folder)
    for again in ((), ("--full",)):
        assert folder.run("pull", *again) == 5
        assert "a Nutshell key sees only what its user sees" in folder.err
        assert folder.live() == 60


def test_a_few_leads_out_of_sight_are_told(folder):
    """By id a hidden lead answers as a deleted one does; so it is said, and it comes back."""
    assert folder.run("pull") == 0
    people = folder.instance.people
    people.hidden |= {(5, f"{lead}-leads") for lead in list(folder.instance.leads)[:5]}
    assert folder.run("pull", "--full") == 0, folder.err
    assert "5 deals count as deleted" in folder.err
    assert "a Nutshell key sees only what its user sees" in folder.err
    people.hidden.clear()
    assert folder.run("pull", "--full") == 0, folder.err
    assert "count as deleted" not in folder.err
    assert folder.live() == 60


def test_a_key_that_went_dark_changes_nothing(folder):
    """The user left: 4, with who it was, and everything stays as it was read."""
    assert folder.run("pull") == 0
    folder.instance.people.disable_user(5)
    assert folder.run("pull") == 4
    assert USER in folder.err
    assert folder.live() == 60
    assert folder.found()["key-refused"]["mend"].startswith("See in Nutshell under Setup")
    assert folder.run("doctor") == 4


@pytest.mark.parametrize("command", ["pull", "drift"])
def test_another_instance_is_refused(folder, command):
    """meta.instanceId is held against account_id, and against the database without it."""
    assert folder.run("pull") == 0
    folder.instance.id = "999"
    assert folder.run(command) == 1
    assert "the key opens 999" in folder.err
    assert folder.found()["portal-other"]["level"] == "problem"
    folder.configure(id="999")
    assert folder.run("pull") == 1
    assert "this name stands for nutshell account 379104" in folder.err


def test_times_in_stage_are_held_against_those_nutshell_tells(folder):
    """What a read of everything finds told otherwise is a line, and no error."""
    assert folder.run("pull") == 0
    assert "by what the CRM tells" not in folder.err
    for lead in folder.instance.leads.values():
        lead.stays[0] = lead.stays[0]._replace(since=lead.stays[0].since - 9 * 86_400)
    assert folder.run("--json", "pull", "--full") == 0
    doubts = [each["doubt"] for each in json.loads(folder.out)["doubts"]]
    assert len(doubts) == 5
    assert "was in Qualify for 0.0 days by its history, and for 9.0 days" in doubts[0]
    assert folder.err.count("by what the CRM tells of it") == 5


def test_a_portal_and_an_instance_side_by_side(folder, monkeypatch):
    """One config.toml, one database, one command, both CRMs."""
    monkeypatch.setenv("HUBSPOT_TOKEN", demo.KEYS["NORDLYS_TOKEN"])
    with Sandbox(company(0, deals=300)) as portal:
        folder.configure(
            '[accounts.norge]\ncrm = "hubspot"\ntoken = { env = "HUBSPOT_TOKEN" }\n'
            f'base_url = "{portal.url}"\n'
        )
        assert folder.run("pull") == 0, folder.err
        assert "usa: read everything: 60 new deals" in folder.err
        assert "norge: read everything" in folder.err
        assert folder.run("doctor") == 0, folder.out
        for report in ("time-in-stage", "conversion", "win-rate"):
            assert folder.run("report", report) == 0, folder.err
        assert folder.run("--json", "drift") == 0, folder.err
        assert {each["crm"] for each in json.loads(folder.out)} == {"hubspot", "nutshell"}
