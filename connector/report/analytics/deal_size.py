"""The report of what won deals are worth."""

from collections.abc import Iterator

from connector.metrics.grouping import ALL
from connector.metrics.outcomes.deal_size import DealSizes, Sizes
from connector.metrics.statistics.sample_sizes import ENOUGH_TO_TELL
from connector.report.analytics.amounts import amount_notes, money
from connector.report.analytics.definitions import definitions
from connector.report.analytics.groups import group_columns, group_notes, group_rows
from connector.report.analytics.head import Head, head_facts, head_notes
from connector.report.document import (
    Block,
    Cell,
    Column,
    Count,
    Document,
    Missing,
    Note,
    Place,
    Share,
    Table,
)
from connector.report.layout import Row

_SIZES = (
    Column("won", "Won"),
    Column("with_amount", place=Place.DATA),
    Column("median", "Median"),
    Column("mean", "Mean"),
    Column("variation", "Variation"),
    Column("won_value", "Won value"),
    Column("without_amount", place=Place.DATA),
    Column("unpriced", place=Place.DATA),
)
_TURNED = (
    Column("won", "Won"),
    Column("median", "Median"),
    Column("mean", "Mean"),
    Column("before_won", "Won before"),
    Column("before_median", "Median before"),
    Column("before_mean", "Mean before"),
)
_FEW = (
    f"Medians and means take at least {ENOUGH_TO_TELL} won deals with an amount; below that there"
    " are counts only."
)
_TOO_FEW = Missing("too few")
_DEFINITIONS = (
    (
        "Median, Mean",
        "won, with an amount",
        "of the amounts as of then of deals won in the period; a missing amount is no zero",
    ),
    (
        "Variation",
        "won, with an amount",
        "standard deviation (n − 1) / mean: the smaller, the more alike deals are",
    ),
    ("Won", "won", "by the last change into a won stage; reopened deals are open"),
)


def deal_size_document(head: Head, sizes: DealSizes) -> Document:
    """What won deals are worth, by group."""
    return Document(
        name="deal-size",
        version=1,
        title="Deal size",
        facts=head_facts(head),
        blocks=(*head_notes(head), *_blocks(head, sizes)),
    )


def _blocks(head: Head, sizes: DealSizes) -> Iterator[Block]:
    by = sizes.split.by
    told = list(group_rows(head, sizes.won, by))
    yield from group_notes(head, sizes.split, sizes.won)
    rows = tuple((*who, *_sizes(head, beside.windows[0])) for who, beside in told)
    columns = group_columns(by)
    yield Table("sizes", (*columns, *_SIZES), rows, "Won in the period", "No deal was won in it.")
    if any(not beside.windows[0].amounts.tells for _, beside in told):
        yield Note(_FEW)
    yield from _missing(head, sizes)
    if sizes.beside:
        turned = tuple((*who, *_turned(head, *beside.windows)) for who, beside in told)
        yield Table("beside", (*columns, *_TURNED), turned, "Beside the other period")
    yield definitions(*_DEFINITIONS)


def _missing(head: Head, sizes: DealSizes) -> Iterator[Block]:
    all_of = [groups[ALL].windows[0] for groups in sizes.won.values()]
    without = sum(each.without_amount for each in all_of)
    yield from amount_notes(head, without, sum(each.unpriced for each in all_of))


def _sizes(head: Head, sizes: Sizes) -> Row:
    return (
        Count(sizes.decided),
        Count(len(sizes.amounts)),
        _told(head, sizes, sizes.amounts.median),
        _told(head, sizes, sizes.amounts.mean),
        None if sizes.amounts.variation is None else Share(sizes.amounts.variation),
        money(head, sizes.amounts.total),
        Count(sizes.without_amount),
        Count(sizes.unpriced),
    )


def _turned(head: Head, now: Sizes, before: Sizes) -> Row:
    return (*_plain(head, now), *_plain(head, before))


def _plain(head: Head, sizes: Sizes) -> Row:
    middle, mean = sizes.amounts.median, sizes.amounts.mean
    return Count(sizes.decided), _told(head, sizes, middle), _told(head, sizes, mean)


def _told(head: Head, sizes: Sizes, hundredths: float | None) -> Cell:
    return _TOO_FEW if hundredths is None and sizes.decided else money(head, hundredths)
