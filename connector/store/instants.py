"""Instants in the database are whole milliseconds since 1970 in UTC."""

from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)


def to_ms(instant: datetime) -> int:
    """The instant in milliseconds; what is finer is cut off."""
    return (instant - EPOCH) // MILLISECOND


def from_ms(ms: int) -> datetime:
    """The instant of a number of milliseconds."""
    return EPOCH + ms * MILLISECOND


def optional_ms(instant: datetime | None) -> int | None:
    """The instant in milliseconds, where there is one."""
    return None if instant is None else to_ms(instant)


def optional_instant(ms: int | None) -> datetime | None:
    """The instant of a number of milliseconds, where there is one."""
    return None if ms is None else from_ms(ms)
