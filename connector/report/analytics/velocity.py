"""The report of how fast a funnel earns, and of targets."""

from collections.abc import Iterator

from connector.metrics.grouping import ALL, By
from connector.metrics.outcomes.attainment import Attainment, Attainments
from connector.metrics.outcomes.velocity import LARGE_GAP, TRAILING_DAYS, Flow, Velocities
from connector.metrics.periods import Period
from connector.metrics.privacy import Naming
from connector.metrics.statistics.sample_sizes import ENOUGH_TO_TELL
from connector.report.analytics.amounts import amount_notes, money
from connector.report.analytics.definitions import definitions
from connector.report.analytics.groups import (
    few_note,
    group_columns,
    group_key,
    group_name,
    group_notes,
    group_rows,
)
from connector.report.analytics.head import Head, head_facts, head_notes
from connector.report.document import (
    Block,
    Cell,
    Column,
    Count,
    CrmText,
    Days,
    Document,
    Fact,
    Missing,
    Note,
    Place,
    Share,
    Table,
    Term,
    Tone,
    phrase,
)
from connector.report.layout import Row

_VELOCITY = (
    Column("qualified", "Qualified"),
    Column("won", place=Place.DATA),
    Column("decided", "Decided"),
    Column("win_rate", "Win rate"),
    Column("mean_value", "Mean won value"),
    Column("mean_cycle", "Days to win"),
    Column("velocity", "Velocity a day"),
)
_LITTLE = (
    Column("open", "Open"),
    Column("created", "Created"),
    Column("lives", "Closed"),
    Column("mean_life", "Mean life, days"),
    Column("expected_open", "Expected open"),
    Column("gap", "Gap"),
    Column("verdict", "Verdict"),
)
_TARGETS = (
    Column("of", place=Place.DATA),
    Column("group", place=Place.DATA),
    Column("group_label", "Target of"),
    Column("target", "Target"),
    Column("won_value", "Won so far"),
    Column("won", place=Place.DATA),
    Column("attained", "Reached"),
    Column("left", place=Place.DATA),
    Column("open_value", "Open for it"),
    Column("open", place=Place.DATA),
    Column("coverage", "Coverage"),
    Column("without_amount", place=Place.DATA),
)
_DAY_S = 86_400
_FITS = Term("fits", "fits", Tone.GOOD)
_STALE = Term("stale", "deals lie around", Tone.CAUTION)
_DRAINED = Term("drained", "fewer than it takes", Tone.CAUTION)
_FEW = f"Velocity takes at least {ENOUGH_TO_TELL} deals decided in the last {TRAILING_DAYS} days."
_NO_TARGET = (
    "No targets are set for {period}. Set them in config.toml: [targets.{period}] total = …,"
    " teams = {{ … }}, owners = {{ … }}."
)
_UNKNOWN = "No account knows the team or owner {name} that has a target in config.toml."
_NO_SUM = "Targets are one sum, and these accounts have several currencies: see home_currency."
_NO_OWNERS = 'Targets of reps are not shown: config.toml says [privacy] owners = "off".'
_DEFINITIONS = (
    (
        "Velocity",
        "Qualified, Decided",
        "money a day: qualified × win rate × mean won value / days to win; qualified: open past the"
        f" first stage; the rest: of the last {TRAILING_DAYS} days",
    ),
    (
        "Expected open",
        "Created, Closed",
        f"Little's law: created a day × mean life of deals won or lost, of the last {TRAILING_DAYS}"
        f" days; a gap over {LARGE_GAP * 100:.0f} % is large: too many open are stale ones",
    ),
    (
        "Won so far",
        "won deals",
        "won in the period, whatever date was expected; a deal is its owner's at the closing",
    ),
    (
        "Coverage",
        "open deals",
        "amounts of open deals that should close between now and the end of the period, not"
        " weighted, over what is left to win: 300 % is three times as much",
    ),
)


