"""What the comparison with other tools rests on: one spelling of values, and no difference lost."""

import pytest

from tests.peers.seen import Seen, canonical, epoch_ms
from tests.peers.tools import TOOLS, differences


@pytest.mark.parametrize(
    ("field", "spellings", "value"),
    [
        ("amount", ("1500.50", "1500.5", 1500.5), "1500.5"),
        ("amount", ("1E+3", "1000.00", 1000.0), "1000"),
        ("close_date", ("2026-01-08", "2026-01-08T01:00:00+01:00"), "2026-01-08T00:00:00.000000"),
        ("owner", ("", None), None),
    ],
)
def test_a_value_has_one_spelling(field, spellings, value):
    """However a tool writes a value, it compares equal."""
    assert {canonical(field, spelling) for spelling in spellings} == {value}


def test_what_one_alone_says_is_told():
    """A change that only one of two readings has is a difference, whichever one it is."""
    change = ("7", "amount", "1", epoch_ms("2026-01-08T00:00:00Z"))
    assert differences([change], [change]) == []
    assert differences([change], []) == [f"only ours: {change}"]
    assert differences([], [change]) == [f"only theirs: {change}"]


def test_of_two_changes_at_one_instant_the_later_one_is_newest():
    """tap-hubspot keeps the newest version alone; ties stand in the order they took effect."""
    first, second = ("7", "amount", "1", 5), ("7", "amount", "2", 5)
    blurred = TOOLS["tap_hubspot"].blurred(Seen((), (first, second)))
    assert blurred.changes == (second,)
