"""The quick rows of the fault table; `make faults` takes all of them."""

import pytest

from tests.faults.row import judged
from tests.faults.table import ROWS

QUICK = [
    pytest.param(row, crm, id=f"{row.injected}, {crm.name}")
    for row in ROWS
    if row.quick
    for crm in row.crms
]


@pytest.mark.parametrize(("row", "crm"), QUICK)
def test_a_quick_row_meets_its_figure(row, crm, tmp_path):
    """A real pull through this fault does what the table promises."""
    measured = row.measure(tmp_path, crm)
    assert measured.ok, measured.seen


def test_every_row_has_a_name_of_its_own():
    """A row can be told, and run alone, by what it injects."""
    assert len({row.injected for row in ROWS}) == len(ROWS)


def test_what_did_not_hold_is_named():
    """A row is met only if everything held."""
    assert judged("seen", one=True, two=True) == (True, "seen")
    assert judged("seen", one=True, no_retry=False) == (False, "seen; NOT no retry")
