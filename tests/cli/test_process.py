"""What the process commands do to the files, with a real account beside them."""

import re
import shutil
from dataclasses import replace

import pytest

from connector.process import load_process, starters


def without_processes(project):
    shutil.rmtree(project.folder / "mappings")


def test_after_importing_every_pipeline_there_is_no_drift(project):
    """process import --all describes the account as it is, from an empty folder."""
    without_processes(project)
    project.ok("process", "import", "nordlys", "--all", "--language", "nb")
    assert project.json("drift")["drifts"] == []
    assert len(project.json("process", "list")["processes"]) == 3


def test_importing_twice_leaves_the_files_alone(project):
    """A second import of everything finds nothing left to import."""
    without_processes(project)
    project.ok("process", "import", "nordlys", "--all")
    project.ok("process", "import", "nordlys", "--all")
    assert "0 imported" in project.err


def test_one_pipeline_is_imported_into_a_file_of_ones_own(project):
    """process import takes a pipeline by label and writes the file it is told to."""
    project.ok(
        "process", "import", "nordlys", "Partnere", "--into", project.path("mappings/p.toml")
    )
    assert (project.folder / "mappings" / "p.toml").exists()
    alone = project.json("drift")["pipelines_without_process"]
    assert alone == []


def test_pins_are_proposed_by_label(project):
    """process pin writes the ids of the stages that bear the process's labels."""
    without_processes(project)
    project.ok("process", "import", "nordlys", "Partnere", "--key", "partners")
    file = project.folder / "mappings" / "partners.toml"
    text = file.read_text("utf-8")
    file.write_text(text[: text.index("[[bindings]]")], "utf-8")
    project.ok("process", "pin", "partners", "nordlys", "Partnere", "--yes")
    shown = project.json("process", "show", "partners")
    assert shown["bindings"][0]["pins"] == "6 of 6"


def test_an_adopted_drift_is_gone_and_comments_stay(project):
    """process adopt takes the live value into the file and keeps every comment of it."""
    file = project.folder / "mappings" / "key-account.toml"
    comments = [line for line in file.read_text("utf-8").splitlines() if "#" in line]
    found = project.json("drift")["drifts"]
    drift = next(row["id"] for row in found if row["kind"] == "probability" and "7412" in row["id"])
    project.ok("process", "adopt", drift)
    assert drift not in [row["id"] for row in project.json("drift")["drifts"]]
    assert [line for line in file.read_text("utf-8").splitlines() if "#" in line] == comments


def test_a_drift_without_a_value_cannot_be_adopted(project):
    """Adopting a missing stage ends with 1 and says what to do instead."""
    found = project.json("drift")["drifts"]
    drift = next(row["id"] for row in found if row["kind"] == "stage-missing")
    assert project.run("process", "adopt", drift) == 1
    assert "edit the process file" in project.err


def test_check_says_so_when_nothing_is_wrong(project):
    """process check ends with 0 where every file loads and fits its accounts."""
    project.ok("process", "check")
    assert "no faults" in project.err


def add_pipeline(project, label):
    """Add a pipeline of this name to the account, with stages as another one has them."""
    stages = next(iter(project.portal.pipelines.values())).stages
    fresh = [replace(stage, id=f"{label}-{stage.id}") for stage in stages]
    project.portal.add_pipeline(label, fresh)


def test_pipelines_that_make_one_slug_get_files_of_their_own(project):
    """process import --all numbers the keys of pipelines that people can hardly tell apart."""
    without_processes(project)
    for label in ("Sales (EU)", "Sales EU", "sales eu "):
        add_pipeline(project, label)
    project.ok("process", "import", "nordlys", "--all")
    files = {file.name for file in (project.folder / "mappings").iterdir()}
    assert {"sales-eu.toml", "sales-eu-2.toml", "sales-eu-3.toml"} <= files
    assert project.json("drift")["pipelines_without_process"] == []


def test_an_import_that_fails_does_not_stop_the_others(project):
    """process import --all tells of the file it could not write, writes the rest, ends with 5."""
    without_processes(project)
    add_pipeline(project, "Odd")
    odd = next(each for each in project.portal.pipelines.values() if each.label == "Odd")
    stages = [replace(stage, id=f"{number}") for number, stage in enumerate(odd.stages)]
    project.portal.put_pipeline(
        replace(odd, stages=(*stages, replace(stages[0], label="Twin", id="  "))), at=odd.updated
    )
    assert project.run("process", "import", "nordlys", "--all") == 5
    assert "odd.toml" in project.err
    assert "3 imported" in project.err


