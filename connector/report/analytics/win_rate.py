"""The report of win rates."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from connector.metrics.grouping import ALL
from connector.metrics.outcomes.closings import Cancelled, ClosedOn
from connector.metrics.outcomes.win_rate import Turn, WinRates
from connector.metrics.periods import Period
from connector.metrics.statistics.sample_sizes import ENOUGH_TO_TELL
from connector.report.analytics.amounts import amount_notes
from connector.report.analytics.definitions import definitions
from connector.report.analytics.groups import (
    funnel_cells,
    group_columns,
    group_key,
    group_name,
    group_notes,
    group_rows,
    group_title,
)
from connector.report.analytics.head import Head, head_facts, head_notes
from connector.report.analytics.odds import is_nutshell
from connector.report.analytics.rates import (
    CLOSING,
    COHORT,
    TURNED,
    closing_cells,
    cohort_cells,
    turned_cells,
)
from connector.report.document import (
    Block,
    Column,
    Count,
    Document,
    Fact,
    Note,
    Place,
    Score,
    Table,
    Term,
    Tone,
    phrase,
)
from connector.report.layout import Row

_READINGS = {
    ClosedOn.CHANGE: Term("change", "the last change into a won or lost stage"),
    ClosedOn.FIELD: Term("field", "the CRM's close-date field"),
}
_CANCELLED = {
    Cancelled.IN: Term("in", "count as lost"),
    Cancelled.OUT: Term("out", "do not count"),
}
_DIFFER = Term("differ", "they differ", Tone.CAUTION)
_ALIKE = Term("alike", "no more than chance would have it", Tone.GOOD)
_FEW = f"Rates take at least {ENOUGH_TO_TELL} decided deals; below that there are counts only."
_UNDATED = (
    "Without a date in the CRM's close-date field: {deals} decided deals. They are in no period."
)
_EXPECTED = "Nutshell has no such field: the date is the one on which a lead was expected to close."
_UNMARKED = (
    "No stage is marked as cancelled, so nothing was left out. Give such a lost stage"
    " cancelled = true in its process file."
)
_ONCE = (
    "a deal closed several times counts once, as it stands; reopened ones are open; archived later"
    " still counts"
)
_CLOSED = {
    ClosedOn.CHANGE: (
        "Closed in the period",
        "won + lost",
        f"by the last change into a won or lost stage; {_ONCE}",
    ),
    ClosedOn.FIELD: (
        "Closed in the period",
        "won + lost",
        f"by the CRM's close-date field as of then; {_ONCE}",
    ),
}
_CREATED = (
    "Created in the period",
    "all created",
    "by the CRM's creation; settled once nine of ten are won or lost, before that the rate"
    " will still move; open: neither, archived and merged ones too",
)
_APART = (
    "p",
    "won + lost",
    "how often groups that are all alike would come out as far apart as these: chi-square, or drawn"
    " tables where groups are small; up to 0.05 they differ",
)
_CHANGED = (
    "Changed",
    "both periods",
    "whether the two rates differ, by a chi-square test at 5 % over all rows together",
)
_DEFINITIONS = (
    ("Win rate", "won + lost", "won / (won + lost); 95 % interval after Wilson"),
    (
        "By value",
        "won + lost",
        "won value / (won value + lost value), at the amounts as of then; deals without an amount"
        " count nothing; undefined where no lost deal has one",
    ),
)


def win_rate_document(head: Head, rates: WinRates) -> Document:
    """Win rates by close date and by creation."""
    reading = rates.question.reading
    return Document(
        name="win-rate",
        version=1,
        title="Win rate",
        facts=(
            *head_facts(head),
            Fact("closed_on", "Closed on", _READINGS[reading.closed_on]),
            Fact("cancelled", "Cancelled deals", _CANCELLED[reading.cancelled]),
        ),
        blocks=(*head_notes(head), *_blocks(head, rates)),
    )


def _blocks(head: Head, rates: WinRates) -> Iterator[Block]:
    question = rates.question
    yield from group_notes(head, question.split, rates.closed)
    yield from group_notes(head, question.across, {})
    yield _closed(head, rates)
    yield from _notes(head, rates)
    if rates.apart:
        yield _apart(head, rates)
    if rates.across:
        yield _across(head, rates)
    if question.beside:
        yield _compared(head, rates)
    if rates.trend:
        yield _trend(head, rates.trend)
    yield _created(head, rates)
    tested = (_CHANGED,) if question.beside or rates.trend else ()
    apart = (_APART,) if rates.apart else ()
    closed = _CLOSED[question.reading.closed_on]
    yield definitions(*_DEFINITIONS, closed, _CREATED, *apart, *tested)


def _closed(head: Head, rates: WinRates) -> Table:
    by = rates.question.split.by
    rows = tuple(
        (*who, *closing_cells(head, beside.windows[0]))
        for who, beside in group_rows(head, rates.closed, by)
    )
    columns = (*group_columns(by), *CLOSING)
    return Table("closed", columns, rows, "Closed in the period", "No deal closed in it.")


def _apart(head: Head, rates: WinRates) -> Table:
    rows = tuple(
        (
            *funnel_cells(head.scope.funnels[funnel]),
            Score(test.p),
            _DIFFER if test.significant else _ALIKE,
        )
        for funnel, test in rates.apart.items()
    )
    columns = (
        Column("funnel", place=Place.DATA),
        Column("funnel_label", "Pipeline"),
        Column("p", "p"),
        Column("verdict", "Verdict"),
    )
    return Table("apart", columns, rows, "Do the groups differ at all?")


def _across(head: Head, rates: WinRates) -> Table:
    """Under each group of a funnel, the groups across it."""
    split, across = rates.question.split, rates.question.across
    rows = tuple(
        (
            *who,
            group_key(other),
            group_name(other, across.by),
            *closing_cells(head, beside.windows[0]),
        )
        for who, others in group_rows(head, rates.across, split.by)
        for other, beside in others.items()
    )
    *key, label = group_columns(split.by)
    columns = (
        *key,
        replace(label, place=Place.HEADING),
        Column("across", place=Place.DATA),
        Column("across_label", group_title(across.by)),
        *CLOSING,
    )
    return Table("across", columns, rows, "Closed in the period, split once more")


def _compared(head: Head, rates: WinRates) -> Table:
    by = rates.question.split.by
    rows = list(group_rows(head, rates.closed, by))
    turned = turned_cells([(beside.windows[1], beside.windows[0]) for _, beside in rows])
    told = tuple((*who, *row) for (who, _), row in zip(rows, turned, strict=True))
    return Table("beside", (*group_columns(by), *TURNED), told, "Beside the other period")


def _trend(head: Head, turns: Sequence[Turn]) -> Table:
    columns = (
        Column("funnel", place=Place.DATA),
        Column("funnel_label", place=Place.HEADING),
        Column("span", place=Place.DATA),
        Column("period", place=Place.DATA),
        Column("period_label", "Period"),
        *TURNED,
    )
    turned = turned_cells([(turn.before, turn.now) for turn in turns])
    rows = tuple(
        (*funnel_cells(head.scope.funnels[turn.funnel]), *_period(head, turn.period), *row)
        for turn, row in zip(turns, turned, strict=True)
    )
    return Table("trend", columns, rows, "Weeks, months and quarters, each beside the one before")


def _period(head: Head, period: Period) -> Row:
    runs = period.window.end > head.scope.as_of
    label = f"{period.label} so far" if runs else period.label
    return Term(period.span, period.span), period.label, label


def _created(head: Head, rates: WinRates) -> Table:
    by = rates.question.split.by
    rows = tuple(
        (*who, *cohort_cells(head, cell)) for who, cell in group_rows(head, rates.created, by)
    )
    columns = (*group_columns(by, "Created in"), *COHORT)
    return Table("created", columns, rows, "Created in the period", "No deal was created in it.")


def _notes(head: Head, rates: WinRates) -> Iterator[Block]:
    cells = [beside.windows[0] for groups in rates.closed.values() for beside in groups.values()]
    if any(cell.rate is None for cell in cells):
        yield Note(_FEW)
    if rates.undated:
        yield Note(phrase(_UNDATED, deals=Count(rates.undated)), Tone.CAUTION)
    if rates.question.reading.closed_on is ClosedOn.FIELD and is_nutshell(head.scope):
        yield Note(_EXPECTED, Tone.CAUTION)
    if rates.question.reading.cancelled is Cancelled.OUT and not rates.marked:
        yield Note(_UNMARKED, Tone.CAUTION)
    all_of = [groups[ALL].windows[0] for groups in rates.closed.values()]
    without = sum(cell.without_amount for cell in all_of)
    unpriced = sum(cell.unpriced for cell in all_of)
    yield from amount_notes(head, without, unpriced)
