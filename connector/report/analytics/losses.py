"""The report of what is lost, how soon and why."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

from connector.metrics.flow.losses import (
    DAYS,
    LOST_REASON,
    UNTOLD,
    FunnelLosses,
    Losses,
    Spent,
    ToLose,
)
from connector.metrics.flow.route import OUTSIDE
from connector.metrics.funnel import Funnel
from connector.metrics.grouping import By
from connector.metrics.statistics.aalen_johansen import Estimate
from connector.metrics.statistics.lengths import EXACT
from connector.metrics.statistics.sample_sizes import ENOUGH_TO_TELL
from connector.report.analytics.definitions import definitions
from connector.report.analytics.groups import funnel_cells, group_key, group_name, group_notes
from connector.report.analytics.head import Head, head_facts, head_notes
from connector.report.analytics.stages import FUNNEL, STAGE, stage_cells
from connector.report.document import (
    Block,
    Cell,
    Column,
    Count,
    CrmText,
    Days,
    Document,
    Interval,
    Missing,
    Note,
    Phrase,
    Place,
    Share,
    Table,
    Term,
    Tone,
    phrase,
)
from connector.report.layout import Row

_TO_LOSE = (
    *FUNNEL,
    Column("group", place=Place.DATA),
    Column("group_label", "Product"),
    Column("lost", "Lost"),
    Column("won", "Won"),
    Column("undecided", "Open"),
    Column("median", "Median days"),
    *(Column(f"lost_by_{days}", f"Lost by day {days}") for days in DAYS),
    *(Column(f"lost_by_{days}_interval", place=Place.DATA) for days in DAYS),
    Column("lost_in_the_end", "In the end"),
    Column("lost_in_the_end_interval", "95 % interval"),
    Column("followed", place=Place.DATA),
)
_SPENT = (
    *STAGE,
    Column("lost_stays", "Stays, lost deals"),
    Column("lost_days", "Days in them"),
    Column("lost_mean", "Days a stay"),
    Column("won_stays", "Stays, won deals"),
    Column("won_days", place=Place.DATA),
    Column("won_mean", "Days a stay"),
    Column("share", "Share lost"),
)
_REASON = (Column("reason", "Reason"), Column("deals", "Deals"), Column("share", "Share"))
_REASONS = (*FUNNEL, *_REASON)
_REP = (*FUNNEL, Column("rep", place=Place.DATA), Column("rep_label", "Rep"))
_OFTEN = (
    Column("lost", "Lost"),
    Column("without_reason", "No reason"),
    Column("most_often", "Most often"),
)
_UNTOLD = Term("none", "no reason given", Tone.CAUTION)
_TOO_FEW = Missing("too few")
_NOT_KNOWN = Missing("not known")
_FEW = f"Shares take at least {ENOUGH_TO_TELL} decided deals; below that there are counts only."
_BINNED = (
    f"Above {EXACT:,} deals lengths are counted by the hour: days to lose are right to half an"
    " hour.".replace(",", " ")
)
_NO_REASONS = (
    "Reasons are undefined: no account keeps the history of such a field. Name the CRM's property"
    " for it in config.toml, then pull: [accounts.NAME.fields]"
    f' {LOST_REASON} = "closed_lost_reason".'
)
_SMALL_CELLS = "Of a rep, reasons with fewer than {least} deals are not told."
_NEGATIVE = "{deals} deals were closed before they were created, and are not in the days to lose."
_DEFINITIONS = (
    (
        "Median days",
        "Lost",
        "from creation to the loss, of lost deals; those still open may yet take longer",
    ),
    (
        "Lost by day, in the end",
        "Lost + Won + Open",
        "deals created in the period: the share lost so many days after creation, and as long as"
        " the longest was followed; Aalen–Johansen, won competing, open ones counted as open so"
        " far; 95 % interval log-log",
    ),
    (
        "Days spent",
        "stays",
        "time in the stage of deals closed in the period, by how they ended; share lost: of all"
        " that time, what went into lost deals",
    ),
    (
        "Reasons",
        "Lost",
        "of deals lost in the period, the reason as of now; a stage is the one the deal was lost"
        " from, a rep the owner at the closing",
    ),
)


def losses_document(head: Head, found: Losses) -> Document:
    """How soon, where the time went, why."""
    return Document(
        name="losses",
        version=1,
        title="Losses",
        facts=head_facts(head),
        blocks=(*head_notes(head), *_blocks(head, found)),
    )


def _blocks(head: Head, found: Losses) -> Iterator[Block]:
    told = list(zip(head.scope.funnels, found.funnels, strict=True))
    rows = tuple(
        (*funnel_cells(funnel), group_key(group), group_name(group, By.PRODUCT), *_to_lose(of))
        for funnel, each in told
        for group, of in each.to_lose.items()
    )
    yield Table("to_lose", _TO_LOSE, rows, "Days to lose", "No deal was created in the period.")
    yield from _notes(head, found)
    spent = tuple(row for funnel, each in told for row in _spent(funnel, each))
    yield Table("spent", _SPENT, spent, "Where the time of decided deals went, in days")
    if found.reasons_known:
        yield from _reasons(head, found)
    else:
        yield Note(_NO_REASONS, Tone.CAUTION)
    yield definitions(*_DEFINITIONS)


def _notes(head: Head, found: Losses) -> Iterator[Block]:
    groups = [of for each in found.funnels for of in each.to_lose.values()]
    if any(of.end is None for of in groups):
        yield Note(_FEW)
    if any(of.binned for of in groups):
        yield Note(_BINNED)
    if found.negative:
        yield Note(phrase(_NEGATIVE, deals=Count(found.negative)), Tone.CAUTION)
    yield from group_notes(head, found.products, {})


def _to_lose(of: ToLose) -> Row:
    return (
        Count(of.lost),
        Count(of.won),
        Count(of.undecided),
        _TOO_FEW if of.median is None and of.lost else _days(of.median),
        *(_share(of, estimate) for estimate in of.by),
        *(_interval(estimate) for estimate in of.by),
        _share(of, of.end),
        _interval(of.end),
        Days(of.longest / 1000),
    )


def _share(of: ToLose, estimate: Estimate | None) -> Cell:
    if estimate is None:
        return _TOO_FEW if of.end is None else _NOT_KNOWN
    return Share(estimate.share)


def _interval(estimate: Estimate | None) -> Cell:
    if estimate is None or estimate.interval is None:
        return None
    return Interval(Share(estimate.interval.low), Share(estimate.interval.high))


def _days(ms: float | None) -> Cell:
    return None if ms is None else Days(ms / 1000)


def _spent(funnel: Funnel, found: FunnelLosses) -> Iterator[Row]:
    for step in funnel.steps:
        lost, won = (of.get(step, Spent()) for of in (found.spent_lost, found.spent_won))
        if not (lost.stays or won.stays):
            continue
        whole = lost.time + won.time
        yield (
            *stage_cells(funnel, step),
            Count(lost.stays),
            _days(lost.time),
            _mean(lost),
            Count(won.stays),
            _days(won.time),
            _mean(won),
            Share(lost.time / whole) if whole else None,
        )


def _mean(spent: Spent) -> Cell:
    return _days(spent.time / spent.stays) if spent.stays else None


def _reasons(head: Head, found: Losses) -> Iterator[Block]:
    told = list(zip(head.scope.funnels, found.funnels, strict=True))
    rows = tuple(
        (*funnel_cells(funnel), *row)
        for funnel, each in told
        for row in _counted(sum(each.reasons.values(), Counter()))
    )
    yield Table("reasons", _REASONS, rows, "Why deals were lost", "No deal was lost in the period.")
    stages = [
        (stage_cells(funnel, step), each.reasons[step])
        for funnel, each in told
        for step in (*funnel.steps, OUTSIDE)
        if step in each.reasons
    ]
    yield from _split(STAGE, stages, "stage", "By the stage they were lost from")
    reps = [
        ((*funnel_cells(funnel), group_key(group), group_name(group, By.OWNER)), reasons)
        for funnel, each in told
        for group, reasons in each.reasons_of_reps.items()
    ]
    least = head.scope.privacy.minimum_group
    yield from _split(_REP, reps, "rep", "By rep", least)
    if reps and least > 1:
        yield Note(_SMALL_CELLS.format(least=least))
    groups = {number: each.reasons_of_reps for number, each in enumerate(found.funnels)}
    yield from group_notes(head, found.reps, groups)


def _split(
    who: tuple[Column, ...],
    rows: Sequence[tuple[Row, Counter[str]]],
    name: str,
    title: str,
    least: int = 1,
) -> Iterator[Table]:
    """A line each for people; every reason of at least so many deals for machines."""
    often = tuple((*named, *_often(reasons, least)) for named, reasons in rows)
    yield Table(f"losses_by_{name}", (*who, *_OFTEN), often, title)
    each = tuple((*named, *row) for named, reasons in rows for row in _counted(reasons, least))
    columns = tuple(replace(column, place=Place.DATA) for column in (*who, *_REASON))
    yield Table(f"reasons_by_{name}", columns, each)


def _often(reasons: Counter[str], least: int) -> Row:
    """How many were lost, how many of them without a reason, and the three reasons met most."""
    lost, untold = reasons.total(), reasons[UNTOLD]
    told = [row for row in _counted(reasons, least) if row[0] is not _UNTOLD][:3]
    parts = [phrase("{reason} {deals}", reason=row[0], deals=row[1]) for row in told]
    joined = [part for each in parts for part in (", ", each)][1:]
    return (
        Count(lost),
        Share(untold / lost) if lost >= ENOUGH_TO_TELL else Count(untold),
        Phrase(tuple(joined)) if joined else None,
    )


def _counted(reasons: Counter[str], least: int = 1) -> Iterator[Row]:
    """Reasons with their deals, most often first; the share is of all that were lost."""
    lost = reasons.total()
    for reason, deals in sorted(reasons.items(), key=lambda told: (-told[1], told[0])):
        if deals >= least:
            yield (
                _UNTOLD if reason == UNTOLD else CrmText(reason),
                Count(deals),
                Share(deals / lost) if lost >= ENOUGH_TO_TELL else _TOO_FEW,
            )
