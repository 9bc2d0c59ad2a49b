"""What a night's run does for its accounts, and what its record says."""

import sqlite3
from dataclasses import replace

import pytest

from connector.config import Step
from connector.errors import NotAuthorised
from connector.jobs.nightly import _reason
from connector.model import EditStage, StageValues
from connector.store.runs import Outcome, StepRun
from tests.jobs.nights import Nights, a_job, down

EVERYTHING = "pull drift plan report apply"


@pytest.fixture
def nights(small, tmp_path):
    def nights(do: str, *auto: str, **more) -> Nights:
        return Nights(small, (a_job(do, *auto, folder=tmp_path / "reports"),), **more)

    return nights


def test_all_steps_run_in_order_and_leave_their_answers(nights, tmp_path):
    """Steps run in the order of the job; drift, plan and report are to be read in its folder."""
    night = nights(EVERYTHING, "label", "probability")
    night.pass_to(2026, 11, 22, 3, 30)
    assert night.steps() == [("small", step, "done") for step in EVERYTHING.split()]
    folder = tmp_path / "reports" / "small"
    assert {file.name for file in folder.iterdir()} == {
        "drift.md", "plan.json", "plan.md", "time-in-stage.md",
    }  # fmt: skip
    assert (folder / "drift.md").read_text("utf-8").startswith("# Drift in small")


def test_a_record_tells_requests_and_time(nights):
    """The record of a run has its date, when it was, its requests and its seconds."""
    night = nights("pull drift")
    sent = len(night.small.sandbox.requests)
    night.pass_to(2026, 11, 22, 3, 30)
    (run,) = night.rows("day, started, requests, seconds > 0, reason FROM job_runs")
    requests = len(night.small.sandbox.requests) - sent
    assert run == ("2026-11-22", "2026-11-22T02:10:00.000Z", requests, 1, None)
    assert [sum(n for (n,) in night.rows("requests FROM job_steps"))] == [requests]


def test_a_failed_pull_stops_its_account_and_no_other(nights, small):
    """What would tell of old data is skipped where the pull failed; other accounts are served."""
    other = replace(small.account, name="other")

    def connect(account, *, write=False):
        return down(account) if account is other else small.connect("READ")

    night = nights("pull drift report", connect=connect)
    job = replace(night.jobs[0], accounts=("other", "small"))
    night.jobs, night.accounts = (job,), {"other": other, "small": small.account}
    night.start()
    night.pass_to(2026, 11, 22, 3, 30)
    assert night.steps() == [
        ("other", "pull", "failed"),
        ("other", "drift", "skipped"),
        ("other", "report", "skipped"),
        ("small", "pull", "done"),
        ("small", "drift", "done"),
        ("small", "report", "done"),
    ]
    assert night.records() == [("2026-11-22", "partly")]
    assert night.reasons()[0].startswith("other: pull: HubSpot at http://127.0.0.1:1 cannot be")


def test_a_broken_process_file_stops_neither_pull_nor_report(nights, small):
    """A fault in a process file is the reason of the steps that need it; the others are done."""
    (small.folder / "mappings" / "sales.toml").write_text("version = 2\n", "utf-8")
    night = nights("pull drift report")
    night.pass_to(2026, 11, 22, 3, 30)
    assert [outcome for _, _, outcome in night.steps()] == ["done", "failed", "done"]
    assert "sales.toml:1: version: should be 1" in night.reasons()[0]


def test_a_fault_nobody_thought_of_is_a_reason_too(nights, small):
    """An error of our own making ends its step with its name, and the next job runs."""

    def connect(account, *, write=False):
        raise ZeroDivisionError("not ours")

    night = nights("pull", connect=connect)
    night.jobs = (*night.jobs, replace(night.jobs[0], name="reports", do=(Step.REPORT,)))
    night.start()
    night.pass_to(2026, 11, 22, 3, 30)
    assert night.reasons()[0] == "small: pull: ZeroDivisionError: not ours"
    assert [job for (job,) in night.rows("job FROM job_runs")] == ["nightly", "reports"]


def test_no_reason_holds_a_key(nights, small):
    """What a failed step says of a refused key does not repeat it."""
    small.portal.keys.clear()
    night = nights("pull drift")
    night.pass_to(2026, 11, 22, 3, 30)
    assert "pat-" not in night.reasons()[0]
    assert NotAuthorised.__name__ not in night.reasons()[0]
    assert "key" in night.reasons()[0]


def test_an_account_at_the_beginning_of_a_reason_is_named_once():
    """Many messages begin with their account; the record does not say it twice."""
    step = StepRun("norge", "pull", Outcome.FAILED, 0, 0.0, "norge: another run works on it")
    assert _reason([step]) == "norge: pull: another run works on it"


def label(small, stage: str = "met") -> str:
    return small.portal.stage(stage).label


def rename(small, label: str) -> None:
    now = small.portal.stage("met").label
    edit = EditStage("sales", "met", StageValues(now), StageValues(label))
    small.connect("WRITE").write(edit)


def test_a_label_is_corrected_and_a_fight_over_it_is_reported(nights, small):
    """A changed label is corrected once; turned back, it stays so and the record says it."""
    night = nights("pull drift apply", "label")
    rename(small, "First meeting")
    night.pass_to(2026, 11, 22, 3, 30)
    assert label(small) == "Met"
    assert "corrected" in night.notes("apply")[0]

    rename(small, "First meeting")
    night.pass_to(2026, 11, 23, 3, 30)
    assert label(small) == "First meeting"
    note = night.notes("apply")[1]
    assert note.startswith("nothing to correct (1 turned back by somebody) The label of")
    assert "is First meeting, though connector made it Met in run 1, 20" in note
    report = (night.jobs[0].folder / "small" / "drift.md").read_text("utf-8")
    assert "though connector made it Met in run 1" in report

    for day in range(24, 28):
        night.pass_to(2026, 11, day, 3, 30)
    assert label(small) == "First meeting"
    writes = [path for method, path in small.sandbox.requests if method == "PATCH"]
    assert len([path for path in writes if path.endswith("/met")]) == 3  # two by hand, one by us


def test_what_is_held_is_never_applied_at_night(nights, small):
    """A leap of a probability waits for a person, however many nights pass."""
    night = nights("pull apply", "label", "probability")
    small.connect("WRITE").write(
        EditStage("sales", "met", StageValues(probability=0.1), StageValues(probability=0.9))
    )
    night.pass_to(2026, 11, 23, 3, 30)
    assert small.portal.stage("met").probability == "0.9"
    assert "sales" in small.portal.pipelines


def test_applied_changes_are_in_the_journal_and_can_be_taken_back(nights, small):
    """What a night corrects stands in the journal like every other write."""
    rename(small, "First meeting")
    night = nights("pull apply", "label")
    night.pass_to(2026, 11, 22, 3, 30)
    with sqlite3.connect(small.database) as db:
        rows = db.execute("SELECT run, state, stage_id FROM corrections").fetchall()
    db.close()
    assert (1, "done", "met") in rows
