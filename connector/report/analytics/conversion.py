"""The report of how deals go from stage to stage."""

from collections.abc import Iterator, Sequence

from connector.metrics.flow.conversion import Conversion, Conversions, FunnelFlow, Pair, Rule
from connector.metrics.grouping import By, Group
from connector.metrics.statistics.sample_sizes import ENOUGH_TO_TELL
from connector.report.analytics.definitions import definitions
from connector.report.analytics.groups import group_key, group_name, group_notes
from connector.report.analytics.head import Head, head_facts, head_notes
from connector.report.analytics.moves import moves_table, outcomes_table
from connector.report.analytics.stages import FROM_TO, FUNNEL, from_to_cells
from connector.report.document import (
    Block,
    Cell,
    Column,
    Count,
    Document,
    Fact,
    Interval,
    Missing,
    Note,
    Place,
    Share,
    Table,
    Term,
    phrase,
)
from connector.report.layout import Row

_RULES = {
    Rule.DIRECT: Term("direct", "direct: some stay in the first stage ended in the second"),
    Rule.REACHED: Term("reached", "reached: the second stage, any later one, or won came after"),
    Rule.STRICT: Term("strict", "strict: every stage up to the second, in any order"),
}
# Only the strict rule has a denominator of its own.
_VISIBLE_N = {rule: Place.CELL if rule is Rule.STRICT else Place.DATA for rule in Rule}
_NUMBERS = (
    Column("entered", "Entered"),
    Column("converted", "Went on"),
    Column("rate", "Rate"),
    Column("rate_interval", "95 % interval"),
    Column("undecided", "Undecided"),
    Column("failed", "Failed"),
)
_BESIDE = (
    *FROM_TO,
    Column("entered", "Entered"),
    Column("rate", "Rate"),
    Column("before_entered", "Entered before"),
    Column("before_rate", "Rate before"),
)
_FEW = f"Rates take at least {ENOUGH_TO_TELL} decided; below that there are counts only."
_TOO_FEW = Missing("too few")
_NO_KEYS = (
    "The one or two conversions that matter most can lead this report. Name them in the process"
    ' file: key_conversions = [["meeting-booked", "won"]].'
)
_YOUNG = (
    "Both periods are judged by what is known now, so the later one has had less time: mind its"
    " undecided deals."
)
_DEFINITIONS = (
    ("Entered", "deals", "deals whose first entry to the stage lies in the period"),
    (
        "Went on",
        "Entered",
        "by the rule named above, as of now; won and later reopened still counts",
    ),
    ("Rate", "Entered", "went on / entered, undecided ones included; 95 % interval after Wilson"),
    (
        "Undecided, Failed",
        "Entered",
        "did not go on; undecided: open when last known, in any pipeline, archived and merged ones"
        " too; failed: closed",
    ),
    (
        "Strict",
        "deals strict so far",
        "of deals that were in every stage up to the first, those that were in every one up to the"
        " second",
    ),
    (
        "Outcomes",
        "Entries",
        "stays that began in the period, a deal may have several; each ended in one of these ways,"
        " and together they are all entries",
    ),
    ("Leakage", "Entries", "the share of entries whose next step is lost"),
    (
        "Moves",
        None,
        "of stays that began in the period; skip: over an open stage, winning early too; entered"
        " late: the first known stage is a later one; here again: into a stage the deal had left;"
        " outside: another pipeline, or a stage that the process does not have",
    ),
)


def conversion_document(head: Head, found: Conversions) -> Document:
    """Key conversions first, then every step, then what became of each stay."""
    return Document(
        name="conversion",
        version=1,
        title="Conversion",
        facts=(*head_facts(head), Fact("rule", "Rule", _RULES[found.rule])),
        blocks=(*head_notes(head), *_blocks(head, found)),
    )


