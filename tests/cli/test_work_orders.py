"""Work orders by real HTTP: a Nutshell instance that has drifted, and an admin."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from connector.cli.main import main
from connector.sandbox import Instance, Sandbox, VirtualClock
from connector.sandbox.nutshell.instance import ADMIN, ADMIN_KEY

BEGUN = datetime(2026, 11, 2, 7, 30, tzinfo=UTC)

CONFIG = """\
version = 1
database = "connector.db"
mappings = "mappings"

[accounts.usa]
crm = "nutshell"
user = "{user}"
key = {{ env = "USA_KEY" }}
base_url = "{url}"
time_zone = "Europe/Oslo"
"""

# Live: New lead, Contract sent, Qualified, Demo. Two names are wrong and two swapped, one stage is
# missing, and the one at the end belongs second.
PROCESS = """\
version = 1
key = "new-business"
label = "New business"
language = "en"
stage = [
    { key = "booked", label = "Meeting booked", probability = 0.1 },
    { key = "evaluated", label = "Evaluated by team", probability = 0.3 },
    { key = "examined", label = "Demo", probability = 0.5 },
    { key = "offered", label = "Qualified", probability = 0.7 },
    { key = "received", label = "Contract received", probability = 0.9 },
    { key = "won", label = "Signed", probability = 1.0, outcome = "won" },
    { key = "lost", label = "Lost", probability = 0.0, outcome = "lost" },
]

[[bindings]]
account = "usa"
pipeline = "1-stagesets"
language = "en"

[bindings.stages]
booked = "101-stages"
examined = "109-stages"
offered = "113-stages"
received = "105-stages"
"""


class Office:
    """A folder with an account, and the instance behind it."""

    def __init__(self, folder: Path, sandbox: Sandbox, clock: VirtualClock, capture) -> None:
        self.folder = folder
        self.clock = clock
        self.capture = capture
        assert sandbox.instance is not None
        self.settings = sandbox.instance.pipelines

    def run(self, *arguments: str) -> tuple[str, str]:
        """The answer and the talk of a command that must end well."""
        self.capture.readouterr()
        code = main(["--config", str(self.folder / "config.toml"), *arguments])
        out, err = self.capture.readouterr()
        assert code == 0, err
        return out, err

    @property
    def process(self) -> str:
        return (self.folder / "mappings" / "new-business.toml").read_text("utf-8")

    def orders(self) -> list[dict[str, object]]:
        return json.loads(self.run("plan", "--json")[0])["work_orders"]

    def open(self) -> dict[str, str]:
        """The drifts on the list, each with the day it was first found."""
        return {str(each["drift"]): str(each["open"]) for each in self.orders()}

    def days_later(self, days: int) -> None:
        self.clock.advance(timedelta(days=days))


@pytest.fixture
def office(tmp_path: Path, monkeypatch, capsys) -> Iterator[Office]:
    instance = Instance()
    instance.pipelines.add_pipeline(
        "New business", ["New lead", "Contract sent", "Qualified", "Demo"]
    )
    ids = [stage.id for stage in instance.pipelines.stages_of(1)]
    for number in range(4):
        instance.add_lead(f"Lead {number}", ids[number % 4], amount="100", at=BEGUN)
    clock = VirtualClock(BEGUN)
    monkeypatch.setenv("USA_KEY", ADMIN_KEY)
    with Sandbox(instance=instance, clock=clock) as sandbox:
        (tmp_path / "mappings").mkdir()
        config = CONFIG.format(url=sandbox.url, user=ADMIN)
        (tmp_path / "config.toml").write_text(config, "utf-8")
        pins = dict(zip(("101", "105", "109", "113"), map(str, ids), strict=True))
        process = PROCESS
        for known, live in pins.items():
            process = process.replace(f'"{known}-stages"', f'"{live}-stages"')
        (tmp_path / "mappings" / "new-business.toml").write_text(process, "utf-8")
        yield Office(tmp_path, sandbox, clock, capsys)


def test_a_list_is_worked_off_bit_by_bit(office):
    """Plan lists; one order done by hand is recognised by the next pull, the rest stays since then.

    Nothing is ever written: what ends an order is an admin alone.
    """
    _, said = office.run("pull")
    assert "usa: 6 work orders open, the oldest since 2026-11-02: connector plan" in said
    markdown, _ = office.run("plan", "--account", "usa", "--format", "markdown")
    assert '- [ ] Rename the stage "New lead" to "Meeting booked"' in markdown
    assert "### Setup \\> Pipelines \\> New business" in markdown
    acts = [each["act"] for each in office.orders()]
    assert acts == [*["rename-stage"] * 5, "add-stage", "order-stages"]

    office.days_later(18)
    office.run("pull")
    office.settings.rename_stage("101-stages", "Meeting bookd")
    office.days_later(1)
    _, said = office.run("pull")
    assert "6 work orders open, the oldest since 2026-11-02" in said
    assert set(office.open().values()) == {"2026-11-02"}

    office.settings.rename_stage("101-stages", "Meeting booked")
    office.days_later(1)
    _, said = office.run("pull")
    assert "usa: 1 work order done, 5 open, the oldest since 2026-11-02: connector plan" in said
    markdown, _ = office.run("plan", "--account", "usa", "--format", "markdown")
    assert 'to "Meeting booked"' not in markdown.split("## Done")[0]
    assert "| done | between 2026-11-21 08:30 and 2026-11-22 08:30 Europe/Oslo |" in markdown


def test_who_does_all_of_it_has_nothing_left(office):
    """The list done in Nutshell's settings, and the new stage named: no drift, no list."""
    office.run("pull")
    settings = office.settings
    for step in office.orders():
        match step["act"]:
            case "rename-stage":
                settings.rename_stage(str(step["stage"]), str(step["to"]))
            case "add-stage":
                settings.add_stage(1, str(step["to"]), position=2)
            case "order-stages":
                by_name = {stage.name: stage.id for stage in settings.stages_of(1)}
                for at, label in enumerate(step["order"]):
                    settings.move_stage(by_name[label], at + 1)
    office.days_later(1)
    _, said = office.run("pull")
    assert "usa: 6 work orders done: connector plan" in said
    assert office.orders() == []
    out, _ = office.run("drift", "--json")
    assert json.loads(out)["drifts"] == []


