"""How reports tell where deals go from a stage, and how soon."""

from collections.abc import Iterator, Sequence

from connector.metrics.flow.route import Ending
from connector.metrics.stages.exits import StageExits
from connector.metrics.statistics.aalen_johansen import Estimate
from connector.report.analytics.head import Head
from connector.report.analytics.stage_columns import STAGE, stage_cells
from connector.report.document import (
    Cell,
    Column,
    Count,
    Days,
    Interval,
    Missing,
    Place,
    Share,
    Table,
    Term,
)
from connector.report.layout import Row

_EXITS = (
    Column("way", "Goes"),
    Column("left", "Visits"),
    Column("by_horizon", "By the horizon"),
    Column("by_horizon_interval", "95 % interval"),
    Column("at_last", "At all"),
    Column("at_last_interval", place=Place.DATA),
    Column("followed", place=Place.DATA),
)
_WAYS = {
    Ending.ADVANCED: Term("next", "to the next"),
    Ending.SKIPPED: Term("skip", "skipping some"),
    Ending.BACK: Term("back", "back"),
    Ending.WON: Term("won", "won"),
    Ending.LOST: Term("lost", "lost"),
    Ending.LEFT: Term("left", "elsewhere"),
}
_NOT_KNOWN = Missing("not known")
EXITS_DEFINITION: Row = (
    "Goes …",
    "Stays",
    "Aalen–Johansen: the share of visits that end this way while the other ways compete, by the"
    " horizon and by the longest visit; visits not ended are cut off; interval log-log, Aalen's"
    " variance",
)


def exits_table(head: Head, stages: Sequence[StageExits]) -> Table:
    """The ways that visits took out of every stage that enough of them have left."""
    rows = tuple(row for stage in stages for row in _rows(head, stage))
    return Table("exits", (*STAGE, *_EXITS), rows, "Where deals go", "Too few visits have ended.")


def _rows(head: Head, stage: StageExits) -> Iterator[Row]:
    for each in stage.exits:
        if each.visits:
            yield (
                *stage_cells(head, stage),
                _WAYS[each.way],
                Count(each.visits),
                *_estimate(each.by_horizon),
                *_estimate(each.at_last),
                Days(stage.last),
            )


def _estimate(known: Estimate | None) -> tuple[Cell, Cell]:
    if known is None:
        return _NOT_KNOWN, None
    ends = known.interval
    return Share(known.share), Interval(Share(ends.low), Share(ends.high)) if ends else None
