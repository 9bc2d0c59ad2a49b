"""What people and programs read, word for word."""

import subprocess
import sys
from dataclasses import replace

import pytest

from connector.reconcile.plan import Plan
from connector.report.as_json import to_json
from connector.report.as_markdown import to_markdown
from connector.report.as_text import to_text
from connector.report.drift import drift_document
from connector.report.plan import plan_document

REPORTS = {"drift": "drift_report", "plan": "plan_report"}


@pytest.mark.parametrize("name", REPORTS)
def test_text(name, request, golden):
    """Piped text is the same everywhere: 100 columns, no colour."""
    golden(f"{name}.txt", to_text(request.getfixturevalue(REPORTS[name])))


@pytest.mark.parametrize("name", REPORTS)
def test_text_in_a_narrow_terminal(name, request, golden):
    """80 columns lose no word."""
    golden(f"{name}-80.txt", to_text(request.getfixturevalue(REPORTS[name]), 80))


@pytest.mark.parametrize("name", REPORTS)
def test_markdown(name, request, golden):
    """Markdown for a ticket or a wiki."""
    golden(f"{name}.md", to_markdown(request.getfixturevalue(REPORTS[name])))


@pytest.mark.parametrize("name", REPORTS)
def test_json(name, request, golden):
    """JSON for programs, as docs/json.md describes it."""
    golden(f"{name}.json", to_json(request.getfixturevalue(REPORTS[name])))


def test_no_drift_is_said_plainly(remote, live, golden):
    """Nobody has to conclude from silence that all is well."""
    golden("no-drift.txt", to_text(drift_document((), "norge", remote, live, remote.now)))


def test_an_empty_plan(remote, live, golden):
    """Nothing to write, and nothing known of deals that were never pulled."""
    plan = Plan("norge", "1234567")
    golden("no-plan.txt", to_text(plan_document(plan, remote, live, None, "0" * 64, None, {})))


PLAN = "connector plan --account norge"


@pytest.mark.parametrize(
    ("keep", "file", "last"),
    [
        ({}, "plan.json", "Next: connector apply plan.json"),
        ({}, None, f"Next: {PLAN} -o plan.json, then connector apply plan.json"),
        ({"changes": ()}, None, f"Next: {PLAN} with the --allow options of what you want changed"),
        ({"changes": (), "held": ()}, "plan.json", "There is nothing to write."),
    ],
)
def test_the_last_line_says_what_to_do_next(plan, remote, live, keep, file, last):
    """Apply a saved plan, save an unsaved one, allow what is held, or nothing."""
    document = plan_document(replace(plan, **keep), remote, live, None, "0", None, {}, file)
    assert to_text(document).splitlines()[-1] == last


@pytest.mark.parametrize("name", REPORTS)
@pytest.mark.parametrize("width", [80, 100, 120])
def test_no_line_is_wider_than_the_terminal(name, width, request):
    """Text fits 80, 100 and 120 columns."""
    from rich.cells import cell_len

    lines = to_text(request.getfixturevalue(REPORTS[name]), width).splitlines()
    assert max(map(cell_len, lines)) <= width


def test_colour_adds_escapes_and_nothing_else(drift_report):
    """The coloured text without its colours is the plain text."""
    from rich.text import Text

    colored = to_text(drift_report, 80, color=True)
    assert "\x1b[31mstructural" in colored
    plain = [line.rstrip() for line in Text.from_ansi(colored).plain.splitlines()]
    assert plain == to_text(drift_report, 80).splitlines()


def test_importing_reports_does_not_import_rich():
    """Commands that print no text do not wait for rich."""
    code = "import sys, connector.report; sys.exit('rich' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
