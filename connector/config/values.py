"""Single values of config.toml, checked as the file would be before they stand in one."""

from typing import Any

from pydantic import TypeAdapter, ValidationError

from connector.config.shape import (
    AccountName,
    Currency,
    LoopbackUrl,
    TimeOfDay,
    TimeZone,
)


def account_name(text: str) -> str:
    """A text that can name an account; raises ValueError with what is wrong, as all here do."""
    return _fitting(AccountName, text)


def time_of_day(text: str) -> str:
    """A text that can say when a job begins."""
    return _fitting(TimeOfDay, text)


def time_zone(text: str) -> str:
    """A text that can name an account's time zone."""
    return _fitting(TimeZone, text)


def currency(text: str) -> str:
    """A text that can name an account's currency."""
    return _fitting(Currency, text)


def loopback_url(text: str) -> str:
    """A text that can be an account's base_url."""
    return _fitting(LoopbackUrl, text)


def _fitting(kind: Any, text: str) -> str:
    try:
        return str(TypeAdapter(kind).validate_python(text))
    except ValidationError as error:
        raise ValueError(f"{text!r} {error.errors()[0]['msg']}") from None
