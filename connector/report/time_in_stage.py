"""The report of how long deals stay in each stage."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from connector.metrics.stays import LeftOut
from connector.metrics.time_in_stage import MINIMUM_EXITS, Estimate, TimeInStage
from connector.model import Outcome, Pipeline, Remote
from connector.report.document import (
    Block,
    Cell,
    Column,
    Count,
    CrmText,
    Days,
    Document,
    Fact,
    Instant,
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
from connector.report.drift_words import crm_term
from connector.report.layout import Row
from connector.report.names import Names, names_in

_FEW = (
    f"A stage that fewer than {MINIMUM_EXITS} visits have left shows counts only: too few to say "
    "anything about time."
)
_NO_VISITS = "No deal has been in an open stage yet."
_NO_OPEN_STAGE = "No stage was open then; the visits to others are listed below."
_AFTER_PULL = (
    "This is after the last pull of {pulled}: stays since then are not known to have lasted."
)

_STAGE = (
    Column("pipeline", place=Place.DATA),
    Column("pipeline_label", place=Place.HEADING),
    Column("stage", place=Place.DATA),
    Column("stage_label", "Stage"),
    Column("visits", "Visits"),
)
_MEDIANS = (
    *_STAGE,
    Column("left", "Left"),
    Column("open", "Still there"),
    Column("pass_throughs", "Under 60 s"),
    Column("median", "Median"),
    Column("median_interval", "95 % interval"),
    Column("naive_median", "Naive median"),
    Column("naive_mean", "Naive mean"),
)
_SPREAD = (
    *_STAGE,
    Column("quarter", "25 % left by"),
    Column("three_quarters", "75 % left by"),
    Column("restricted_mean", "Mean up to horizon"),
    Column("beyond", "Stay beyond horizon"),
    Column("beyond_interval", "95 % interval"),
    Column("longest", "Longest stay"),
)
_LEFT_OUT = (
    *_STAGE,
    Column("because", "Because"),
)
_BECAUSE = {
    Outcome.WON: Term("won", "the stage counts as won"),
    Outcome.LOST: Term("lost", "the stage counts as lost"),
    None: Term("gone", "the stage, or its pipeline, was not there"),
}
_DEFINITIONS = Table(
    "definitions",
    (Column("numbers", "Number"), Column("n", "n"), Column("definition", "Definition")),
    (
        (
            "Visits",
            None,
            "a deal's unbroken stays in the stage, pass-throughs included; a deal may have several",
        ),
        (
            "Median, 25 %, 75 %",
            "Visits",
            "Kaplan–Meier: visits not ended count as longer than they are so far; "
            "95 % interval by log-log Greenwood; > is the longest stay, where it is not reached",
        ),
        (
            "Mean up to horizon",
            "Visits",
            "the area under the Kaplan–Meier curve up to the horizon: the mean of stays cut there",
        ),
        ("Stay beyond horizon", "Visits", "the Kaplan–Meier curve at the horizon"),
        ("Naive median, mean", "Left", "of the visits that ended; too short while many have not"),
    ),
    "What the numbers mean",
)


def time_in_stage_document(
    rows: Sequence[TimeInStage],
    account: str,
    remote: Remote,
    pipelines: Sequence[Pipeline],
    as_of: datetime,
    left_out: Sequence[LeftOut] = (),
    pulled: datetime | None = None,
) -> Document:
    """Time in stage as of an instant; rows in the order of the pipelines and their stages.

    `pulled` is the end of the last pull, where it is told.
    """
    return Document(
        name="time-in-stage",
        version=1,
        title=f"Time in stage in {account}",
        facts=(
            Fact("account", "Account", account),
            Fact("crm", "CRM", crm_term(remote.crm)),
            Fact("as_of", "As of", Instant(as_of, remote.time_zone)),
            Fact("reading", "Reading", "each visit counts by itself, in days"),
            *(Fact("horizon", "Horizon, days", Days(row.horizon)) for row in rows[:1]),
        ),
        blocks=(
            *_cautions(as_of, pulled, remote.time_zone),
            *_blocks(rows, left_out, names_in(pipelines)),
        ),
    )


def _cautions(as_of: datetime, pulled: datetime | None, zone: str) -> Iterator[Block]:
    if pulled is not None and as_of > pulled:
        yield Note(phrase(_AFTER_PULL, pulled=Instant(pulled, zone)), Tone.CAUTION)


def _blocks(
    rows: Sequence[TimeInStage], left_out: Sequence[LeftOut], names: Names
) -> Iterator[Block]:
    medians = tuple((*_stage(row, names), *_counts(row), *_medians(row)) for row in rows)
    empty = _NO_OPEN_STAGE if left_out else _NO_VISITS
    yield Table("medians", _MEDIANS, medians, "Medians, in days", empty)
    if any(row.estimate is None for row in rows):
        yield Note(_FEW)
    told = [(row, row.estimate) for row in rows if row.estimate]
    if told:
        spread = tuple((*_stage(row, names), *_spread(row, estimate)) for row, estimate in told)
        yield Table("spread", _SPREAD, spread, "Spread, in days")
    if left_out:
        yield Table("left_out", _LEFT_OUT, tuple(map(_left_out, left_out)), "Visits left out")
    if told:
        yield _DEFINITIONS


def _left_out(row: LeftOut) -> Row:
    return (
        CrmText(row.pipeline),
        CrmText(row.pipeline_label or row.pipeline or "no known pipeline"),
        CrmText(row.stage),
        CrmText(row.stage_label or row.stage),
        Count(row.visits),
        _BECAUSE[row.outcome],
    )


def _stage(row: TimeInStage, names: Names) -> Row:
    return (
        CrmText(row.pipeline),
        names.pipeline(row.pipeline),
        CrmText(row.stage),
        names.stage(row.pipeline, row.stage),
        Count(row.visits),
    )


def _counts(row: TimeInStage) -> Row:
    return Count(row.exits), Count(row.still_open), Count(row.pass_throughs)


def _medians(row: TimeInStage) -> Row:
    if row.estimate is None or row.naive is None:
        return None, None, None, None
    return (
        _reached(row.estimate.median, row),
        _median_interval(row.estimate, row),
        Days(row.naive.median),
        Days(row.naive.mean),
    )


def _median_interval(estimate: Estimate, row: TimeInStage) -> Interval | None:
    if estimate.median_low is None:
        return None
    return Interval(Days(estimate.median_low), _reached(estimate.median_high, row))


def _reached(seconds: float | None, row: TimeInStage) -> Days:
    """A length, or where it lies beyond every stay, that it is longer than the longest."""
    return Days(row.longest, more_than=True) if seconds is None else Days(seconds)


def _spread(row: TimeInStage, estimate: Estimate) -> Row:
    return (
        _reached(estimate.quarter, row),
        _reached(estimate.three_quarters, row),
        _known(estimate.restricted_mean),
        *_beyond(estimate),
        Days(row.longest),
    )


def _known(seconds: float | None) -> Cell:
    return Missing("not known") if seconds is None else Days(seconds)


def _beyond(estimate: Estimate) -> Row:
    if estimate.beyond is None:
        return Missing("not known"), None
    beyond = estimate.beyond
    return Share(beyond.share), Interval(Share(beyond.low), Share(beyond.high))
