"""Sums of money, which there are in one currency only."""

from collections.abc import Iterator

from connector.report.analytics.head import Head
from connector.report.document import Block, Cell, Count, Missing, Money, Note, Tone, phrase

_SEVERAL = (
    "Amounts are not told: the accounts have several currencies. Name one and its rates in"
    " config.toml: home_currency and [rates]."
)
_WITHOUT = "Without an amount: {deals} of these deals. They count as deals, not in money."
_UNPRICED = (
    "In a currency without a rate: {deals} of these deals. They count as deals, not in money; name"
    " the rate under [rates] of config.toml."
)


def money(head: Head, hundredths: float | None) -> Cell:
    """An amount in the report's currency; missing where there is none, or none to sum in."""
    if hundredths is None:
        return None
    if head.scope.currency is None:
        return Missing("several currencies")
    return Money(hundredths / 100, head.scope.currency)


def amount_notes(head: Head, without_amount: int, unpriced: int) -> Iterator[Block]:
    """Which deals the sums of money leave out."""
    if head.scope.currency is None:
        yield Note(_SEVERAL, Tone.CAUTION)
    elif without_amount:
        yield Note(phrase(_WITHOUT, deals=Count(without_amount)))
    if unpriced:
        yield Note(phrase(_UNPRICED, deals=Count(unpriced)), Tone.CAUTION)
