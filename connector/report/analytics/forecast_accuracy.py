"""The report of how right forecasts of past periods were."""

from collections.abc import Iterator, Sequence

from connector.metrics.forecasting.forecast_accuracy import ForecastAccuracy, Line
from connector.metrics.forecasting.forecast_scores import Scores, accuracy, ratio
from connector.metrics.forecasting.horizons import Horizon
from connector.metrics.forecasting.odds import KINDS, Kind
from connector.metrics.forecasting.position import CONFIDENCE
from connector.metrics.scope import Scope
from connector.metrics.statistics.lengths import DAY, HOUR
from connector.report.analytics.amounts import amount_notes, money
from connector.report.analytics.definitions import definitions
from connector.report.analytics.head import Head, head_facts, head_notes
from connector.report.analytics.odds import is_nutshell, kind_title, unweighted_note
from connector.report.cells import shown
from connector.report.document import (
    Block,
    Cell,
    Column,
    Count,
    Document,
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

_KINDS = {
    Kind.CONFIGURED: Term("configured", "by the stages' probabilities"),
    Kind.DEAL: Term("deal", "by the deals' own probabilities"),
    Kind.OVERALL: Term("overall", "by the overall win rate"),
    Kind.EVIDENCE: Term("evidence", "by the evidence of the history"),
}
_RULE = Term("deal", "by Nutshell's rule: the leads' confidence")
_SUMMARY = (
    Column("kind", place=Place.DATA),
    Column("kind_label", place=Place.HEADING),
    Column("horizon", place=Place.DATA),
    Column("before_end", place=Place.DATA),
    Column("horizon_label", "Forecast on"),
    Column("periods", "Periods"),
    Column("wape", "Off by"),
    Column("rep_wape", "Off by rep"),
    Column("bias", "Bias"),
    Column("ratio", "F/A"),
    Column("skill", "Skill"),
    Column("compared", place=Place.DATA),
)
_PERIODS = (
    Column("period", place=Place.HEADING),
    Column("actual", "won by its end", Place.HEADING),
    Column("today", "as of now", Place.HEADING),
    Column("kind", place=Place.DATA),
    Column("kind_label", "By"),
    Column("horizon", place=Place.DATA),
    Column("before_end", place=Place.DATA),
    Column("horizon_label", "Forecast on"),
    Column("deals", "Open deals due"),
    Column("lacking", place=Place.DATA),
    Column("won_so_far", "Won so far"),
    Column("forecast", "Forecast"),
    Column("error", place=Place.DATA),
    Column("naive", place=Place.DATA),
    Column("accuracy", "Accuracy"),
    Column("ratio", "F/A"),
)
_NO_DATES = (
    "Forecast accuracy is not defined here: no deal had a close date before it closed, so nothing"
    " was ever forecast for a period."
)
_NO_PERIODS = (
    "Forecast accuracy is not defined yet: the history holds no complete period with an open deal"
    " at its start that is long enough for the days asked for."
)
_LACKING = (
    "A forecast is not known where a deal due in the period had no probability of its kind; by the"
    " overall win rate and the evidence that is so until ten deals of a pipeline were decided."
)
_NO_OWN = (
    "The deals' own probabilities are left out: no account keeps their history. Name the CRM's"
    " field in config.toml, then pull: [accounts.NAME.fields]"
    ' confidence = "hs_forecast_probability".'
)
_NOT_ALL_OWN = (
    "The deals' own probabilities are left out: of no period are those of all its deals known as"
    " they were then."
)
_NO_CONFIDENCE = (
    "Nutshell's rule is left out: what confidence the leads had then is not known of any period. It"
    " is from the first pull on."
)
_FLAGGED = (
    "{deals} times a stage's probability was not known as far back as the forecast; the earliest"
    " known one, or the process's, stands in."
)
_WITHOUT = "{deals} times a deal due in a period had no amount then and counted as 0."
_WON_WITHOUT = "{deals} deals won in these periods had no amount at the end and count as 0."
_UNDATED = "{deals} times an open deal had no close date then and was in no forecast."
_SUBMITTED = "What people submitted as their forecasts in HubSpot is not read, so it is not here."
_BINNED = (
    "Lengths of time are counted in {unit}s for the evidence, each off by half a {unit} at most."
)
_UNITS = {HOUR: "hour", DAY: "day"}
_DEFINITIONS = (
    (
        "Forecast",
        "open deals due",
        "won so far in the period + Σ amount × probability over the deals open at that instant with"
        " a close date in the period, all as they were known then; deals created later are not in"
        " it, which makes early forecasts low; day 0 is the first of the period at 00:00",
    ),
    (
        "Won by its end",
        "won deals",
        "amounts of the deals won in the period, by the closing change, as they stood at its end;"
        " as of now: of those still won, at the amounts as of the report",
    ),
    ("Accuracy", "1 period", "HubSpot's: max(0, 1 − |A − F| / A), F forecast, A won by its end"),
    (
        "Off by",
        "periods",
        "WAPE: Σ|F − A| / ΣA; by rep: |F − A| taken rep by rep, which a right total can hide",
    ),
    ("Bias, F/A", "periods", "Σ(F − A) / ΣA: over 0 is too much; F/A: ΣF / ΣA"),
    (
        "Skill",
        "periods",
        "1 − Σ|F − A| / Σ|naive − A|, naive being the mean of up to four periods before; over 0"
        " is better than that",
    ),
)


def forecast_accuracy_document(
    head: Head, found: ForecastAccuracy, kinds: Sequence[Kind]
) -> Document:
    """Scores by horizon and kind, then the periods one by one for some kinds."""
    return Document(
        name="forecast-accuracy",
        version=1,
        title="Forecast accuracy",
        facts=head_facts(head),
        blocks=(*head_notes(head), *_blocks(head, found, kinds)),
    )


def _blocks(head: Head, found: ForecastAccuracy, kinds: Sequence[Kind]) -> Iterator[Block]:
    if not found.dated:
        yield Note(_NO_DATES, Tone.CAUTION)
    elif not found.lines:
        yield Note(_NO_PERIODS, Tone.CAUTION)
    elif head.scope.currency is None:
        yield from amount_notes(head, 0, found.unpriced)
    else:
        yield from _told(head, found, kinds)


def _told(head: Head, found: ForecastAccuracy, kinds: Sequence[Kind]) -> Iterator[Block]:
    summary = sorted(found.summary, key=lambda each: KINDS.index(each[1]))
    rows = tuple(_summed(head, *each) for each in summary if each[2].periods)
    yield Table("scores", _SUMMARY, rows, "How far off forecasts were")
    chosen = [line for line in found.lines if line.kind in kinds]
    lines = sorted(chosen, key=lambda line: (line.period.window, KINDS.index(line.kind)))
    periods = tuple(
        _period(head, line) for line in lines if line.lacking < line.deals or line.scored
    )
    yield Table(
        "periods", _PERIODS, periods, "Period by period", "No forecast of this kind is known."
    )
    yield from _notes(head, found)
    yield definitions(*_DEFINITIONS)


def _summed(head: Head, horizon: Horizon, kind: Kind, scores: Scores) -> Row:
    return (
        kind,
        _RULE if kind is Kind.DEAL and is_nutshell(head.scope) else _KINDS[kind],
        *_when(horizon),
        Count(scores.periods),
        _share(scores.wape),
        _share(scores.rep_wape),
        _share(scores.bias),
        _share(scores.ratio),
        _share(scores.skill),
        Count(scores.compared),
    )


def _period(head: Head, line: Line) -> Row:
    scored = line.scored
    told = (
        line.period.label,
        money(head, line.actual),
        money(head, line.today),
        line.kind,
        kind_title(head.scope, line.kind),
        *_when(line.horizon),
        Count(line.deals),
        Count(line.lacking),
        money(head, line.won),
    )
    if scored is None:
        return (*told, Missing("not known"), None, None, None, None)
    return (
        *told,
        money(head, scored.forecast),
        money(head, scored.error),
        money(head, scored.naive),
        _accuracy(head, line),
        _share(ratio(scored.forecast, scored.actual)),
    )


def _accuracy(head: Head, line: Line) -> Cell:
    """The share, or where nothing was won the error in money."""
    if line.scored is None:
        return None
    found = accuracy(line.scored.forecast, line.scored.actual)
    if found is None:
        return Missing(f"off by {shown(money(head, line.scored.error))}")
    return Share(found)


def _when(horizon: Horizon) -> Row:
    words = f"{horizon.days} days before its end" if horizon.before_end else f"day {horizon.days}"
    return Count(horizon.days), horizon.before_end, words


def _share(value: float | None) -> Cell:
    return Missing("not defined") if value is None else Share(value)


def _why_no_own(scope: Scope) -> str:
    if is_nutshell(scope):
        return _NO_CONFIDENCE
    return _NOT_ALL_OWN if CONFIDENCE in scope.fields else _NO_OWN


def _notes(head: Head, found: ForecastAccuracy) -> Iterator[Block]:
    known = {line.kind for line in found.lines if line.scored is not None and line.deals}
    if Kind.DEAL not in known:
        yield Note(_why_no_own(head.scope))
    yield from unweighted_note(head.scope)
    if any(line.lacking for line in found.lines if line.kind in known):
        yield Note(_LACKING)
    counted = ((_FLAGGED, found.flagged), (_WITHOUT, found.without_amount))
    left_out = ((_WON_WITHOUT, found.won_without_amount), (_UNDATED, found.undated))
    for words, deals in (*counted, *left_out):
        if deals:
            yield Note(phrase(words, deals=Count(deals)))
    if found.unpriced:
        yield from amount_notes(head, 0, found.unpriced)
    if found.grain in _UNITS:
        yield Note(_BINNED.format(unit=_UNITS[found.grain]))
    if not is_nutshell(head.scope):
        yield Note(_SUBMITTED)
