"""The report of how long deals stay in each stage."""

from collections.abc import Iterator, Sequence

from connector.metrics.stages.stays import Reading
from connector.metrics.stages.time_in_stage import Estimate, LeftOut, StageTimes, TimeInStage, Why
from connector.metrics.statistics.sample_sizes import ENOUGH_TO_TELL
from connector.report.analytics.definitions import definitions
from connector.report.analytics.head import Head, head_facts, head_notes
from connector.report.analytics.stage_columns import STAGE, stage_cells
from connector.report.analytics.stage_exits import EXITS_DEFINITION, exits_table
from connector.report.analytics.stalled import STALLED_DEFINITION, deals_table, stalled_table
from connector.report.document import (
    Block,
    Cell,
    Column,
    Count,
    CrmText,
    Days,
    Document,
    Fact,
    Interval,
    Items,
    Missing,
    Note,
    Place,
    Share,
    Table,
    Term,
)
from connector.report.layout import Row

_READINGS = {
    Reading.VISIT: Term("visit", "each visit by itself"),
    Reading.CUMULATIVE: Term("cumulative", "all visits of a deal summed"),
    Reading.LATEST: Term("latest", "a deal's latest completed visit"),
    Reading.FIRST_PASS: Term("first-pass", "a deal's first visit"),
}
_BINNED = "Lengths were counted in hours: each is off by at most half an hour, 0.02 days."
_FEW = (
    f"A stage that fewer than {ENOUGH_TO_TELL} stays have ended in shows counts only: too few to"
    " say anything about time."
)
_NO_STAGE = "No stage was open then."
_TOO_FEW = Missing("–")
_NOT_REACHED = Missing("not known")

_MEDIANS = (
    Column("stays", "Stays"),
    Column("left", "Left"),
    Column("open", "Still there"),
    Column("median", "Median"),
    Column("median_interval", "95 % interval"),
    Column("naive_median", "Naive median"),
    Column("naive_mean", "Naive mean"),
)
_SPREAD = (
    Column("stays", "Stays"),
    Column("quarter", "25 % left by"),
    Column("three_quarters", "75 % left by"),
    Column("restricted_mean", "Mean up to horizon"),
    Column("beyond", "Stay beyond horizon"),
    Column("beyond_interval", "95 % interval"),
    Column("longest", "Longest stay"),
)
_PASSING = (
    Column("visits", "Visits"),
    Column("pass_throughs", "Under 60 s"),
    Column("again", "Came back"),
)
_COMPARED = (
    Column("stays", "Stays"),
    Column("median", "Median"),
    Column("median_interval", "95 % interval"),
    Column("before_stays", "Stays before"),
    Column("before_median", "Median before"),
    Column("before_interval", "95 % interval"),
)
_LEFT_OUT = (
    Column("account", place=Place.DATA),
    Column("pipeline_label", place=Place.HEADING),
    Column("stage_label", "Stage"),
    Column("visits", "Visits"),
    Column("because", "Because"),
)
_BECAUSE = {
    Why.WON: Term("won", "the CRM counts the stage as won"),
    Why.LOST: Term("lost", "the CRM counts the stage as lost"),
    Why.UNMAPPED: Term("unmapped", "no open stage of the process is bound to it"),
    Why.GONE: Term("gone", "the stage, or its pipeline, was not there"),
}
_DEFINITIONS = (
    (
        "Stays",
        None,
        "visit: a deal's unbroken time in the stage, passing through included; cumulative: all its"
        " visits summed; latest: its last visit that ended; first pass: its first visit; summed and"
        " first ones are cut off while the deal sits in the stage",
    ),
    (
        "Median, 25 %, 75 %",
        "Stays",
        "Kaplan–Meier: stays not ended, or of deals archived or merged, count as longer than they"
        " are so far; 95 % interval by log-log Greenwood; > is the longest stay, where not reached",
    ),
    (
        "Mean up to horizon",
        "Stays",
        "the area under the Kaplan–Meier curve up to the horizon: the mean of stays cut there",
    ),
    ("Stay beyond horizon", "Stays", "the Kaplan–Meier curve at the horizon"),
    ("Naive median, mean", "Left", "of the stays that ended; too short while many have not"),
    (
        "Under 60 s",
        "Visits",
        "visits that ended within a minute; they count in every other number too",
    ),
    ("Came back", "Visits", "visits of deals that had been in the stage before"),
)