def test_a_faulty_process_file_stops_no_pull(office):
    """Deals are read all the same; that nobody looked at the work orders is said."""
    office.run("pull")
    (office.folder / "mappings" / "new-business.toml").write_text("version = 9\n", "utf-8")
    _, said = office.run("pull")
    assert "work orders were not looked at" in said
    assert "work orders open" not in said


def test_an_offline_plan_lists_without_noting_anything(office):
    """What the last pull saw is listed, and the record is as it was."""
    office.run("pull")
    office.settings.rename_stage("101-stages", "Meeting booked")
    out, _ = office.run("plan", "--offline", "--json")
    assert len(json.loads(out)["work_orders"]) == 7
    office.days_later(1)
    _, said = office.run("pull")
    assert "1 work order done" in said


def test_an_accepted_drift_is_no_order(office):
    """An order is withdrawn when somebody accepts what it is about, and comes back afterwards."""
    office.run("pull")
    drift = next(each for each in office.open() if each.endswith("101-stages/label"))
    office.run("drift", "accept", drift, "--reason", "later", "--until", "2026-11-10")
    office.days_later(1)
    _, said = office.run("pull")
    assert "usa: 1 work order withdrawn, 5 open" in said
    assert drift not in office.open()
    office.days_later(10)
    assert office.open()[drift] == "2026-11-13"


def test_a_stage_made_anew_by_hand_is_named_by_the_command_the_plan_gives(office):
    """A deleted stage that comes back has another id: the order is done, its pin is not."""
    office.settings.retire_stage("105-stages")
    office.run("pull")
    assert any(drift.endswith("/105-stages/stage-missing") for drift in office.open())
    new = office.settings.add_stage(1, "Contract received")
    office.days_later(1)
    _, said = office.run("pull")
    assert "1 work order done" in said
    out, _ = office.run("plan", "--account", "usa", "--json")
    assert not any(
        "Contract received" in str(each["to_do"]) for each in json.loads(out)["work_orders"]
    )
    (told,) = (note["text"] for note in json.loads(out)["notes"] if "process pin" in note["text"])
    _, command = told.split(": connector ")
    office.run(*command.split(), "--yes")
    assert f'received = "{new.id}-stages"' in office.process
    assert not any("105-stages" in drift for drift in office.open())
