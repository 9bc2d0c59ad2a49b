import json
import re
from pathlib import Path
from typing import Any

import pytest

from connector.cli import demo


def drifts(project: Any) -> list[dict[str, Any]]:
    """The drifts there are now, each a row of the report."""
    rows: list[dict[str, Any]] = project.json("drift")["drifts"]
    return rows


def values(rows: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    """What the drifts are, without since when and by whom."""
    return [(row["id"], row["desired"], row["live"]) for row in rows]


def apply(project: Any, *options: str) -> int:
    """Plan with these options and apply the plan; returns the run's number."""
    plan = Path(project.path("plan.json"))
    project.ok("plan", "-o", str(plan), *options)
    mark = json.loads(plan.read_text("utf-8"))["fingerprint"]
    run: int = project.json("apply", str(plan), "--confirm", mark)["run"]
    return run


def test_the_plan_after_an_applied_one_holds_no_changes(project):
    """After apply, the next plan holds no changes; what was held or refused stays listed."""
    project.ok("pull")
    before = project.json("plan")
    apply(project)
    after = project.json("plan")
    assert before["changes"]
    assert after["changes"] == []
    assert len(after["held"]) == len(before["held"])
    assert len(after["refusals"]) == len(before["refusals"])


def test_swapped_labels_are_swapped_back_through_a_temporary_one(project):
    """Two stages that hold each other's label get their own, and no temporary label stays."""
    project.ok("pull")
    apply(project, *demo.ALLOWED)
    labels = {stage.id: stage.label for stage in project.portal.pipelines["default"].stages}
    assert labels["qualifiedtobuy"] == "Produkt undersøkt"
    assert labels["presentationscheduled"] == "Vurdert av teamet"
    assert not [label for label in labels.values() if "connector" in label]


def test_a_run_is_taken_back_and_applied_again(project):
    """plan --undo brings back what was before, and the first plan's work can be done again."""
    project.ok("pull")
    first = values(drifts(project))
    run = apply(project, *demo.ALLOWED)
    corrected = values(drifts(project))
    assert len(corrected) < len(first)
    apply(project, "--undo", str(run))
    assert values(drifts(project)) == first
    apply(project, *demo.ALLOWED)
    assert values(drifts(project)) == corrected


def test_held_changes_are_made_once_they_are_allowed(project):
    """With every hazard allowed, only what a person must do is left."""
    project.ok("pull")
    hazards = ("outcome", "leap", "bulk", "create")
    apply(project, *[f"--allow={hazard}:*" for hazard in hazards])
    left = project.json("plan")
    assert left["changes"] == left["held"] == []
    assert {row["kind"] for row in drifts(project)} == {"stage-unknown"}


@pytest.mark.parametrize(
    ("stage", "told"),
    [("product-examind", 'did you mean "product-examined"?'), ("nosuch", "known here: ")],
)
def test_an_allowance_for_no_stage_is_an_error(project, stage, told):
    """A stage nobody knows is not taken for allowed; the one probably meant is named."""
    assert project.run("plan", "--allow", f"outcome:{stage}") == 1
    assert f'--allow outcome:{stage}: nordlys has no stage "{stage}"; {told}' in project.err
    assert project.run("plan", "--undo", "1", "--allow", f"outcome:{stage}") == 1
    assert stage in project.err


@pytest.mark.parametrize("stage", ["*", "contract-signed", "closedwon"])
def test_a_stage_may_be_allowed_by_key_or_id(project, stage):
    """Every way to name a stage of the account is taken."""
    project.ok("plan", "--allow", f"outcome:{stage}")


def test_a_plan_that_cannot_be_saved_is_an_error_that_names_the_file(project):
    """Where no file can be, the command says so in one line and leaves nothing half written."""
    file = project.path("config.toml/plan.json")
    assert project.run("plan", "-o", file) == 1
    assert f"{file}: cannot be written: " in project.err
    assert "Traceback" not in project.err


def test_a_saved_plan_takes_the_place_of_the_one_before_at_once(project):
    """Whoever holds the former plan open reads it to its end; nothing else is left beside it."""
    file = Path(project.path("plan.json"))
    file.write_text("the former plan", "utf-8")
    with file.open(encoding="utf-8") as former:
        project.ok("plan", "-o", str(file))
        assert former.read() == "the former plan"
    assert json.loads(file.read_text("utf-8"))["connector-plan"] == 1
    assert not list(file.parent.glob(".plan.json*"))


def test_offline_drift_is_the_drift_of_the_last_pull(project):
    """drift --offline tells from the database what drift told from the CRM."""
    project.ok("pull")
    live = values(drifts(project))
    assert values(project.json("drift", "--offline")["drifts"]) == live


def test_a_reading_from_before_a_run_is_older_and_no_fight(project):
    """What the last pull saw before a run says nothing of whether the run was turned back."""
    project.ok("pull")
    run = apply(project, *demo.ALLOWED)
    told = " ".join(project.ok("drift", "--offline").split())
    assert "Somebody wants" not in told
    assert f"Run {run} wrote to nordlys after this reading" in told


def test_drift_ends_with_3_where_asked(project):
    """--exit-code ends with 3 where there is drift; without it drift is no failure."""
    assert project.run("drift") == 0
    assert project.run("drift", "--exit-code") == 3


def test_a_probability_written_differently_is_no_drift(project):
    """A stage stored as "0.10" does not differ from a process that says 0.1."""
    assert not [row for row in drifts(project) if row["stage"] == "741206631"]


def test_a_second_pull_finds_nothing_new(project):
    """What has not changed is not stored twice."""
    project.ok("pull")
    before = project.json("db", "stats")
    project.ok("pull", "--full")
    after = project.json("db", "stats")
    assert before["changes"] == after["changes"]
    assert before["accounts"][0]["visits"] == after["accounts"][0]["visits"]
    assert project.json("db", "check")["breaches"] == []


@pytest.mark.parametrize("command", ["drift", "plan", "report time-in-stage", "process list"])
def test_every_report_comes_in_three_forms(project, command):
    """Each report can be had as text, Markdown and versioned JSON."""
    project.ok("pull")
    answer = json.loads(project.ok(*command.split(), "--format", "json"))
    assert answer["version"] >= 1
    assert project.ok(*command.split(), "--format", "markdown").startswith("# ")
    assert project.ok(*command.split())


def test_deal_names_cannot_act_on_the_terminal(project):
    """No escape sequence of a stage's name reaches the terminal."""
    project.rename("74120663", "741206634", "\x1b[31mRed\x07")
    text = project.ok("drift") + project.ok("plan")
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f]", text)


def test_a_pull_answers_in_json(project):
    """pull --json says what it brought, and a second pull that it brought nothing."""
    first, second = project.json("pull"), project.json("pull")
    assert (first["report"], first["read"], second["read"]) == ("pull", "everything", "changed")
    assert first["deals_new"] > 250
    assert (second["deals_new"], second["changes_new"]) == (0, 0)
