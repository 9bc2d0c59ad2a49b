import json
from dataclasses import replace
from pathlib import Path

import pytest


def apply(project):
    """Plan and apply; returns the run's number."""
    plan = Path(project.path("plan.json"))
    project.ok("plan", "-o", str(plan))
    mark = json.loads(plan.read_text("utf-8"))["fingerprint"]
    return project.json("apply", str(plan), "--confirm", mark)["run"]


def test_history_reaches_back_to_before_the_first_pull(project):
    """The first pull learns what people did years ago, by name, and it is told newest first."""
    project.ok("pull")
    edits = project.json("history")["edits"]
    instants = [edit["at"] for edit in edits]
    assert instants == sorted(instants, reverse=True)
    assert {edit["by_name"] for edit in edits} == {"Ingrid Solheim", "Åsa Lindqvist", None}
    assert [e["from"] for e in edits if e["stage"] == "closedwon" and e["kind"] == "label"] == [
        "Closed Won"
    ]


def test_history_of_one_pipeline_by_its_label(project):
    """PIPELINE is an id or a label; an unknown one ends with 1 and names those there are."""
    project.ok("pull")
    by_label = project.json("history", "nøkkelkunder")
    assert by_label == project.json("history", "74120663")
    assert {edit["pipeline"] for edit in by_label["edits"]} == {"74120663"}
    assert project.run("history", "Nobody's") == 1
    assert "Nysalg" in project.err


def test_history_at_an_instant_shows_the_pipeline_as_it_was(project):
    """Two years ago the default pipeline still had the labels HubSpot gave it."""
    project.ok("pull")
    first = project.json("history", "default")["edits"][-1]
    then = project.json("history", "default", "--at", first["at"][:11] + "23:59:59.999")
    assert [row["stage_label"] for row in then["stages"]] == first["to"]
    assert then["stages"][-1] | {"at": None, "when": None} == then["stages"][-1] | {
        "at": None,
        "when": None,
        "stage": "closedlost",
        "probability": 0.8,
        "outcome": "lost",
    }
    assert project.json("history", "default", "--at", "2001-01-01")["stages"] == []


@pytest.mark.parametrize("arguments", [(), ("--at", "2026-06-01")])
def test_history_comes_in_three_forms(project, arguments):
    """Text, Markdown and versioned JSON."""
    project.ok("pull")
    assert json.loads(project.ok("history", *arguments, "--format", "json"))["version"] == 1
    assert project.ok("history", *arguments, "--format", "markdown").startswith("# ")
    assert "Nysalg" in project.ok("history", *arguments)


def test_history_before_any_pull_says_what_to_do(project):
    """Nothing is known before the first pull, and the message names the command."""
    assert project.run("history") == 1
    assert "connector pull" in project.err


def test_drift_names_who_when_and_us(project):
    """A drift shows the hand of the edit, ours by its run, and says so when nothing is known."""
    before = project.json("drift")["drifts"]
    assert {(row["changed"], row["changed_at"]) for row in before} == {(None, None)}
    project.ok("pull")
    named = {row["id"]: row for row in project.json("drift")["drifts"]}
    label = named["nordlys:default/closedwon/label"]
    assert (label["changed_by_name"], label["changed_known"]) == ("Ingrid Solheim", "exact")
    run = apply(project)
    file = project.folder / "mappings" / "key-account.toml"
    text = file.read_text("utf-8")
    assert "probability = 0.3\n" in text
    file.write_text(text.replace("probability = 0.3\n", "probability = 0.35\n"), "utf-8")
    project.ok("pull")
    text = project.ok("drift")
    assert f"by connector, run {run}" in text
    ours = {row["run"] for row in project.json("history")["edits"]}
    assert run in ours


def test_a_hostile_trail_cannot_act_on_the_terminal(project):
    """No escape sequence of a label long gone, or of a user's id, reaches the terminal."""
    trail = project.portal.audit["default"]
    raw = json.loads(trail[0].raw)
    raw["stages"][0]["label"] = "\x1b[31mRed\x07 | `x` <b>"
    trail[0] = replace(trail[0], raw=json.dumps(raw))
    trail[1] = replace(trail[1], user_id="\x1b]0;x\x07")
    project.ok("pull")
    for arguments in (("history",), ("history", "--at", "2024-01-15"), ("drift",)):
        assert "\x1b" not in project.ok(*arguments)
        assert "\x07" not in project.ok(*arguments, "--format", "markdown")
