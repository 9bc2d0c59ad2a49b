"""Which runs are taken back together."""

import pytest

from connector.model import EditStage, SetConfidence, StageValues
from connector.reconcile.continued import Past, carried_on

TEMPORARY = "B (connector: renaming)"


def run(plan: str, *labels: tuple[str, str]) -> Past:
    """A run of a plan that gave stage "a" one label after another."""
    changes = (EditStage("sales", "a", StageValues(old), StageValues(new)) for old, new in labels)
    return Past(plan, tuple(changes))


FIRST = run("one", ("A", TEMPORARY))
WHOLE = run("one", ("A", TEMPORARY), (TEMPORARY, "B"))


@pytest.mark.parametrize(
    ("runs", "together"),
    [
        ((run("one", ("A", "B")), run("two", ("B", "C"))), (1,)),
        ((FIRST, run("one", (TEMPORARY, "B"))), (0, 1)),
        ((FIRST, run("two", (TEMPORARY, "B"))), (0, 1)),
        ((FIRST, run("two", (TEMPORARY, TEMPORARY)), run("three", (TEMPORARY, "B"))), (0, 1, 2)),
        # A ring that was opened and closed in one run began from no temporary label.
        ((WHOLE, run("two", ("A", TEMPORARY), (TEMPORARY, "B"))), (1,)),
        # What somebody took back in between is not part of it.
        ((WHOLE, run("back", ("B", "A")), WHOLE), (0, 2)),
    ],
)
def test_a_run_takes_those_it_carried_on_with_it(
    runs: tuple[Past, ...], together: tuple[int, ...]
) -> None:
    """Runs of one plan belong together, and so do a temporary label and what ended it."""
    changes = tuple(change for n in together for change in runs[n].changes)
    assert carried_on(runs).changes == changes


def test_the_leads_of_runs_of_one_plan_go_together() -> None:
    """A plan of leads that was killed and carried on is taken back as one."""
    leads = [SetConfidence(f"{n}-leads", "sales", "a", 42, 60) for n in range(3)]
    runs = [Past("one", (), (lead,)) for lead in leads]
    runs[1] = Past("two", (), (leads[1],))
    assert carried_on(runs).leads == (leads[0], leads[2])
