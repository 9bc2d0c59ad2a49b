"""Our times in stage against those a CRM tells, on the edges of what counts as agreeing."""

from types import SimpleNamespace

import pytest

from connector.crm.nutshell.stage_times import StageTime, StageTimes
from connector.jobs.stage_times import differences, disagreements
from connector.store.sample import Stayed

HOUR, DAY = 3600.0, 86_400.0
STAYS = (
    Stayed("1-leads", "Pumps", "101-stages", "Qualify", 3 * DAY),
    Stayed("1-leads", "Pumps", "105-stages", "Demo", 2 * DAY),
    Stayed("1-leads", "Pumps", "101-stages", "Qualify", 1 * DAY),
)


def told(stage, seconds, unit=1.0):
    return StageTimes("1-leads", (StageTime(stage, seconds, unit),))


@pytest.mark.parametrize(
    "times",
    [
        told("101-stages", 4 * DAY),
        told("101-stages", 1 * DAY),
        told("101-stages", 4 * DAY + 90),
        told("101-stages", 5 * DAY, unit=DAY),
        told("109-stages", 0.0),
    ],
)
def test_what_agrees(times):
    """All stays summed or the last one, to a unit and a moment; never visited is no time."""
    assert list(differences(STAYS, times)) == []


@pytest.mark.parametrize(
    ("times", "words"),
    [
        (told("101-stages", 6 * DAY), "Qualify for 4.0 days by its history, and for 6.0 days"),
        (told("101-stages", 4 * DAY + HOUR), "Qualify for 4.0 days"),
        (told("109-stages", DAY), "109-stages for 0.0 days by its history, and for 1.0 days"),
    ],
)
def test_what_differs_names_lead_and_stage(times, words):
    """One line for each stage that differs, with both times."""
    (line,) = differences(STAYS, times)
    assert line.startswith(f"Pumps (1-leads) was in {words}")


def test_a_crm_that_does_not_tell_is_left_alone():
    """No capability, no line, and no look into the database."""
    assert list(disagreements(SimpleNamespace(), None, None)) == []
