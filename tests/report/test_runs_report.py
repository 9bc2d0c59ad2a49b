"""What people read of runs, jobs and fights, word for word."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from connector.reconcile.drift import DriftKind
from connector.reconcile.fights import Fight
from connector.reconcile.origin import Origin, Origins
from connector.report.as_json import to_json
from connector.report.as_markdown import to_markdown
from connector.report.as_text import to_text
from connector.report.cells import shown
from connector.report.document import Tone
from connector.report.fights import fight_notes
from connector.report.runs import jobs_document

NIGHT = datetime(2026, 11, 21, 2, 10, tzinfo=UTC)


@pytest.mark.parametrize("name", ["run", "jobs"])
def test_words(name, request, golden):
    """Text, Markdown and JSON of both reports are as people have approved of."""
    report = request.getfixturevalue(f"{name}_report")
    golden(f"{name}.txt", to_text(report))
    golden(f"{name}.md", to_markdown(report))
    golden(f"{name}.json", to_json(report))


@pytest.mark.parametrize("width", [80, 100])
def test_no_line_is_wider_than_the_terminal(jobs_report, width):
    """The jobs fit a terminal of 80 columns."""
    assert max(map(len, to_text(jobs_report, width).splitlines())) <= width


def test_jobs_without_a_scheduler_say_how_to_start_one():
    """Where there never was a sign of life, the report says what to do."""
    text = to_text(jobs_document((), None, alive=False, zone="Europe/Oslo"))
    assert text.splitlines()[-1].startswith("No scheduler runs.")


@pytest.mark.parametrize(
    ("times", "settled", "expected"),
    [
        (
            1,
            True,
            "The label of Appointment Scheduled is Appointment Scheduled, though connector made it"
            " Møte avtalt in run 3, 2026-11-21 03:10 Europe/Oslo. Somebody wants it otherwise,",
        ),
        (3, True, "made it Møte avtalt 3 times, the last time in run 3, 2026-11-21 03:10"),
        (1, False, "connector sent Møte avtalt in run 3, 2026-11-21 03:10 Europe/Oslo and never"),
    ],
)
def test_a_fight_is_told_with_both_sides(drifts, times, settled, expected):
    """Whoever reads of a fight learns both values, when connector wrote its own, and what to do."""
    fight = Fight(drifts[DriftKind.LABEL], 3, NIGHT, times, settled)
    (note,) = fight_notes([fight], "Europe/Oslo")
    assert expected in shown(note.text)
    assert note.tone is Tone.CAUTION


@pytest.mark.parametrize(
    ("origin", "hand"),
    [
        (Origin(NIGHT, by="7"), "Kari Berg wants it otherwise"),
        (Origin(NIGHT, by="8"), "user 8 wants it otherwise"),
        (Origin(NIGHT), "Somebody wants it otherwise"),
        (Origin(NIGHT, by="7", run=4), "Somebody wants it otherwise"),
    ],
)
def test_a_fight_says_with_whom(drifts, origin, hand):
    """Whoever made the live value is named, but never connector's own hand."""
    drift = drifts[DriftKind.LABEL]
    origins = Origins({drift.id: origin}, {"7": "Kari Berg"})
    (note,) = fight_notes([Fight(drift, 3, NIGHT, 1, True)], "Europe/Oslo", origins)
    assert hand in shown(note.text)


def test_instants_are_told_on_the_clocks_of_the_job(jobs_report):
    """Each job's times are those of its own zone."""
    local = (NIGHT + timedelta(days=1)).astimezone(ZoneInfo("Europe/Stockholm"))
    assert f"{local:%Y-%m-%d %H:%M} Europe/Stockholm" in to_text(jobs_report)