def test_an_account_without_pipelines_has_nothing_to_import(project):
    """process import --all says when there is no live pipeline at all."""
    without_processes(project)
    project.portal.pipelines.clear()
    project.ok("process", "import", "nordlys", "--all")
    assert "no live pipelines" in project.err


def test_a_starter_is_copied_with_its_comments(project):
    """process start writes a shipped process to the letter, and never over a file."""
    without_processes(project)
    assert "b2b-five-steps: New business, 6 stages" in project.ok("process", "start")
    project.ok("process", "start", "quarters")
    copy = project.folder / "mappings" / "quarters.toml"
    assert copy.read_bytes() == (starters() / "quarters.toml").read_bytes()
    assert project.run("process", "start", "quarters") == 1
    assert "exists already" in project.err


def test_an_unknown_starter_is_answered_with_those_there_are(project):
    """process start with a wrong key names the right ones and writes nothing."""
    assert project.run("process", "start", "five") == 1
    assert "b2b-five-steps, key-account, quarters" in project.err


@pytest.fixture
def started(project):
    """A project with a starter none of whose labels the live pipelines have."""
    without_processes(project)
    project.ok("process", "start", "quarters")
    file = project.folder / "mappings" / "quarters.toml"
    text = re.sub('(?m)^label = "', 'label = "Our own ', file.read_text("utf-8"))
    file.write_text(text, "utf-8")
    return project


def test_pins_without_labels_go_by_order_and_outcome(started):
    """process pin pairs what no label pairs in order, says so, and asks before it writes."""
    live = next(each for each in started.portal.pipelines.values() if each.label == "Partnere")
    assert started.run("process", "pin", "quarters", "nordlys", "Partnere") == 2
    assert "order and outcome alone" in started.err
    assert load_process(started.folder / "mappings" / "quarters.toml").bindings == ()
    started.ok("process", "pin", "quarters", "nordlys", "Partnere", "--yes")
    (binding,) = load_process(started.folder / "mappings" / "quarters.toml").bindings
    won = [stage.id for stage in live.stages if stage.chance == 1.0]
    ordered = [stage.id for stage in sorted(live.stages, key=lambda stage: stage.order)]
    assert next(iter(binding.stages.values())) == ordered[0]
    assert won[0] in binding.stages.values()


def test_a_pin_is_named_by_hand(started):
    """process pin --stage takes what it is told, refuses ids nobody has, and guesses nothing."""
    live = next(each for each in started.portal.pipelines.values() if each.label == "Partnere")
    key = load_process(started.folder / "mappings" / "quarters.toml").stages[0].key
    bound = ("process", "pin", "quarters", "nordlys", "Partnere", "--yes")
    assert started.run(*bound, "--stage", f"{key}=nowhere") == 1
    assert live.stages[0].id in started.err
    started.ok(*bound, "--stage", f"{key}={live.stages[0].id}")
    (binding,) = load_process(started.folder / "mappings" / "quarters.toml").bindings
    assert binding.stages == {key: live.stages[0].id}


def test_one_file_is_one_file(project):
    """process check counts in words that fit the number."""
    without_processes(project)
    project.ok("process", "start", "quarters")
    project.ok("process", "check")
    assert "1 process file in" in project.err


def test_files_are_named_from_the_working_folder(project, monkeypatch):
    """process list and show name a file as one would type it."""
    monkeypatch.chdir(project.folder)
    files = {row["file"] for row in project.json("process", "list")["processes"]}
    assert "mappings/key-account.toml" in files
    assert "mappings/key-account.toml" in project.ok("process", "show", "key-account")


def test_a_column_nothing_stands_in_is_left_out(project):
    """process show leaves a column without values to JSON."""
    without_processes(project)
    project.ok("process", "import", "nordlys", "Partnere", "--key", "partners")
    assert "What the buyer has done" not in project.ok("process", "show", "partners")
    assert "buyer_action" in project.json("process", "show", "partners")["stages"][0]


def test_an_empty_database_has_no_bare_headings(project):
    """db stats on an empty database says that there is nothing yet, and no more."""
    shown = project.ok("db", "stats")
    assert "Nothing yet" in shown
    assert "Changes by field" not in shown


def test_faults_of_bindings_name_file_key_and_line(project):
    """A binding to an account nobody knows is shown where it stands."""
    file = project.folder / "mappings" / "key-account.toml"
    text = file.read_text("utf-8").replace('account = "nordlys"', 'account = "nordly"')
    file.write_text(text, "utf-8")
    line = text[: text.index('account = "nordly"')].count("\n") + 1
    assert project.run("process", "check") == 1
    assert f"key-account.toml:{line}: bindings[1].account: no account" in project.err
