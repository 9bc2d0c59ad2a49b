"""The work orders of an account in a report: the list to tick off, and what ended lately."""

from collections.abc import Iterator

from connector.model import Remote
from connector.reconcile.work_review import Closed
from connector.reconcile.work_steps import Step, Worklist
from connector.report.cells import in_zone
from connector.report.document import (
    Block,
    Checklist,
    Column,
    Count,
    CrmText,
    Instant,
    Items,
    Note,
    Place,
    Share,
    Table,
    Term,
    phrase,
)
from connector.report.drift_words import CRMS
from connector.report.hands import after, certainty
from connector.report.layout import Row
from connector.report.work_words import (
    act_term,
    drags,
    ended_when,
    ending_term,
    first,
    shape,
    to_do,
    to_name,
    told_value,
    was_asked,
    where,
)

_STEPS = (
    Column("where", place=Place.HEADING),
    Column("step", place=Place.DATA),
    Column("to_do"),
    Column("act", place=Place.DATA),
    Column("pipeline", place=Place.DATA),
    Column("pipeline_label", place=Place.DATA),
    Column("stage", place=Place.DATA),
    Column("stage_label", place=Place.DATA),
    Column("from", place=Place.DATA),
    Column("to", place=Place.DATA),
    Column("temporary", place=Place.DATA),
    Column("behind", place=Place.DATA),
    Column("probabilities", place=Place.DATA),
    Column("moves", place=Place.DATA),
    Column("deals", place=Place.DATA),
    Column("blocked_by", place=Place.DATA),
    Column("first", "First", Place.UNDER),
    Column("order", "In this order", Place.UNDER),
    Column("drags", "To get there", Place.UNDER),
    Column("since", place=Place.DATA),
    Column("open", "Open since", Place.UNDER),
    Column("drift", place=Place.DATA),
)
_ENDED = (
    Column("pipeline", place=Place.DATA),
    Column("pipeline_label", place=Place.HEADING),
    Column("asked", "Work order"),
    Column("ended", "Ended"),
    Column("when", "When"),
    Column("at", place=Place.DATA),
    Column("after", place=Place.DATA),
    Column("known", place=Place.DATA),
    Column("kind", place=Place.DATA),
    Column("stage", place=Place.DATA),
    Column("wanted", place=Place.DATA),
    Column("since", place=Place.DATA),
    Column("drift", place=Place.DATA),
)
_TITLE = "To do in {crm}, from top to bottom: {orders}, the oldest open since {oldest}"
_NEXT = (
    "connector can write none of this to {crm}. The next connector pull sees what was done, and"
    " says what is still open."
)


def work_blocks(work: Worklist, remote: Remote) -> Iterator[Block]:
    """The list of work orders, what only the process file is behind with, and what ended lately."""
    zone = remote.time_zone
    rows = tuple(_step(at, step, work, remote) for at, step in enumerate(work.steps, 1))
    ended = tuple(_closed(each, zone) for each in work.lately)
    yield Checklist("work_orders", _STEPS, rows, _title(work, remote) if rows else "")
    for twin in work.namesakes:
        yield Note(to_name(twin))
    if rows:
        yield Note(phrase(_NEXT, crm=CRMS.get(remote.crm, remote.crm)))
    yield Table("work_done", _ENDED, ended, "Done, or no longer wanted")


def _title(work: Worklist, remote: Remote) -> str:
    number, oldest = len(work.since), min(work.since.values())
    return _TITLE.format(
        crm=CRMS.get(remote.crm, remote.crm),
        orders="1 work order" if number == 1 else f"{number} work orders",
        oldest=_day(Instant(oldest, remote.time_zone)),
    )


def _step(at: int, step: Step, work: Worklist, remote: Remote) -> Row:
    drift = step.order.drift
    since = Instant(work.since[step.order.wish], remote.time_zone)
    return (
        where(step, remote.crm),
        Count(at),
        to_do(step),
        act_term(step),
        CrmText(drift.pipeline),
        CrmText(step.pipeline),
        CrmText(drift.stage) if drift.stage else None,
        CrmText(step.stage) if step.stage else None,
        told_value(step.before),
        told_value(step.after),
        step.temporary,
        CrmText(step.behind) if step.behind else None,
        *_figures(step),
        CrmText(step.blocked) if step.blocked else None,
        first(step, remote.crm),
        shape(step),
        drags(step),
        since,
        _day(since),
        CrmText(drift.id),
    )


def _figures(step: Step) -> Row:
    """Probabilities of new stages, moves, and deals in the way, as programs want them."""
    moves = tuple(
        Items((CrmText(each.stage), CrmText(each.behind) if each.behind else None))
        for each in step.moves
    )
    return (
        Items(tuple(map(Share, step.weights))) if step.weights else None,
        Items(moves) if moves else None,
        None if step.order.deals is None else Count(step.order.deals),
    )


def _day(instant: Instant) -> str:
    """The day of an instant where the account is."""
    return f"{in_zone(instant):%Y-%m-%d}"


def _closed(closed: Closed, zone: str) -> Row:
    drift = closed.order.drift
    return (
        CrmText(drift.pipeline),
        CrmText(drift.pipeline_label),
        was_asked(drift),
        ending_term(closed),
        ended_when(closed, zone),
        Instant(closed.at, zone),
        after(closed.not_before, zone),
        certainty(closed.not_before),
        Term(drift.kind, drift.kind),
        CrmText(drift.stage) if drift.stage else None,
        told_value(drift.desired),
        Instant(closed.order.since, zone),
        CrmText(drift.id),
    )
