"""The report of the probabilities that the history speaks for."""

from collections.abc import Iterator, Sequence

from connector.metrics.stages.stage_probability import STRENGTH
from connector.metrics.stages.stage_probability import Share as Won
from connector.metrics.stages.suggestion import ENOUGH, FunnelSuggestions, Suggestion, Verdict
from connector.metrics.statistics.proportions import Interval as Bounds
from connector.report.analytics.definitions import definitions
from connector.report.analytics.head import Head, head_facts, head_notes
from connector.report.analytics.odds import unweighted_note
from connector.report.analytics.stage_columns import STAGE
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
    Share,
    Table,
    Term,
    Tone,
    phrase,
)
from connector.report.layout import Row

_STAGES = (
    *STAGE,
    Column("configured", "Configured"),
    Column("suggested", "Suggested"),
    Column("verdict", "Verdict"),
    Column("entered", "Entered"),
    Column("decided", "Decided"),
    Column("evidence", "Won, estimated"),
    Column("evidence_interval", "95 % interval"),
    Column("shrunk", place=Place.DATA),
    Column("pooled", place=Place.DATA),
)
_PLAIN = (
    *STAGE,
    Column("undecided", "Undecided"),
    Column("won", "Won"),
    Column("decided", "Decided"),
    Column("share", "Won of decided"),
    Column("share_interval", "95 % interval"),
    Column("sitting", "On a 1st"),
    Column("sitting_share", "Won of these"),
    Column("sitting_interval", "95 % interval"),
)
_TOO_FEW = Missing("too few")
_VERDICTS = {
    Verdict.CHANGE: Term(Verdict.CHANGE, "change it", Tone.CAUTION),
    Verdict.KEEP: Term(Verdict.KEEP, "fits", Tone.GOOD),
    Verdict.FEW: Term(Verdict.FEW, "not enough evidence"),
}
_DEFINITIONS = definitions(
    (
        "Won, estimated",
        "Entered",
        "Aalen–Johansen: the share won, since the first entry into the stage, with lost as the"
        " other ending and open deals counted as open so far; 95 % interval log-log, or"
        " Wilson's where all or none were won",
    ),
    ("Undecided", "Entered", "what the same estimate leaves neither won nor lost"),
    (
        "Suggested",
        "Decided",
        f"the estimate drawn to the win rate of the whole process as by {STRENGTH} deals,"
        " and made to rise with the order of the stages",
    ),
    (
        "Verdict",
        None,
        f"a change only where the interval excludes what is configured and {ENOUGH} deals or"
        " more are decided",
    ),
    ("Won of decided", "Decided", "won / (won + lost) of the deals that entered; Wilson"),
    (
        "Won of these",
        "On a 1st",
        "the same of decided deals that lay in the stage on the first of a month, each once",
    ),
)
_NONE = "No pipeline has an open stage."
_HOURS = "{funnel}: lengths are counted in hours, half an hour off at most, as there are so many."
_NEXT = (
    "To put the suggested values into the process files: connector report suggest --write"
    " --decided-by NAME. What one would move: connector plan --what-if STAGE=PROBABILITY"
)


def suggest_document(head: Head, found: Sequence[FunnelSuggestions]) -> Document:
    """What became of the deals of every open stage, beside its configured probability."""
    return Document(
        name="suggest",
        version=1,
        title="Probabilities the history speaks for",
        facts=head_facts(head),
        blocks=(*head_notes(head), *_blocks(head, found)),
    )


def _blocks(head: Head, found: Sequence[FunnelSuggestions]) -> Iterator[Block]:
    rows = tuple(_row(each, stage) for each in found for stage in each.stages)
    yield Table("stages", _STAGES, rows, "Probability by stage", _NONE)
    plain = tuple(_plain(each, stage) for each in found for stage in each.stages)
    yield Table("shares", _PLAIN, plain, "Plain shares beside it")
    yield from unweighted_note(head.scope)
    for each in found:
        if each.binned:
            yield Note(phrase(_HOURS, funnel=CrmText(each.funnel.label)))
    if rows:
        yield _DEFINITIONS
    if any(stage.verdict is Verdict.CHANGE for each in found for stage in each.stages):
        yield Note(_NEXT)


def _names(each: FunnelSuggestions, suggestion: Suggestion) -> Row:
    stage = suggestion.stage
    return (
        CrmText(each.funnel.key),
        CrmText(each.funnel.label),
        CrmText(stage.key),
        CrmText(stage.label),
    )


def _row(each: FunnelSuggestions, suggestion: Suggestion) -> Row:
    found, configured = suggestion.found, suggestion.stage.probability
    return (
        *_names(each, suggestion),
        None if configured is None else Share(configured),
        _suggested(suggestion),
        _verdict(suggestion),
        Count(found.entered),
        Count(found.decided.decided),
        Share(found.raw.share) if found.decided.decided else None,
        _interval(found.interval) if found.decided.decided else None,
        None if found.shrunk is None else Share(found.shrunk),
        None if found.value is None else Share(found.value),
    )


def _suggested(suggestion: Suggestion) -> Cell:
    if suggestion.verdict is not Verdict.CHANGE or suggestion.found.value is None:
        return None
    return Share(suggestion.found.value)


def _verdict(suggestion: Suggestion) -> Cell:
    if suggestion.verdict is Verdict.DECIDED and suggestion.decision:
        decision = suggestion.decision
        return Term(
            Verdict.DECIDED, f"decided by {decision.decided_by}, until {decision.review_on}"
        )
    return _VERDICTS[suggestion.verdict]


def _plain(each: FunnelSuggestions, suggestion: Suggestion) -> Row:
    found = suggestion.found
    return (
        *_names(each, suggestion),
        Share(found.undecided),
        Count(found.decided.won),
        *_share(found.decided),
        *_share(found.sitting),
    )


def _share(won: Won) -> Row:
    if won.value is None:
        return Count(0), _TOO_FEW, None
    return Count(won.decided), Share(won.value), _interval(won.interval)


def _interval(bounds: Bounds | None) -> Cell:
    return None if bounds is None else Interval(Share(bounds.low), Share(bounds.high))
