"""The report of the weighted pipeline and of what is ahead."""

from collections.abc import Iterator

from connector.metrics.forecasting.forecast import Due, Forecast, Weighed
from connector.metrics.forecasting.new_deals import Expected
from connector.metrics.forecasting.odds import KINDS, Kind
from connector.metrics.statistics.lengths import HOUR
from connector.report.analytics.amounts import amount_notes, money
from connector.report.analytics.definitions import definitions
from connector.report.analytics.groups import group_notes
from connector.report.analytics.head import Head, head_facts, head_notes
from connector.report.analytics.odds import is_nutshell, kind_title, unweighted_note
from connector.report.analytics.weighted import (
    is_known,
    kind_sum,
    promised,
    told_groups,
    weighted_table,
)
from connector.report.document import (
    Block,
    Cell,
    Column,
    Count,
    Document,
    Interval,
    Missing,
    Note,
    Place,
    Table,
    Tone,
    phrase,
)
from connector.report.layout import Row

_EVIDENCE = KINDS.index(Kind.EVIDENCE)
_NEW = "{value}, 95 % interval {interval}"
_NOT_KNOWN = "not known: no pipeline had new deals in the last year and ten wins with an amount"
_TOO_FEW = Missing("too few")
_WHY = {
    Kind.CONFIGURED: "Configured is not defined: no stage with an open deal has a probability.",
    Kind.DEAL: (
        "The deal's own probability is not defined: no open deal has one. Name the CRM's field in"
        ' config.toml, then pull: [accounts.NAME.fields] confidence = "hs_forecast_probability".'
    ),
    Kind.OVERALL: "Overall is not defined: fewer than ten deals were won or lost.",
    Kind.EVIDENCE: "Evidence is not defined: fewer than ten deals were won or lost.",
}
_LACKING = "{title} leaves out {lacking} of {deals} open deals, which have no such probability."
_FLAGGED = (
    "{deals} open deals lie in stages whose probability is not known as far back as this instant;"
    " the earliest known one, or the process's, stands in."
)
_OUTSTAYED = (
    "{deals} open deals have been in their stage for longer than any deal that was won later: the"
    " evidence gives them nothing."
)
_UNDATED = "{deals} open deals have no close date: they are in no month and no period."
_WON_WITHOUT = "{deals} deals won so far have no amount and count as 0."
_NO_CATEGORIES = (
    "Commit and best case are not defined: no open deal is in either forecast category."
)
_BINNED = "Lengths of time are counted in hours, each off by half an hour at most."
_NO_CONFIDENCE = "Nutshell's rule is not defined: no open deal has a confidence."
_OWN = (
    "Σ amount × the deal's own probability (HubSpot's forecast probability, Nutshell's confidence)"
)
_RULE = "Σ amount × the lead's confidence, as Nutshell's own forecast report by confidence has it"
_CONFIGURED = (
    "Configured",
    "open deals",
    "Σ amount × the stage's probability in force at the instant",
)
_DEFINITIONS = (
    (
        "Overall",
        "open deals",
        "Σ amount × won / (won + lost) of all deals of the pipeline decided before the instant",
    ),
    (
        "Evidence",
        "open deals",
        "Σ amount × chance by the history: where deals went that stayed in the stage longer than"
        " this one has, times the share won of those that entered the stage they went to"
        " (Aalen–Johansen); 0 where none ever stayed longer",
    ),
    (
        "Commit, best case",
        "open deals",
        "Σ amount of the deals in that forecast category, unweighted",
    ),
    (
        "From new deals",
        "deals won",
        "deals created a day in the last 365 days × share won so soon after creation"
        " (Aalen–Johansen) × mean won amount, from the instant on; 95 % interval of a gamma"
        " distribution with the variance of a compound Poisson sum and of its parts; growth and"
        " seasons are not in it",
    ),
    (
        "Expected",
        "",
        "won so far + open deals due in the period by evidence + from new deals",
    ),
)


def forecast_document(head: Head, forecast: Forecast) -> Document:
    """What is ahead, then the weighted pipeline in all and split."""
    return Document(
        name="forecast",
        version=1,
        title="Forecast",
        facts=head_facts(head),
        blocks=(*head_notes(head), *_blocks(head, forecast)),
    )


def _blocks(head: Head, forecast: Forecast) -> Iterator[Block]:
    yield _ahead(head, forecast)
    yield weighted_table(head, forecast)
    yield from _notes(head, forecast)
    yield definitions(_CONFIGURED, _own(head), *_DEFINITIONS)


