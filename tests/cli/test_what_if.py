"""plan --what-if: what another probability would move, with nothing written anywhere."""

import sqlite3

import pytest

STAGE = "meeting-booked"


def test_a_supposed_probability_moves_the_weighted_pipeline(project):
    """The difference is the amount in the stage times the difference of the probabilities."""
    project.ok("pull")
    (half,) = project.json("plan", "--what-if", f"{STAGE}=0.5")["weighted_pipeline"]
    (less,) = project.json("plan", "--what-if", f"{STAGE}=0.1")["weighted_pipeline"]
    lying = sum(row["amount"] for row in _standing(project))
    moved = half["after"]["amount"] - less["after"]["amount"]
    assert moved == pytest.approx(0.4 * lying)
    assert half["before"] == less["before"]


def test_a_supposition_is_written_nowhere(project):
    """No request changes a pipeline, no run is journalled, and the process files stay."""
    project.ok("pull")
    files = {file: file.read_bytes() for file in project.folder.glob("mappings/*.toml")}
    plan = project.json("plan")
    project.ok("plan", "--what-if", f"{STAGE}=0.9")
    assert project.writes() == []
    assert {file: file.read_bytes() for file in files} == files
    assert project.json("plan")["fingerprint"] == plan["fingerprint"]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["--what-if", "meeting-boked=0.4"], "meeting-booked"),
        (["--what-if", "won=0.4"], "no open stage"),
        (["--what-if", "meeting-booked=40"], "between 0 and 1"),
        (["--what-if", "meeting-booked"], "between 0 and 1"),
        (["--what-if", "meeting-booked=0.4", "-o", "plan.json"], "goes alone"),
    ],
)
def test_a_supposition_that_cannot_be_is_refused(project, given, said):
    """A wrong stage, a number that is no open probability, or a file for it, is an error."""
    assert project.run("plan", *given) in (1, 2)
    assert said in project.err


def _standing(project):
    """The live deals in the stage that stands for it, with their amounts in home currency."""
    with sqlite3.connect(project.path("connector.db")) as db:
        rows = db.execute(
            "SELECT CAST(COALESCE(d.home_amount, 0) AS REAL) FROM deals d"
            " JOIN stages s ON s.id = d.stage"
            " WHERE s.remote = 'appointmentscheduled' AND d.gone_at IS NULL"
        ).fetchall()
    return [{"amount": amount} for (amount,) in rows]
