"""The reports of time in stage and of calibration, word for word."""

import json

import pytest

from connector.metrics.privacy import Naming
from connector.report.as_json import to_json
from connector.report.as_markdown import to_markdown
from connector.report.as_text import to_text
from tests.report import stay_world

REPORTS = {
    "time-in-stage": stay_world.time_report,
    "calibration": stay_world.calibration_report,
}


@pytest.mark.parametrize("name", REPORTS)
def test_text(name, golden):
    """What people read in a terminal of 100 columns and of 80."""
    document = REPORTS[name]()
    golden(f"{name}.txt", to_text(document))
    golden(f"{name}-80.txt", to_text(document, 80))


@pytest.mark.parametrize("name", REPORTS)
def test_markdown_and_json(name, golden):
    """What tickets and programs read."""
    document = REPORTS[name]()
    golden(f"{name}.md", to_markdown(document))
    golden(f"{name}.json", to_json(document))


@pytest.mark.parametrize("name", REPORTS)
@pytest.mark.parametrize("width", [80, 100, 120])
def test_no_line_is_wider_than_the_terminal(name, width):
    """Text fits 80, 100 and 120 columns."""
    from rich.cells import cell_len

    lines = to_text(REPORTS[name](), width).splitlines()
    assert max(map(cell_len, lines)) <= width


def test_without_a_deal_nothing_is_a_number(golden):
    """A young account has counts of none, and no median, share or score."""
    for document in stay_world.empty_reports():
        text = to_text(document)
        assert " 0 %" not in text
        assert " 0.0" not in text.replace("Horizon, days", "").split("What the numbers mean")[0]
    golden("no-visits.txt", to_text(stay_world.empty_reports()[0]))


@pytest.mark.parametrize(
    ("owners", "told"), [(Naming.NAMES, "Kari Hauge"), (Naming.IDS, "7"), (Naming.OFF, None)]
)
def test_owners_are_told_as_config_allows(owners, told):
    """The owner of a stalled deal by name, by id, or not at all."""
    deal = json.loads(to_json(stay_world.private(owners)))["stalled_deals"][0]
    assert deal.get("owner") == told
    assert "Kari" not in str(deal) or owners is Naming.NAMES