def _blocks(head: Head, found: Conversions) -> Iterator[Block]:
    flows = found.flows
    columns = (*FROM_TO, *_NUMBERS)
    keyed = tuple(_row(found, flow, pair) for flow in flows for pair in flow.keys)
    if keyed:
        yield Table("key_conversions", columns, keyed, "Key conversions")
    rows = tuple(_row(found, flow, pair) for flow in flows for pair in flow.pairs)
    empty = "No deal entered a stage."
    yield Table("conversions", columns, rows, "From stage to stage, deals", empty)
    if any(flow.of(pair, found.rule).rate is None for flow in flows for pair in flow.pairs):
        yield Note(_FEW)
    if found.compared:
        rows = tuple(_beside(found))
        yield Table("beside", _BESIDE, rows, "Beside the other period")
        yield Note(_YOUNG)
    if found.split.by:
        yield _groups(head, found, found.split.by)
    yield from group_notes(head, found.split, _told(head, found))
    yield _rules(flows)
    yield outcomes_table(flows)
    yield moves_table(flows)
    yield definitions(*_DEFINITIONS)
    if not keyed and any(flow.funnel.bound for flow in flows):
        yield Note(_NO_KEYS)


def _told(head: Head, found: Conversions) -> dict[int, frozenset[Group]]:
    """The groups that stand in the report."""
    by = found.split.by
    if by is None:
        return {}
    return {
        number: frozenset(
            group
            for pair in (*flow.keys, *flow.pairs)
            for group in flow.groups(pair, found.rule, by, head.scope.privacy)
        )
        for number, flow in enumerate(found.flows)
    }


def _row(found: Conversions, flow: FunnelFlow, pair: Pair) -> Row:
    return (*from_to_cells(flow.funnel, *pair), *_numbers(flow.of(pair, found.rule)))


def _beside(found: Conversions) -> Iterator[Row]:
    for flow, before in zip(found.flows, found.compared, strict=True):
        for pair in dict.fromkeys((*flow.keys, *flow.pairs)):
            now, then = flow.of(pair, found.rule), before.of(pair, found.rule)
            counts = (Count(now.entered), _rate(now), Count(then.entered), _rate(then))
            yield (*from_to_cells(flow.funnel, *pair), *counts)


def _groups(head: Head, found: Conversions, by: By) -> Table:
    told = (
        (flow, pair, group, cell)
        for flow in found.flows
        for pair in dict.fromkeys((*flow.keys, *flow.pairs))
        for group, cell in flow.groups(pair, found.rule, by, head.scope.privacy).items()
    )
    columns = (
        *FUNNEL,
        Column("from", place=Place.DATA),
        Column("to", place=Place.DATA),
        Column("move", place=Place.HEADING),
        Column("group", place=Place.DATA),
        Column("group_label", by.capitalize()),
        *_NUMBERS,
    )
    return Table("groups", columns, tuple(_group_row(*each, by) for each in told), f"By {by}")


def _group_row(flow: FunnelFlow, pair: Pair, group: Group, cell: Conversion, by: By) -> Row:
    *funnel, start, start_label, onto, onto_label = from_to_cells(flow.funnel, *pair)
    move = phrase("{start} to {onto}", start=start_label, onto=onto_label)
    named = (group_key(group), group_name(group, by))
    return (*funnel, start, onto, move, *named, *_numbers(cell))


def _rules(flows: Sequence[FunnelFlow]) -> Table:
    """Every pair by every rule; what people do not need of it is there for machines."""
    columns = [*FROM_TO, Column("entered", "Entered")]
    for rule in Rule:
        columns += [
            Column(f"{rule}_entered", "Entered, strict", _VISIBLE_N[rule]),
            Column(f"{rule}_converted", place=Place.DATA),
            Column(f"{rule}_undecided", place=Place.DATA),
            Column(f"{rule}_rate", rule.capitalize()),
        ]
    rows = tuple(
        (
            *from_to_cells(flow.funnel, *pair),
            Count(flow.of(pair, Rule.REACHED).entered),
            *_by_rule(flow, pair),
        )
        for flow in flows
        for pair in dict.fromkeys((*flow.keys, *flow.pairs))
    )
    return Table("rules", tuple(columns), rows, "The same by each rule")


def _by_rule(flow: FunnelFlow, pair: Pair) -> Iterator[Cell]:
    for rule in Rule:
        cell = flow.of(pair, rule)
        yield from (Count(cell.entered), Count(cell.converted), Count(cell.undecided), _rate(cell))


def _numbers(cell: Conversion) -> Row:
    ends = cell.interval
    return (
        Count(cell.entered),
        Count(cell.converted),
        _rate(cell),
        Interval(Share(ends.low), Share(ends.high)) if ends else None,
        Count(cell.undecided),
        Count(cell.failed),
    )


def _rate(cell: Conversion) -> Cell:
    if cell.rate is None:
        return _TOO_FEW if cell.entered else None
    return Share(cell.rate)
