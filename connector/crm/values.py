"""Texts as CRMs send them, turned into the canonical texts and instants of the model.

Every function raises ValueError, with the reason a person reads, for a text that makes no sense.
"""

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from functools import lru_cache

# Beyond this no sum of money keeps its cents in a double, and no deal is worth it.
LARGEST_AMOUNT = Decimal(10) ** 15

# A double carries 15 decimal digits faithfully; longer numbers are its binary expansion.
_DIGITS_OF_A_DOUBLE = 15

# More digits than a date without dashes has; fromisoformat takes some such numbers for dates.
_EPOCH_MILLISECONDS = re.compile(r"-?[0-9]{9,}")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


# A deal tells an amount several times: now, in its history, and in home currency.
@lru_cache(4096)
def amount(text: str) -> str:
    """A sum of money as plain decimal text, at most nine decimals and no superfluous zeros.

    CRMs send some numbers as the exact expansion of a double, such as
    "0.1000000000000000055511151231257827021181583404541015625" (HubSpot fact, 2026-11); those are
    taken back to the shortest text that means the same double.
    """
    number = _decimal(text)
    if not -LARGEST_AMOUNT < number < LARGEST_AMOUNT:
        raise ValueError("is larger than any deal")
    if len(number.as_tuple().digits) > _DIGITS_OF_A_DOUBLE:
        number = Decimal(repr(float(number)))
    plain = f"{number:.9f}".rstrip("0").rstrip(".")
    return "0" if plain == "-0" else plain


def probability(text: str) -> float:
    """A probability from 0 to 1, with at most nine decimals."""
    number = round(float(_decimal(text)), 9)
    if not 0 <= number <= 1:
        raise ValueError("is not between 0 and 1")
    return abs(number)


def instant(text: str) -> datetime:
    """An instant in UTC from ISO 8601 (a date alone is its midnight) or epoch milliseconds."""
    try:
        if text[4:5] != "-" and _EPOCH_MILLISECONDS.fullmatch(text):
            return _EPOCH + timedelta(milliseconds=int(text))
        parsed = datetime.fromisoformat(text)
        if parsed.tzinfo is UTC:
            return parsed
        aware = parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)
        return aware.astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError("is not a date") from None


def date_text(text: str) -> str:
    """A point in time as canonical text: ISO 8601 in UTC with milliseconds."""
    return instant(text).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _decimal(text: str) -> Decimal:
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise ValueError("is not a number") from None
    if not number.is_finite():
        raise ValueError("is not a number")
    return number
