"""The report of which reps succeed in which stage."""

from collections.abc import Iterator

from connector.metrics.flow.reps import (
    STRENGTH,
    Advance,
    Ended,
    FunnelReps,
    Losing,
    Mark,
    Reps,
)
from connector.metrics.flow.route import Ending
from connector.metrics.funnel import Funnel
from connector.metrics.grouping import By, Group
from connector.metrics.statistics.distributions import SIGNIFICANT
from connector.metrics.statistics.independence import Test
from connector.metrics.statistics.sample_sizes import ENOUGH_TO_TELL
from connector.report.analytics.adoption import people_blocks
from connector.report.analytics.definitions import definitions
from connector.report.analytics.groups import funnel_cells, group_key, group_name, group_notes
from connector.report.analytics.head import Head, head_facts, head_notes
from connector.report.analytics.stages import FUNNEL, spot_name, stage_cells
from connector.report.document import (
    Block,
    Cell,
    Column,
    Count,
    CrmText,
    Document,
    Fact,
    Interval,
    Missing,
    Note,
    Place,
    Score,
    Share,
    Table,
    Term,
    Tone,
    phrase,
)
from connector.report.layout import Row

_MARKS = {
    Mark.ABOVE: Term("above", "above the team", Tone.GOOD),
    Mark.BELOW: Term("below", "below the team", Tone.BAD),
}
_ENDINGS = {
    Ending.LOST: Term("lost", "lost", Tone.BAD),
    Ending.BACK: Term("back", "moved back", Tone.CAUTION),
}
_TESTS = (
    Column("funnel", place=Place.DATA),
    Column("funnel_label", "Pipeline"),
    Column("answer", "Do reps differ?"),
    Column("reps", "Reps"),
    Column("decided", "Decided deals"),
    Column("test", "Test"),
    Column("p", "p"),
)
_STAGE = (*FUNNEL, Column("stage", place=Place.DATA))
_OF_EVERYBODY = (
    *_STAGE,
    Column("stage_label", place=Place.HEADING),
    Column("stage_rate", "all", Place.HEADING),
    Column("rep", place=Place.DATA),
    Column("rep_label", "Rep"),
)
_OF_ONE = (
    *_STAGE,
    Column("stage_label", "Stage"),
    Column("stage_rate", "All"),
    Column("rep", place=Place.DATA),
    Column("rep_label", place=Place.DATA),
)
_ADVANCE = (
    Column("forward", "Forward"),
    Column("decided", "Of exits"),
    Column("raw_rate", "Rate"),
    Column("rate", "Drawn to all"),
    Column("rate_interval", "95 % interval"),
    Column("mark", "Clearly"),
)
_DECIDED = (
    Column("funnel", place=Place.DATA),
    Column("rep", place=Place.DATA),
    Column("rep_label", place=Place.DATA),
    Column("won", place=Place.DATA),
    Column("lost", place=Place.DATA),
)
_BEHIND = (
    Column("account", place=Place.DATA),
    Column("deal", place=Place.DATA),
    Column("deal_name", "Deal"),
    Column("at", "Left the stage"),
    Column("ended", "How"),
)
_TOO_FEW = Missing("too few")
_FEW = f"Rates take at least {ENOUGH_TO_TELL} exits; below that there are counts only."
_ALIKE = Term("no", "no more than chance would have it")
_DIFFER = Term("yes", "yes, more than chance explains", Tone.CAUTION)
_UNTESTED = Term(
    "undefined",
    f"undefined: it takes two reps and {ENOUGH_TO_TELL} decided deals, some won and some lost",
)
_NO_RANKING = (
    "Where reps do not differ, the differences below are mostly luck: use them to ask questions,"
    " not to rank people."
)
_COACH = (
    "{rep} is furthest below the team in {stage} ({funnel}): {rate} of {exits} exits went forward,"
    " {everybody} of all {all}. {weight}"
)
_CLEAR = "Chance hardly explains that."
_UNCLEAR = "That may be chance: look at the deals before drawing conclusions."
_NOWHERE = f"{{rep}} is below the team in no stage with at least {ENOUGH_TO_TELL} exits."
_DEFINITIONS = (
    (
        "Do reps differ?",
        "Decided deals",
        "whether the shares of won deals of all reps with a decided deal in the period could be"
        " one and the same: chi-square without correction, a permutation test where fewer than 5"
        " are expected; p is how likely chance alone would set them so far apart: yes up to"
        f" {SIGNIFICANT}",
    ),
    (
        "Rate",
        "Of exits",
        "stays that ended in the next or a later stage or in won, of those that ended in the"
        " process in the period (next, ahead, back, won, lost), of the owner at the exit",
    ),
    (
        "Drawn to all",
        "Of exits",
        f"the same as if {STRENGTH} more exits at everybody's rate had been seen, with the"
        " posterior 95 % interval",
    ),
    ("Clearly", None, "where reps differ at all and that interval excludes everybody's rate"),
)


