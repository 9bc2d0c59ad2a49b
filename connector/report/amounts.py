"""Sums of money, which there are in one currency only."""

from connector.report.document import Cell, Missing, Money
from connector.report.head import Head

SEVERAL = (
    "Amounts are not told: accounts have several currencies. Name one and its rates in config.toml:"
    " home_currency and [rates]."
)


def money(head: Head, hundredths: float | None) -> Cell:
    """An amount in the report's currency; missing where there is none, or none to sum in."""
    if hundredths is None:
        return None
    if head.scope.currency is None:
        return Missing("several currencies")
    return Money(hundredths / 100, head.scope.currency)
