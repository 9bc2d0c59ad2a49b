"""The report of how long deals take."""

from collections.abc import Iterator

from connector.metrics.grouping import ALL
from connector.metrics.outcomes.cycle import Cycles, Decisions, Lengths
from connector.metrics.statistics.numbers import Numbers
from connector.metrics.statistics.sample_sizes import ENOUGH_TO_TELL
from connector.report.analytics.definitions import definitions
from connector.report.analytics.groups import group_columns, group_notes, group_rows
from connector.report.analytics.head import Head, head_facts, head_notes
from connector.report.document import (
    Block,
    Cell,
    Column,
    Count,
    Days,
    Document,
    Interval,
    Missing,
    Note,
    Place,
    Table,
    phrase,
)
from connector.report.layout import Row

_WON = (
    Column("won", "Won"),
    Column("won_median", "Median to win"),
    Column("won_mean", "Mean to win"),
)
_LENGTHS = (
    *_WON,
    Column("lost", "Lost"),
    Column("lost_median", "Median to lose"),
    Column("lost_mean", "Mean to lose"),
    Column("negative", place=Place.DATA),
)
_TURNED = (
    *_LENGTHS[:2],
    *_LENGTHS[3:5],
    Column("before_won", place=Place.DATA),
    Column("before_won_median", "To win before"),
    Column("before_lost", place=Place.DATA),
    Column("before_lost_median", "To lose before"),
)
_DECISIONS = (
    Column("asked", "Asked"),
    Column("decided", "Decided"),
    Column("median", "Median"),
    Column("median_interval", "95 % interval"),
    Column("three_quarters", "75 % decided by"),
    Column("naive_median", "Naive median"),
    Column("naive_mean", "Naive mean"),
)
_FEW = f"Lengths take at least {ENOUGH_TO_TELL} decided deals; below that there are counts only."
_BINNED = (
    "Of so many deals, waits are counted by the hour: the Kaplan–Meier numbers are exact to half an"
    " hour."
)
_NEGATIVE = "Closed before they were created, as the CRM has it: {deals} deals. They are left out."
_NO_ASK = (
    "From ask to decision is undefined: no process here has a stage with ask = true, which says"
    " where the decision is asked for."
)
_TOO_FEW = Missing("too few")
_DEFINITIONS = (
    (
        "To win, to lose",
        "Won, Lost",
        "from the CRM's creation to the last change into a won or lost stage, of deals that made it"
        " in the period; exact to the second",
    ),
    (
        "From ask to decision",
        "Asked",
        "since the first entry into the stage where the decision is asked for, of deals that came"
        " there in the period; Kaplan–Meier: those still waiting count as longer than they waited"
        " so far; > is the longest wait, where it is not reached",
    ),
    ("Naive median, mean", "Decided", "of decided deals alone; too short while many wait"),
)


def cycle_document(head: Head, cycles: Cycles) -> Document:
    """How long deals take from creation to closing, and from ask to decision."""
    return Document(
        name="cycle",
        version=1,
        title="Sales cycle",
        facts=head_facts(head),
        blocks=(*head_notes(head), *_blocks(head, cycles)),
    )


def _blocks(head: Head, cycles: Cycles) -> Iterator[Block]:
    columns = group_columns(cycles.split.by)
    told = list(group_rows(head, cycles.closed, cycles.split.by))
    yield from group_notes(head, cycles.split, cycles.closed)
    rows = tuple((*who, *_lengths(beside.windows[0])) for who, beside in told)
    title = "From creation to closing, in days"
    yield Table("lengths", (*columns, *_LENGTHS), rows, title, "No deal closed in the period.")
    negative = sum(groups[ALL].windows[0].negative for groups in cycles.closed.values())
    if negative:
        yield Note(phrase(_NEGATIVE, deals=Count(negative)))
    if cycles.beside:
        turned = tuple((*who, *_turned(*beside.windows)) for who, beside in told)
        yield Table("beside", (*columns, *_TURNED), turned, "Medians beside the other period")
    yield _decisions(head, cycles) if cycles.asking else Note(_NO_ASK)
    if any(each.binned for groups in cycles.decisions.values() for each in groups.values()):
        yield Note(_BINNED)
    if _are_few(cycles):
        yield Note(_FEW)
    yield definitions(*_DEFINITIONS)


def _decisions(head: Head, cycles: Cycles) -> Table:
    rows = tuple(
        (*who, *_waits(each)) for who, each in group_rows(head, cycles.decisions, cycles.split.by)
    )
    columns = (*group_columns(cycles.split.by), *_DECISIONS)
    title, empty = "From ask to decision, in days", "No decision was first asked for in the period."
    return Table("decisions", columns, rows, title, empty)


def _are_few(cycles: Cycles) -> bool:
    """Whether some of the numbers people look for are missing because deals are too few."""
    lengths = [each.windows[0] for groups in cycles.closed.values() for each in groups.values()]
    waits = [each.decided_after for groups in cycles.decisions.values() for each in groups.values()]
    told = [numbers for each in lengths for numbers in (each.won, each.lost)]
    return not all(numbers.tells for numbers in (*told, *waits))


def _lengths(lengths: Lengths) -> Row:
    won, lost = lengths.won, lengths.lost
    return (
        *(Count(len(won)), _median(won), _mean(won)),
        *(Count(len(lost)), _median(lost), _mean(lost)),
        Count(lengths.negative),
    )


def _turned(now: Lengths, before: Lengths) -> Row:
    numbers = (now.won, now.lost, before.won, before.lost)
    return tuple(cell for each in numbers for cell in (Count(len(each)), _median(each)))


def _waits(decisions: Decisions) -> Row:
    decided = decisions.decided_after
    counts = Count(decisions.asked), Count(len(decided))
    if not decided.tells:
        return (*counts, _TOO_FEW, None, None, None, None)
    curve = decisions.curve()
    low, high = curve.quantile_interval(0.5)

    def reached(seconds: float | None) -> Days:
        return Days(curve.longest, more_than=True) if seconds is None else Days(seconds)

    return (
        *counts,
        reached(curve.quantile(0.5)),
        None if low is None else Interval(Days(low), reached(high)),
        reached(curve.quantile(0.75)),
        _median(decided),
        _mean(decided),
    )


def _median(lengths: Numbers) -> Cell:
    return _days(lengths, lengths.median)


def _mean(lengths: Numbers) -> Cell:
    return _days(lengths, lengths.mean)


def _days(lengths: Numbers, ms: float | None) -> Cell:
    if ms is None:
        return _TOO_FEW if lengths else None
    return Days(ms / 1000)
