"""What the process commands do to the files, with a real account beside them."""

import shutil
from dataclasses import replace


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
        replace(odd, stages=(*stages, replace(stages[0], label="Twin", id="  "))), at=odd.updated_ms
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
