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


@pytest.mark.parametrize(
    ("privacy", "named"),
    [
        ('owners = "names"\nminimum_group = 1', True),
        ('owners = "ids"\nminimum_group = 1', False),
        ('owners = "off"\nminimum_group = 1', None),
        ("minimum_group = 10000", None),
    ],
)
def test_plans_tell_of_people_only_as_far_as_they_may(project, privacy, named):
    """[privacy] holds for the weighted pipeline by owner too, in plans and in suppositions."""
    config = project.folder / "config.toml"
    config.write_text(f"{config.read_text('utf-8')}\n[privacy]\n{privacy}\n", encoding="utf-8")
    project.ok("pull")
    for command in (("plan",), ("plan", "--what-if", f"{STAGE}=0.5")):
        owners = project.json(*command)["weighted_by_owner"]
        if named is None:
            assert owners == []
        else:
            assert owners or command == ("plan",)
            assert all((row["owner_name"] != row["owner"]) is named for row in owners)


def _standing(project):
    """The live deals in the stage that stands for it, with their amounts in home currency."""
    with sqlite3.connect(project.path("connector.db")) as db:
        rows = db.execute(
            "SELECT CAST(COALESCE(d.home_amount, 0) AS REAL) FROM deals d"
            " JOIN stages s ON s.id = d.stage"
            " WHERE s.remote = 'appointmentscheduled' AND d.gone_at IS NULL"
        ).fetchall()
    return [{"amount": amount} for (amount,) in rows]
