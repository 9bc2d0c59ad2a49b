"""The quick rows of the fault table; `make faults` takes all of them."""

import pytest

from tests.faults.row import judged
from tests.faults.table import FAMILIES

QUICK = [row for rows in FAMILIES.values() for row in rows if row.quick]


@pytest.mark.parametrize("row", QUICK, ids=lambda row: row.injected)
def test_a_quick_row_meets_its_figure(row, tmp_path):
    """A real pull through this fault does what the table promises."""
    measured = row.measure(tmp_path)
    assert measured.ok, measured.seen


def test_every_name_of_a_row_is_its_own():
    """Families have rows, and no two rows of one promise the same of the same."""
    for rows in FAMILIES.values():
        told = [(row.injected, row.measure) for row in rows]
        assert len(set(told)) == len(rows) > 0


def test_what_did_not_hold_is_named():
    """A row is met only if everything held."""
    assert judged("seen", one=True, two=True) == (True, "seen")
    assert judged("seen", one=True, no_retry=False) == (False, "seen; NOT no retry")