def velocity_document(head: Head, found: Velocities) -> Document:
    """How fast each funnel earns, whether deals lie around in it, and how far targets are off."""
    return Document(
        name="velocity",
        version=1,
        title="Sales velocity",
        facts=(*head_facts(head), Fact("targets_of", "Targets of", found.period.label)),
        blocks=(*head_notes(head), *_blocks(head, found)),
    )


def _blocks(head: Head, found: Velocities) -> Iterator[Block]:
    by = found.split.by
    told = list(group_rows(head, found.flows, by))
    yield from group_notes(head, found.split, found.flows)
    velocity = tuple((*who, *_velocity(head, flow)) for who, flow in told)
    columns = (*group_columns(by), *_VELOCITY)
    yield Table("velocity", columns, velocity, "Money a day", "There are no deals.")
    if any(flow.velocity is None for _, flow in told):
        yield Note(_FEW)
    without = sum(groups[ALL].won - groups[ALL].valued for groups in found.flows.values())
    yield from amount_notes(head, without, 0)
    little = tuple((*who, *_little(flow)) for who, flow in told)
    yield Table(
        "little", (*group_columns(by), *_LITTLE), little, "As many open as the pace explains?"
    )
    yield from _targets(head, found)
    yield definitions(*_DEFINITIONS)


def _velocity(head: Head, flow: Flow) -> Row:
    rate, cycle = flow.win_rate, flow.mean_cycle
    return (
        Count(flow.qualified),
        Count(flow.won),
        Count(flow.decided),
        Missing("too few") if rate is None else Share(rate),
        money(head, flow.mean_value),
        None if cycle is None else Days(cycle * _DAY_S),
        money(head, flow.velocity),
    )


def _little(flow: Flow) -> Row:
    life, expected, gap = flow.mean_life, flow.expected_open, flow.gap
    return (
        Count(flow.open),
        Count(flow.created),
        Count(flow.lives),
        None if life is None else Days(life * _DAY_S),
        Missing("too few") if expected is None else Count(expected),
        None if gap is None else Share(gap),
        None if gap is None else _verdict(gap),
    )


def _verdict(gap: float) -> Term:
    if abs(gap) <= LARGE_GAP:
        return _FITS
    return _STALE if gap > 0 else _DRAINED


def _targets(head: Head, found: Velocities) -> Iterator[Block]:
    if found.attained is None:
        yield Note(phrase(_NO_TARGET, period=found.period.label))
    elif head.scope.currency is None:
        yield Note(_NO_SUM, Tone.CAUTION)
    else:
        yield _attained(head, found.attained, found.period)
        if head.scope.privacy.owners is Naming.OFF:
            yield Note(_NO_OWNERS)
        elif found.attained.hides:
            yield few_note(head)
        for name in found.attained.unknown:
            yield Note(phrase(_UNKNOWN, name=CrmText(name)), Tone.CAUTION)


def _attained(head: Head, attained: Attainments, period: Period) -> Table:
    total = {ALL: attained.total} if attained.total else {}
    parts = ((None, total), (By.TEAM, attained.teams), (By.OWNER, attained.owners))
    over = period.window.end <= head.scope.as_of
    rows = tuple(
        (str(by or "total"), group_key(group), group_name(group, by), *_target(head, each, over))
        for by, groups in parts
        for group, each in groups.items()
    )
    return Table("targets", _TARGETS, rows, f"Targets of {period.label}")


def _target(head: Head, each: Attainment, over: bool) -> Row:
    progress = each.progress
    return (
        money(head, each.target),
        money(head, progress.won),
        Count(progress.won_deals),
        Share(each.attained),
        money(head, each.left),
        money(head, progress.open),
        Count(progress.open_deals),
        _coverage(each, over),
        Count(progress.without_amount),
    )


def _coverage(each: Attainment, over: bool) -> Cell:
    if each.coverage is None:
        return Missing("reached")
    return Missing("period is over") if over else Share(each.coverage)