def reps_document(head: Head, found: Reps) -> Document:
    """First whether reps differ at all; then everybody, or the one asked for."""
    rep = (Fact("rep", "Rep", group_name(found.rep, By.OWNER)),) if found.rep else ()
    return Document(
        name="reps",
        version=1,
        title="Reps",
        facts=(*head_facts(head), *rep),
        blocks=(*head_notes(head), *_blocks(head, found)),
    )


def _blocks(head: Head, found: Reps) -> Iterator[Block]:
    told = list(zip(head.scope.funnels, found.funnels, strict=True))
    rows = tuple(_tested(funnel, each) for funnel, each in told)
    if found.rep is None:
        yield Table("differences", _TESTS, rows, "Do reps differ at all?")
        if any(each.test and not each.test.significant for each in found.funnels):
            yield Note(_NO_RANKING)
    else:
        yield from _sheet(head, found, found.rep)
    if found.split.refused is None:
        yield from _advances(head, found)
    if found.rep is None:
        groups = {n: [who for _, who in each.advances] for n, each in enumerate(found.funnels)}
        yield from group_notes(head, found.split, groups)
        if head.adoption:
            yield from people_blocks(head, head.adoption)
    yield definitions(*_DEFINITIONS)


def _tested(funnel: Funnel, found: FunnelReps) -> Row:
    test = found.test
    answer = _UNTESTED if test is None else _DIFFER if test.significant else _ALIKE
    return (
        *funnel_cells(funnel),
        answer,
        Count(found.reps),
        Count(found.decided),
        _kind(test) if test else None,
        Score(test.p) if test else None,
    )


def _kind(test: Test) -> Term:
    if test.df is None:
        return Term("permutation", "permutation")
    return Term("chi-square", f"chi-square {test.statistic:.1f}, {test.df} df")


def _advances(head: Head, found: Reps) -> Iterator[Block]:
    told = zip(head.scope.funnels, found.funnels, strict=True)
    rows = tuple(row for funnel, each in told for row in _stages(funnel, each))
    who = _OF_EVERYBODY if found.rep is None else _OF_ONE
    title = "Who goes on from each stage" if found.rep is None else "Every stage"
    yield Table("advances", (*who, *_ADVANCE), rows, title, "No stay ended in the period.")
    if any(advance.shrunk is None for each in found.funnels for advance in each.advances.values()):
        yield Note(_FEW)
    decided = (
        (CrmText(funnel.key), group_key(group), group_name(group, By.OWNER), *_ended(ended))
        for funnel, each in zip(head.scope.funnels, found.funnels, strict=True)
        for group, ended in each.ended.items()
        if found.rep in (None, group)
    )
    yield Table("decided", _DECIDED, tuple(decided))


def _ended(ended: Ended) -> Row:
    return Count(ended.won), Count(ended.lost)


def _stages(funnel: Funnel, found: FunnelReps) -> Iterator[Row]:
    for (step, group), advance in found.advances.items():
        everybody = found.stages[step].rate
        yield (
            *stage_cells(funnel, step),
            None if everybody is None else Share(everybody),
            *_rep(group),
            *_advance(advance),
        )


def _rep(group: Group) -> Row:
    return group_key(group), group_name(group, By.OWNER)


def _advance(advance: Advance) -> Row:
    exits, found = advance.exits, advance.shrunk
    return (
        Count(exits.forward),
        Count(exits.decided),
        _TOO_FEW if exits.rate is None else Share(exits.rate),
        Share(found.mean) if found else None,
        Interval(Share(found.low), Share(found.high)) if found else None,
        _MARKS[advance.mark] if advance.mark else None,
    )


def _sheet(head: Head, found: Reps, rep: Group) -> Iterator[Block]:
    """Where to begin with one rep, and the deals to talk about."""
    worst = found.furthest_below
    who = group_name(rep, By.OWNER)
    if worst is None:
        yield Note(phrase(_NOWHERE, rep=who))
        return
    number, step = worst
    funnel, each = head.scope.funnels[number], found.funnels[number]
    advance, everybody = each.advances[step, rep], each.stages[step]
    yield Note(
        phrase(
            _COACH,
            rep=who,
            stage=spot_name(funnel, step),
            funnel=CrmText(funnel.label),
            rate=_share(advance.exits.rate),
            exits=Count(advance.exits.decided),
            everybody=_share(everybody.rate),
            all=Count(everybody.decided),
            weight=_CLEAR if advance.mark else _UNCLEAR,
        ),
        Tone.CAUTION if advance.mark else Tone.PLAIN,
    )
    newest = sorted(each.behind.get(step, ()), key=lambda losing: -losing.at)
    rows = tuple(_behind(head, losing) for losing in newest)
    yield Table("behind", _BEHIND, rows, "Deals that did not go on from there, newest first")


def _share(rate: float | None) -> Cell:
    return None if rate is None else Share(rate)


def _behind(head: Head, losing: Losing) -> Row:
    return (
        CrmText(losing.account),
        CrmText(losing.deal),
        CrmText(losing.name),
        head.instant(losing.at),
        _ENDINGS[losing.ending],
    )
