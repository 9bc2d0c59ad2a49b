import contextlib
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.crm import values

BINARY_TENTH = "0.1000000000000000055511151231257827021181583404541015625"
BINARY_NINE_TENTHS = "0.90000000000000002220446049250313080847263336181640625"


@pytest.mark.parametrize(
    ("sent", "canonical"),
    [
        ("1500", "1500"),
        ("1500.50", "1500.5"),
        ("0.00", "0"),
        ("-0.00", "0"),
        ("-1", "-1"),
        ("007", "7"),
        ("+5", "5"),
        (" 5 ", "5"),
        (".5", "0.5"),
        ("1E+3", "1000"),
        ("1.5e3", "1500"),
        ("0e20", "0"),
        ("999999999999999", "999999999999999"),
        ("1234567890123.45", "1234567890123.45"),
        (BINARY_TENTH, "0.1"),
        ("1234.55999999999994543031789362430572509765625", "1234.56"),
        ("0.30000000000000004", "0.3"),
        ("1e-30", "0"),
        ("-1e-999999", "0"),
    ],
)
def test_an_amount_has_one_text(sent: str, canonical: str) -> None:
    """However a CRM writes a sum of money, it comes out as the same plain decimal."""
    assert values.amount(sent) == canonical


@pytest.mark.parametrize(
    ("sent", "reason"),
    [
        ("", "not a number"),
        ("1 234,5", "not a number"),
        ("1,234.5", "not a number"),
        ("12 NOK", "not a number"),
        ("0x10", "not a number"),
        ("NaN", "not a number"),
        ("sNaN", "not a number"),
        ("Infinity", "not a number"),
        ("-inf", "not a number"),
        ("1\x00", "not a number"),
        ("1e15", "larger than any deal"),
        ("-1e15", "larger than any deal"),
        ("1e30", "larger than any deal"),
        ("1e9999999", "larger than any deal"),
        ("9" * 10_000, "larger than any deal"),
    ],
)
def test_what_is_no_amount_is_refused_with_its_reason(sent: str, reason: str) -> None:
    """A text that is no sum of money raises ValueError and says why."""
    with pytest.raises(ValueError, match=reason):
        values.amount(sent)


@given(st.decimals(min_value=-(10**12), max_value=10**12, places=2))
def test_an_amount_keeps_its_cents(sum_of_money: Decimal) -> None:
    """Any sum with cents means the same after a round trip, which changes nothing twice."""
    text = values.amount(str(sum_of_money))
    assert Decimal(text) == sum_of_money
    assert values.amount(text) == text


@given(st.integers(min_value=-(10**14), max_value=10**14))
def test_the_binary_expansion_of_an_amount_is_the_amount(cents: int) -> None:
    """A sum sent as the exact expansion of its double is the sum that double stands for."""
    as_double = cents / 100
    assert float(values.amount(str(Decimal(as_double)))) == as_double


@pytest.mark.parametrize(
    ("sent", "number"),
    [
        ("0.10", 0.1),
        ("1", 1.0),
        ("1.0", 1.0),
        ("0", 0.0),
        ("1e-1", 0.1),
        (BINARY_TENTH, 0.1),
        (BINARY_NINE_TENTHS, 0.9),
        ("0.15", 0.15),
        ("0.0000000004", 0.0),
    ],
)
def test_a_probability_is_read_as_a_number(sent: str, number: float) -> None:
    """However a CRM writes a probability, equal ones compare equal."""
    assert values.probability(sent) == number


def test_a_probability_of_minus_zero_is_zero() -> None:
    """No sign is left on a probability of nothing, which people would see."""
    assert repr(values.probability("-0.0")) == "0.0"


@pytest.mark.parametrize(
    "sent", ["", "None", "-0.1", "1.01", "20", "1e999999", "NaN", "Infinity", "20 %", "0,2"]
)
def test_what_is_no_probability_is_refused(sent: str) -> None:
    """A text that is no number from 0 to 1 raises ValueError."""
    with pytest.raises(ValueError, match=r"not a number|not between 0 and 1"):
        values.probability(sent)


@pytest.mark.parametrize(
    ("sent", "canonical"),
    [
        ("2026-11-21T10:00:00Z", "2026-11-21T10:00:00.000Z"),
        ("2026-11-21T10:00:00.123Z", "2026-11-21T10:00:00.123Z"),
        ("2026-11-21T10:00:00.123456Z", "2026-11-21T10:00:00.123Z"),
        ("2026-11-21T10:00:00+02:00", "2026-11-21T08:00:00.000Z"),
        ("2026-11-21T10:00:00", "2026-11-21T10:00:00.000Z"),
        ("2026-11-21", "2026-11-21T00:00:00.000Z"),
        ("20261121", "2026-11-21T00:00:00.000Z"),
        ("1795255200000", "2026-11-21T10:00:00.000Z"),
        ("-1000000000", "1969-12-20T10:13:20.000Z"),
        ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00.000Z"),
        ("9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59.999Z"),
    ],
)
def test_an_instant_has_one_text(sent: str, canonical: str) -> None:
    """However a CRM writes a point in time, it comes out as ISO 8601 in UTC."""
    assert values.date_text(sent) == canonical


@pytest.mark.parametrize(
    "sent",
    [
        "",
        "0",
        "soon",
        "2026-13-01",
        "2026-02-30",
        "99999-01-01",
        "99999-01-01T00:00:00Z",
        "3093527980800000",
        "253402300800000",
        "-999999999999999",
        "9999-12-31T23:59:59-01:00",
        "0001-01-01T00:00:00+01:00",
        "--123456789",
        "²²²²²²²²²",
        "1" * 5000,
    ],
)
def test_what_is_no_instant_is_refused(sent: str) -> None:
    """A text that is no point in time of the calendar raises ValueError, never OverflowError."""
    with pytest.raises(ValueError, match="is not a date"):
        values.instant(sent)


@given(st.datetimes(timezones=st.just(UTC)))
def test_an_instant_survives_a_round_trip(exact: datetime) -> None:
    """An instant of whole milliseconds is the same after it was written and read."""
    at = exact.replace(microsecond=exact.microsecond // 1000 * 1000)
    assert values.instant(values.date_text(at.isoformat())) == at


@given(st.text())
@pytest.mark.parametrize("read", [values.amount, values.probability, values.date_text])
def test_no_text_breaks_a_reader(read: Callable[[str], object], text: str) -> None:
    """Whatever stands in a property, a reader returns a value or raises ValueError."""
    with contextlib.suppress(ValueError):
        read(text)
