"""What people read of the confidence of leads, word for word."""

from dataclasses import replace

import pytest

from connector.report.as_json import to_json
from connector.report.as_markdown import to_markdown
from connector.report.as_text import to_text
from tests.report.lead_report_world import LEADS, lead_apply, lead_plan, left

REPORTS = {"lead-plan": lead_plan, "lead-apply": lead_apply}


@pytest.mark.parametrize("name", REPORTS)
def test_words(name, golden):
    """Text, Markdown and JSON."""
    golden(f"{name}.txt", to_text(REPORTS[name]()))
    golden(f"{name}.md", to_markdown(REPORTS[name]()))
    golden(f"{name}.json", to_json(REPORTS[name]()))


@pytest.mark.parametrize("name", REPORTS)
def test_no_line_is_wider_than_the_terminal(name):
    """80 columns hold every line."""
    from rich.cells import cell_len

    assert max(map(cell_len, to_text(REPORTS[name](), 80).splitlines())) <= 80


def test_leads_no_pull_has_told_of_are_said_to_be_unknown():
    """Silence would look like leads that are as they should be."""
    assert "connector pull --account usa" in " ".join(to_text(lead_plan(None)).split())


def test_of_many_that_are_left_some_are_named_and_all_counted():
    """The saved plan has the rest."""
    many = tuple(left(f"{n}-leads", LEADS.left[0].because) for n in range(80))
    text = to_text(lead_plan(replace(LEADS, left=many)))
    assert "30 more leads are left alone" in text
    assert text.count("-leads") < 80
