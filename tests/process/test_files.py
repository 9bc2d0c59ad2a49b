import json
import shutil

import pytest

from connector.errors import FileFaults
from connector.model import Binding, Capability, Criterion, Evidence, Outcome, Task
from connector.process import load_process, load_processes, schema, starters

FULL = """\
version = 1
key = "new-business"
label = "Nysalg"
language = "nb"
labels = { en = "New business" }
note = "For Norge"
default_for = { teams = ["Norge"] }
applies_to = { dealtype = ["newbusiness"] }

[[stage]]
key = "meeting-booked"
label = "Møte avtalt"
labels = { en = "Meeting booked" }
phase = "qualified"
probability = 0.15
mandatory = true
buyer_action = "Kunden har takket ja"
evidence = [{ property = "meeting" }]
exit = [{ key = "budget", text = "Budsjett", property = "budget_confirmed", kind = "proof" }]
guidance = "Spør"
tasks = [{ title = "Send", due = "2d" }]
max_days = 14
next = ["won", "lost"]
ask = true

[[stage]]
key = "won"
label = "Signert"
labels = { en = "Signed" }
probability = 1
outcome = "won"

[[stage]]
key = "lost"
label = "Tapt"
labels = { en = "Lost" }
probability = 0.0
outcome = "lost"

[[bindings]]
account = "norge"
pipeline = "default"
language = "en"
manage = ["label", "order"]
stages = { won = "closedwon" }
"""


@pytest.fixture
def process(tmp_path):
    path = tmp_path / "full.toml"
    path.write_text(FULL, encoding="utf-8")
    return load_process(path)


def test_every_key_of_a_process_arrives(process, tmp_path):
    """What the head of a file says is what the process says."""
    assert (process.key, process.label, process.language) == ("new-business", "Nysalg", "nb")
    assert (process.note, process.active) == ("For Norge", True)
    assert process.label_in("en") == "New business"
    assert process.default_for == {"teams": ("Norge",)}
    assert process.applies_to == {"dealtype": ("newbusiness",)}
    assert process.file == str(tmp_path / "full.toml")


def test_every_key_of_a_stage_arrives(process):
    """What a [[stage]] says is what the stage says."""
    stage = process.stage("meeting-booked")
    assert (stage.label, stage.label_in("en")) == ("Møte avtalt", "Meeting booked")
    assert (stage.probability, stage.outcome) == (0.15, Outcome.OPEN)
    assert (stage.phase, stage.mandatory, stage.ask) == ("qualified", True, True)
    assert (stage.buyer_action, stage.guidance) == ("Kunden har takket ja", "Spør")
    assert stage.evidence == (Evidence("meeting"),)
    assert stage.exit == (Criterion("budget", "Budsjett", "budget_confirmed", "proof"),)
    assert stage.tasks == (Task("Send", "2d"),)
    assert (stage.max_days, stage.next) == (14, ("won", "lost"))


def test_a_binding_arrives(process):
    """What a [[bindings]] says is what the binding says."""
    manage = frozenset({Capability.LABEL, Capability.ORDER})
    assert process.bindings == (Binding("norge", "default", "en", manage, {"won": "closedwon"}),)


def test_a_whole_number_is_a_probability_too(process):
    """`probability = 1` is the same as 1.0."""
    probability = process.stage("won").probability
    assert (probability, type(probability)) == (1.0, float)


def test_default_for_all_is_everybody(tmp_path):
    """`default_for = "all"` names nobody, because it means everybody."""
    path = tmp_path / "all.toml"
    path.write_text(FULL.replace('{ teams = ["Norge"] }', '"all"'), encoding="utf-8")
    assert load_process(path).default_for == {"all": ()}


def test_processes_come_by_file_name(tmp_path):
    """The order of processes does not depend on the file system, and other files are left alone."""
    for name in ("b", "a", "c"):
        text = FULL.replace("new-business", name).replace("default", f"pipeline-{name}")
        text = text.replace(f"pipeline-{name}_for", "default_for")
        (tmp_path / f"{name}.toml").write_text(text, encoding="utf-8")
    (tmp_path / "notes.txt").write_text("not a process")
    assert [process.key for process in load_processes(tmp_path)] == ["a", "b", "c"]


def test_all_faults_of_all_files_come_together(tmp_path):
    """Two broken files are mended in one go."""
    (tmp_path / "a.toml").write_text("version = 2\n")
    (tmp_path / "b.toml").write_text("oops\n")
    with pytest.raises(FileFaults) as caught:
        load_processes(tmp_path)
    assert {fault.file for fault in caught.value.faults} == {
        str(tmp_path / "a.toml"),
        str(tmp_path / "b.toml"),
    }


def test_a_missing_folder_is_a_fault(tmp_path):
    """A folder name with a typing error in it is not the same as no processes."""
    with pytest.raises(FileFaults, match="there is no such folder"):
        load_processes(tmp_path / "mapings")


def test_the_starters_load():
    """What comes with connector is free of faults, in four languages, and bound to nothing."""
    processes = load_processes(starters())
    assert [process.key for process in processes] == ["b2b-five-steps", "key-account", "quarters"]
    for process in processes:
        assert process.bindings == ()
        for named in (process, *process.stages):
            assert set(named.labels) == {"nb", "sv", "fi"}


@pytest.mark.parametrize(
    ("key", "probabilities"),
    [
        ("b2b-five-steps", [0.2, 0.4, 0.6, 0.8, 1.0, 0.0]),
        ("key-account", [0.1, 0.3, 0.5, 0.7, 0.9, 1.0, 0.0]),
        ("quarters", [0.25, 0.5, 0.75, 1.0, 0.0]),
    ],
)
def test_the_starters_have_their_probabilities(key, probabilities):
    """Each shipped process forecasts with the steps its name promises."""
    process = load_process(starters() / f"{key}.toml")
    assert [stage.probability for stage in process.stages] == probabilities


def test_a_starter_can_be_copied_and_used(tmp_path):
    """A copy of a shipped file is a process of one's own."""
    shutil.copy(starters() / "quarters.toml", tmp_path)
    assert load_processes(tmp_path)[0].file == str(tmp_path / "quarters.toml")


def test_the_schema_knows_keys_and_patterns():
    """Editors learn which keys there are, what they may hold, and that there are no others."""
    stage = schema()["$defs"]["StageTable"]
    assert stage["additionalProperties"] is False
    assert stage["properties"]["key"]["pattern"].startswith("^")
    assert stage["properties"]["outcome"]["enum"] == ["open", "won", "lost"]
    assert json.loads(json.dumps(schema())) == schema()