def _own(head: Head) -> Row:
    told = _RULE if is_nutshell(head.scope) else _OWN
    return kind_title(head.scope, Kind.DEAL), "open deals", told


def _ahead(head: Head, forecast: Forecast) -> Table:
    columns = (
        Column("period", "Period"),
        Column("deals", "Due"),
        Column("commit", "Commit"),
        Column("best_case", "Best case"),
        *(Column(kind, place=Place.DATA) for kind in KINDS if kind is not Kind.EVIDENCE),
        Column(Kind.EVIDENCE, "Open, by evidence"),
        Column("new", place=Place.DATA),
        Column("new_interval", place=Place.DATA),
        Column("new_wins", place=Place.DATA),
        Column("expected", "Expected"),
        Column("won_deals", place=Place.DATA),
        Column("won", "Won so far", Place.UNDER),
        Column("new_told", "From deals not created yet", Place.UNDER),
    )
    return Table("ahead", columns, tuple(_ahead_rows(head, forecast)), "What is ahead")


def _ahead_rows(head: Head, forecast: Forecast) -> Iterator[Row]:
    pipeline = forecast.pipeline
    known = zip(pipeline.ahead, pipeline.due, forecast.new, strict=True)
    for number, (period, due, new) in enumerate(known):
        won = 0 if number else forecast.won.value
        kinds = tuple(kind_sum(head, due, kind) for kind in range(len(KINDS)))
        yield (
            period.label,
            Count(due.deals),
            *promised(head, forecast, due),
            *kinds,
            *_new(head, new),
            _expected(head, won, due, new),
            *((None, None) if number else (Count(forecast.won.deals), money(head, won))),
            _told(head, new),
        )


def _new(head: Head, new: Expected | None) -> Row:
    if new is None:
        return None, None, None
    return money(head, new.value), _interval(head, new), Count(new.wins)


def _expected(head: Head, won: int, due: Weighed, new: Expected | None) -> Cell:
    if new is None or (due.deals and not is_known(due, _EVIDENCE)):
        return _TOO_FEW
    return money(head, won + due.weighted[_EVIDENCE] + new.value)


def _told(head: Head, new: Expected | None) -> Cell:
    if new is None:
        return Missing(_NOT_KNOWN)
    return phrase(_NEW, value=money(head, new.value), interval=_interval(head, new))


def _interval(head: Head, new: Expected) -> Cell:
    low, high = new.interval
    return Interval(money(head, low), money(head, high))


def _notes(head: Head, forecast: Forecast) -> Iterator[Block]:
    pipeline = forecast.pipeline
    total = pipeline.total
    yield from _kind_notes(head, total)
    yield from unweighted_note(head.scope)
    if pipeline.flagged:
        yield Note(phrase(_FLAGGED, deals=Count(pipeline.flagged)), Tone.CAUTION)
    if pipeline.outstayed:
        yield Note(phrase(_OUTSTAYED, deals=Count(pipeline.outstayed)))
    if Due.UNDATED in pipeline.months:
        yield Note(phrase(_UNDATED, deals=Count(pipeline.months[Due.UNDATED].deals)))
    if forecast.won.without_amount:
        yield Note(phrase(_WON_WITHOUT, deals=Count(forecast.won.without_amount)))
    if total.deals and not total.promised:
        yield Note(_NO_CATEGORIES)
    if forecast.grain == HOUR:
        yield Note(_BINNED)
    yield from amount_notes(head, total.without_amount, total.unpriced)
    groups = told_groups(head, forecast)
    for each in forecast.splits:
        yield from group_notes(head, each, {0: groups[each.by] if each.by else ()})


def _kind_notes(head: Head, total: Weighed) -> Iterator[Block]:
    """Which kinds of probability the open deals do not have."""
    for number, kind in enumerate(KINDS):
        lacking = total.lacking[number]
        if total.deals and lacking == total.deals:
            own = kind is Kind.DEAL and is_nutshell(head.scope)
            yield Note(_NO_CONFIDENCE if own else _WHY[kind])
        elif lacking:
            title, deals = kind_title(head.scope, kind), Count(total.deals)
            told = phrase(_LACKING, title=title, lacking=Count(lacking), deals=deals)
            yield Note(told, Tone.CAUTION)