def time_in_stage_document(head: Head, times: StageTimes) -> Document:
    """Time in stage as of an instant, the stages in the order of their funnels."""
    readings = tuple(dict.fromkeys(row.reading for row in times.rows))
    return Document(
        name="time-in-stage",
        version=2,
        title="Time in stage",
        facts=(
            *head_facts(head),
            Fact("readings", "Reading", Items(tuple(_READINGS[each] for each in readings))),
            Fact("horizon", "Horizon, days", Days(times.horizon)),
        ),
        blocks=(*head_notes(head), *_blocks(head, times)),
    )


def _blocks(head: Head, times: StageTimes) -> Iterator[Block]:
    yield _table(head, times.rows, "medians", _MEDIANS, "How long deals stay, in days")
    if any(row.naive is None for row in times.rows):
        yield Note(_FEW)
    if times.binned:
        yield Note(_BINNED)
    if times.before:
        yield _compared(head, times)
    yield stalled_table(head, times.stalled)
    if times.deals:
        yield deals_table(head, times.deals)
    told = tuple(row for row in times.rows if row.estimate)
    yield _table(head, told, "spread", _SPREAD, "Spread, in days")
    if times.exits:
        yield exits_table(head, times.exits)
    yield _passing(head, times)
    if times.left_out:
        rows = tuple(map(_left_out, times.left_out))
        yield Table("left_out", _LEFT_OUT, rows, "Visits left out")
    exits = (EXITS_DEFINITION,) if times.exits else ()
    yield definitions(*_DEFINITIONS, STALLED_DEFINITION, *exits)


def _table(
    head: Head, rows: Sequence[TimeInStage], name: str, columns: tuple[Column, ...], title: str
) -> Table:
    """A table of these columns; readings are told apart where there are several."""
    several = len({row.reading for row in rows}) > 1
    reading = Column("reading", place=Place.HEADING if several else Place.DATA)
    filled = tuple(
        (*stage_cells(head, row), _READINGS[row.reading], *_cells(row, columns)) for row in rows
    )
    return Table(name, (*STAGE, reading, *columns), filled, title, _NO_STAGE)


def _cells(row: TimeInStage, columns: Sequence[Column]) -> Row:
    known: dict[str, Cell] = {
        "stays": Count(row.stays),
        "left": Count(row.exits),
        "open": Count(row.still_open),
        "longest": Days(row.longest),
    }
    if row.naive:
        known |= {"naive_median": Days(row.naive.median), "naive_mean": Days(row.naive.mean)}
    if row.estimate:
        known |= _estimated(row.estimate, row)
    return tuple(known.get(column.key, _TOO_FEW) for column in columns)


def _estimated(estimate: Estimate, row: TimeInStage) -> dict[str, Cell]:
    beyond, mean = estimate.beyond, estimate.restricted_mean
    low = estimate.median_low
    return {
        "quarter": _reached(estimate.quarter, row),
        "median": _reached(estimate.median, row),
        "median_interval": None
        if low is None
        else Interval(Days(low), _reached(estimate.median_high, row)),
        "three_quarters": _reached(estimate.three_quarters, row),
        "restricted_mean": _NOT_REACHED if mean is None else Days(mean),
        "beyond": Share(beyond.share) if beyond else _NOT_REACHED,
        "beyond_interval": Interval(Share(beyond.low), Share(beyond.high)) if beyond else None,
    }


def _reached(seconds: float | None, row: TimeInStage) -> Days:
    """A length, or where it lies beyond every stay, that it is longer than the longest."""
    return Days(row.longest, more_than=True) if seconds is None else Days(seconds)


def _passing(head: Head, times: StageTimes) -> Table:
    rows = tuple(
        (
            *stage_cells(head, row),
            Count(row.stays),
            Count(row.pass_throughs),
            Count(times.returns.get((row.funnel, row.step), 0)),
        )
        for row in times.rows
        if row.reading is Reading.VISIT
    )
    return Table("passing", (*STAGE, *_PASSING), rows, "Visits in passing, and returns")


def _compared(head: Head, times: StageTimes) -> Table:
    now = {(row.funnel, row.step): row for row in times.rows if row.reading is Reading.VISIT}
    rows = tuple(
        (
            *stage_cells(head, before),
            *_cells(now[before.funnel, before.step], _COMPARED[:3]),
            *_cells(before, _COMPARED[:3]),
        )
        for before in times.before
        if now
    )
    return Table("beside", (*STAGE, *_COMPARED), rows, "Beside the other period")


def _left_out(row: LeftOut) -> Row:
    return (
        CrmText(row.account),
        CrmText(row.pipeline or "no known pipeline"),
        CrmText(row.stage),
        Count(row.visits),
        _BECAUSE[row.why],
    )
