"""The report of how right the probabilities of the stages were."""

from collections.abc import Iterator, Mapping, Sequence

from connector.metrics.stages.calibration import OVERALL, Calibration, Judged
from connector.metrics.stages.scores import BINS, DISTINCT, Bin, Scores, Side
from connector.metrics.statistics.sample_sizes import ENOUGH_TO_TELL
from connector.report.analytics.definitions import definitions
from connector.report.analytics.head import Head, head_facts, head_notes
from connector.report.analytics.odds import unweighted_note
from connector.report.analytics.stage_columns import STAGE, stage_cells
from connector.report.document import (
    Block,
    Cell,
    Column,
    Count,
    CrmText,
    Document,
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

_VERDICT = (
    Column("cases", "Decided"),
    Column("won", place=Place.DATA),
    Column("forecast", "Said"),
    Column("observed", "Won"),
    Column("interval", "95 % interval"),
    Column("side", "Verdict"),
    Column("p", place=Place.DATA),
    Column("p_adjusted", "p"),
)
_SCORES = (
    Column("cases", "Decided"),
    Column("brier", "Brier"),
    Column("base_brier", place=Place.DATA),
    Column("skill", "Skill"),
    Column("log_loss", "Log loss"),
    Column("ece", "ECE"),
    Column("unresolved", "Not decided"),
    Column("unweighted", place=Place.DATA),
    Column("assumed", place=Place.DATA),
)
_BINS = (
    Column("low", place=Place.DATA),
    Column("high", place=Place.DATA),
    Column("said", "Said"),
    Column("cases", "Decided"),
    Column("won", "Won"),
    Column("observed", "Share won"),
    Column("interval", "95 % interval"),
)
_SIDES = {
    Side.OVER: Term(Side.OVER, "over-confident", Tone.CAUTION),
    Side.UNDER: Term(Side.UNDER, "under-confident", Tone.CAUTION),
    Side.NEITHER: Term(Side.NEITHER, "fits"),
}
_ALL = Term("all", "all stages")
_FEW = Missing("too few")
_SAID = "{funnel}: of deals that entered a stage, {said} were said to be won and {won} were: "
_IN_SHORT = {
    Side.OVER: f"{_SAID}the probabilities are over-confident.",
    Side.UNDER: f"{_SAID}the probabilities are under-confident.",
    Side.NEITHER: f"{_SAID}no stage is further off than chance goes.",
}
_TOO_FEW = (
    f"A stage with fewer than {ENOUGH_TO_TELL} decided deals shows their number only: too few to"
    " judge a probability by."
)
_ASSUMED = (
    "The probability of {assumed} of {cases} entries is not known as far back: the earliest one"
    " known stands in."
)
_UNWEIGHTED = "{unweighted} entries were into stages without a probability and are not judged."
_DEFINITIONS = (
    (
        "Deals that entered",
        "Decided",
        "each deal once in every stage it entered, at its first entry, with the stage's probability"
        " in force then; deals not won or lost by now, reopened ones too, are dropped and counted",
    ),
    (
        "Deals found",
        "Decided",
        "each deal once in every stage it was found in on the first instant of a month, by the"
        " first such month and the probability in force then; in a single month's table, every"
        " deal that lay open then",
    ),
    ("Said", "Decided", "the mean of the probabilities"),
    ("Won", "Decided", "the share that was won; 95 % interval after Wilson"),
    (
        "p",
        "Decided",
        "how likely a share won this far from what was said is by chance: exact binomial test,"
        f" adjusted over the stages of the pipeline with at least {ENOUGH_TO_TELL} (Benjamini and"
        " Hochberg); a verdict takes 0.05. All stages together have no p, because a deal counts in"
        " several; they are off where a stage is",
    ),
    ("Brier", "Decided", "mean of (probability − won)²; 0 is perfect"),
    ("Skill", "Decided", "1 − Brier / that of always saying the share won; below 0 is worse"),
    ("Log loss", "Decided", "mean of −ln of the probability given to what happened"),
    (
        "ECE",
        "Decided",
        "mean gap between said and won over the bins, weighted by deals; a bin for each distinct"
        f" probability, {BINS} of about equal size where there are over {DISTINCT}",
    ),
)


def calibration_document(head: Head, found: Calibration, months: bool = False) -> Document:
    """Calibration by entries and by firsts of months; each month by itself if wanted."""
    return Document(
        name="calibration",
        version=1,
        title="Calibration of the stages' probabilities",
        facts=head_facts(head),
        blocks=(*head_notes(head), *_blocks(head, found, months)),
    )


def _blocks(head: Head, found: Calibration, months: bool) -> Iterator[Block]:
    for each in found.entries:
        if each.step == OVERALL and each.scores and each.side:
            funnel = CrmText(head.scope.funnels[each.funnel].label)
            said, won = Share(each.scores.forecast), Share(each.scores.observed)
            yield Note(phrase(_IN_SHORT[each.side], funnel=funnel, said=said, won=won))
    yield _verdicts(head, "entries", "Deals that entered a stage", found.entries, shared=True)
    yield from _notes(found.entries)
    yield from unweighted_note(head.scope)
    yield _verdicts(head, "sitting", "Deals found in a stage on a first of a month", found.sitting)
    yield _scores(head, "entry_scores", "Scores of the deals that entered", found.entries)
    yield _scores(head, "sitting_scores", "Scores of the deals found", found.sitting)
    yield _reliability(head, "entry_bins", "Reliability, deals that entered", found.entries)
    yield _reliability(head, "sitting_bins", "Reliability, deals found", found.sitting)
    if months:
        yield _months(head, found.months)
    yield definitions(*_DEFINITIONS)


def _notes(entries: Sequence[Judged]) -> Iterator[Block]:
    stages = [each for each in entries if each.step != OVERALL]
    if any(each.scores is None for each in stages):
        yield Note(_TOO_FEW)
    cases = sum(each.cases.counts.total() for each in stages)
    if assumed := sum(each.cases.assumed for each in stages):
        yield Note(phrase(_ASSUMED, assumed=Count(assumed), cases=Count(cases)), Tone.CAUTION)
    if unweighted := sum(each.cases.unweighted for each in stages):
        yield Note(phrase(_UNWEIGHTED, unweighted=Count(unweighted)), Tone.CAUTION)


def _verdicts(
    head: Head, name: str, title: str, judged: Sequence[Judged], *, shared: bool = False
) -> Table:
    """What the stages said and what came of it; `shared` where a deal may be in several."""
    rows = tuple((*_stage(head, each), *_verdict(each, shared=shared)) for each in judged)
    return Table(name, (*STAGE, *_VERDICT), rows, title)


def _scores(head: Head, name: str, title: str, judged: Sequence[Judged]) -> Table:
    rows = tuple((*_stage(head, each), *_scored(each)) for each in judged)
    return Table(name, (*STAGE, *_SCORES), rows, title)


def _reliability(head: Head, name: str, title: str, judged: Sequence[Judged]) -> Table:
    rows = tuple(
        (*_stage(head, each), *_binned(bin))
        for each in judged
        if each.scores
        for bin in each.scores.bins
    )
    return Table(name, (*STAGE, *_BINS), rows, title)


def _months(head: Head, months: Mapping[int, Sequence[Judged]]) -> Table:
    month = Column("month", place=Place.HEADING)
    rows = tuple(
        (head.instant(at), *_stage(head, each), *_verdict(each, shared=False), *_scored(each)[1:])
        for at, judged in months.items()
        for each in judged
    )
    scores = tuple(Column(column.key, place=Place.DATA) for column in _SCORES[1:])
    return Table("months", (month, *STAGE, *_VERDICT, *scores), rows, "Each first of a month")


def _stage(head: Head, judged: Judged) -> Row:
    if judged.step == OVERALL:
        funnel = head.scope.funnels[judged.funnel]
        return CrmText(funnel.key), CrmText(funnel.label), None, _ALL
    return stage_cells(head, judged)


def _verdict(judged: Judged, *, shared: bool) -> Row:
    scores, cases = judged.scores, Count(judged.cases.counts.total())
    if scores is None:
        return cases, _won(judged), _FEW, None, None, None, None, None
    return (
        cases,
        _won(judged),
        Share(scores.forecast),
        Share(scores.observed),
        # Of all entries together a deal may be several, which an interval must not count.
        None if judged.step == OVERALL and shared else _interval(scores),
        *_tested(judged, scores),
    )


def _tested(judged: Judged, scores: Scores) -> tuple[Cell, Cell, Cell]:
    side = _SIDES[judged.side] if judged.side else None
    if judged.adjusted is None:
        return side, None, None
    return side, Score(scores.p_value), Score(judged.adjusted)


def _scored(judged: Judged) -> Row:
    scores, cases = judged.scores, judged.cases
    left_out = (Count(cases.unresolved), Count(cases.unweighted), Count(cases.assumed))
    if scores is None:
        return Count(cases.counts.total()), None, None, None, None, None, *left_out
    return (
        Count(scores.cases),
        Score(scores.brier),
        Score(scores.base),
        None if scores.skill is None else Score(scores.skill),
        Score(scores.log_loss),
        Score(scores.ece),
        *left_out,
    )


def _binned(bin: Bin) -> Row:
    return (
        Share(bin.low),
        Share(bin.high),
        Share(bin.forecast),
        Count(bin.cases),
        Count(bin.won),
        Share(bin.observed),
        Interval(*map(Share, bin.interval)),
    )


def _won(judged: Judged) -> Cell:
    return Count(sum(many for (_, won), many in judged.cases.counts.items() if won))


def _interval(scores: Scores) -> Cell:
    return Interval(*map(Share, scores.interval))
