"""Texts as CRMs send them, turned into the canonical texts and instants of the model.

Every function raises ValueError, with the reason a person reads, for a text that makes no sense.
"""

from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation

# Beyond this no sum of money keeps its cents in a double, and no deal is worth it.
LARGEST_AMOUNT = Decimal(10) ** 15

# A double carries 15 decimal digits faithfully; longer numbers are its binary expansion.
_DIGITS_OF_A_DOUBLE = 15


def amount(text: str) -> str:
    """A sum of money as plain decimal text without superfluous zeros.

    CRMs send some numbers as the exact expansion of a double, such as
    "0.1000000000000000055511151231257827021181583404541015625" (HubSpot fact, 2026-11); those are
    taken back to the shortest text that means the same double.
    """
    number = _decimal(text)
    if abs(number) >= LARGEST_AMOUNT:
        raise ValueError("is larger than any deal")
    if len(number.as_tuple().digits) > _DIGITS_OF_A_DOUBLE:
        number = Decimal(repr(float(number)))
    plain = f"{number:f}"
    return plain.rstrip("0").rstrip(".") if "." in plain else plain


def probability(text: str) -> float:
    """A probability from 0 to 1, with at most nine decimals."""
    number = round(float(_decimal(text)), 9)
    if not 0 <= number <= 1:
        raise ValueError("is not between 0 and 1")
    return number


def instant(text: str) -> datetime:
    """An instant in UTC from ISO 8601 (a date alone is its midnight) or epoch milliseconds."""
    if text.lstrip("-").isdigit() and len(text) > len("20260101"):
        return _EPOCH + _milliseconds(int(text))
    try:
        parsed = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError("is not a date") from None
    aware = parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)
    return aware.astimezone(UTC)


def date_text(text: str) -> str:
    """A point in time as canonical text: ISO 8601 in UTC with milliseconds."""
    return instant(text).isoformat(timespec="milliseconds").replace("+00:00", "Z")


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _milliseconds(count: int) -> timedelta:
    try:
        return timedelta(milliseconds=count)
    except OverflowError:
        raise ValueError("is not a date") from None


def _decimal(text: str) -> Decimal:
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise ValueError("is not a number") from None
    if not number.is_finite():
        raise ValueError("is not a number")
    return number
