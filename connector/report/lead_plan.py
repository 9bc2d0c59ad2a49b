"""The part of a plan's report that is about the confidence of leads."""

from collections import Counter
from collections.abc import Iterator, Mapping

from connector.model import Remote, SetConfidence
from connector.reconcile.confidence.impact import LeadImpact, StageShift
from connector.reconcile.confidence.leads import LeftBecause, LeftLead
from connector.reconcile.confidence.planner import LeadPlan
from connector.reconcile.confidence.wanted import Basis
from connector.report.document import (
    Block,
    Cell,
    Column,
    Count,
    CrmText,
    Instant,
    Money,
    Note,
    Place,
    Share,
    Table,
    Term,
    Tone,
    phrase,
)
from connector.report.impact import BY_OWNER, BY_PIPELINE, money_cells, owner_cells, place_cells
from connector.report.layout import Row
from connector.report.names import Names

# Of those that are left alone so many are named; the saved plan names them all.
NAMED = 50

LEAD_COLUMNS = (
    Column("lead", "Lead"),
    Column("pipeline", place=Place.DATA),
    Column("pipeline_label", place=Place.HEADING),
    Column("stage", place=Place.DATA),
    Column("stage_label", "Stage"),
    Column("before", "Before"),
    Column("after", "After"),
)
_CHANGES = (*LEAD_COLUMNS, Column("name", "Name"))
_LEFT = (
    *LEAD_COLUMNS[:5],
    Column("present", "Now"),
    Column("wanted", "Wanted"),
    Column("name", "Name"),
    Column("reason", "Because", Place.UNDER),
    Column("by", place=Place.DATA),
    Column("by_name", "Set by"),
    Column("at", "Set at"),
)
_COUNTS = (Column("what", "Leads"), Column("leads", "Number"))
_STAGES = (
    Column("pipeline", place=Place.DATA),
    Column("pipeline_label", place=Place.HEADING),
    Column("stage", place=Place.DATA),
    Column("stage_label", "Stage"),
    Column("leads", "Leads"),
    Column("changed", "Changed"),
    Column("before", "Before"),
    Column("after", "After"),
    Column("difference", "Difference"),
)

_TITLES = {
    Basis.PROCESS: "Leads whose confidence becomes the process's, those that move most first",
    Basis.EVIDENCE: "Leads whose confidence becomes what the history says, those that move most"
    " first",
    None: "Leads that get their former confidence back",
}
_REASONS = {
    LeftBecause.PERSON: "a person set it in this stage",
    LeftBecause.UNKNOWN: "somebody set it in this stage, and nobody knows who",
    LeftBecause.IN_DOUBT: "a write was sent whose outcome no pull has told yet",
    LeftBecause.FOUND_CHANGED: "it was found changed since the last pull",
    LeftBecause.CHANGED_SINCE: "it was changed since",
    LeftBecause.CLOSED_SINCE: "it is not open any more",
    LeftBecause.NOTHING_BEFORE: "it had none before, and none can be written",
}
_NOT_KNOWN = (
    "What confidence leads have is not known, so none is planned. To know it:"
    " connector pull --account {account}"
)
_WAITING = "{waiting} more leads wait for the next plan; --max-leads N takes more at once."
_SILENT = (
    "No event of this account tells of a confidence that anybody set. Either nobody did, or"
    " Nutshell does not say: look into some of these leads before you apply."
)
_MORE = "{more} more leads are left alone; the saved plan names them all."


def lead_blocks(
    leads: LeadPlan | None, remote: Remote, account: str, names: Names, owners: Mapping[str, str]
) -> Iterator[Block]:
    """What a plan moves, the leads by which it does so, and those it leaves to people.

    `leads` None: no pull has told of them.
    """
    if leads is None:
        yield Note(phrase(_NOT_KNOWN, account=account), Tone.CAUTION)
        return
    changes = tuple(
        (*lead_cells(change, names), CrmText(leads.names.get(change.deal, "")))
        for change in leads.changes
    )
    yield Table("lead_counts", _COUNTS, _counts(leads), "What this would do to leads")
    yield from _impact(leads.impact, remote, names, owners)
    yield Table("leads", _CHANGES, changes, _TITLES[leads.basis], "None.")
    if leads.silent:
        yield Note(_SILENT, Tone.CAUTION)
    left = tuple(_left(each, remote, names, owners) for each in leads.left[:NAMED])
    yield Table("leads_left", _LEFT, left, "Leads left alone")
    if len(leads.left) > NAMED:
        yield Note(phrase(_MORE, more=Count(len(leads.left) - NAMED)))
    if leads.waiting:
        yield Note(phrase(_WAITING, waiting=Count(leads.waiting)), Tone.CAUTION)


def lead_cells(change: SetConfidence, names: Names) -> Row:
    """A lead with its place and both confidences, in the columns of `LEAD_COLUMNS`."""
    before = None if change.before is None else Share(change.before / 100)
    return (
        CrmText(change.deal),
        *_stage(change.pipeline, change.stage, names),
        before,
        Share(change.after / 100),
    )


def _counts(leads: LeadPlan) -> tuple[Row, ...]:
    left = Counter(each.because for each in leads.left)
    counted = {
        Term("changed", "get another confidence"): len(leads.changes),
        Term("outdated", "of these, have one a person set in an earlier stage"): leads.outdated,
        Term("unpriced", "of these, have no amount and weigh nothing"): leads.impact.unpriced,
        Term("waiting", "wait for the next plan"): leads.waiting,
        Term("untold", "cannot be told, for want of history"): leads.untold,
        **{Term(because, _REASONS[because]): left[because] for because in LeftBecause},
    }
    kept = {"changed", "waiting", "outdated"}
    return tuple((what, Count(n)) for what, n in counted.items() if n or what.code in kept)


def _impact(
    impact: LeadImpact, remote: Remote, names: Names, owners: Mapping[str, str]
) -> Iterator[Block]:
    pipelines = (
        (*place_cells(each, names), *money_cells(each, remote)) for each in impact.pipelines
    )
    title = "Weighted pipeline by Nutshell's rule, value × confidence"
    yield Table("lead_pipelines", BY_PIPELINE, tuple(pipelines), title)
    shares = (
        (*place_cells(each, names), *owner_cells(each, owners), *money_cells(each, remote))
        for each in impact.owners
    )
    yield Table("lead_owners", BY_OWNER, tuple(shares), "The same by owner")
    stages = tuple(_shift(each, remote, names) for each in impact.stages)
    yield Table("lead_stages", _STAGES, stages, "The same by stage")


def _shift(shift: StageShift, remote: Remote, names: Names) -> Row:
    amounts = (shift.before, shift.after, shift.after - shift.before)
    return (
        *_stage(shift.pipeline, shift.stage, names),
        Count(shift.leads),
        Count(shift.changed),
        *(Money(amount, remote.currency) for amount in amounts),
    )


def _left(left: LeftLead, remote: Remote, names: Names, owners: Mapping[str, str]) -> Row:
    by = None if left.by is None else CrmText(left.by)
    return (
        CrmText(left.deal),
        *_stage(left.pipeline, left.stage, names),
        _share(left.present),
        _share(left.wanted),
        CrmText(left.name),
        Term(left.because, _REASONS[left.because]),
        by,
        by and CrmText(owners.get(by.text, by.text)),
        None if left.at is None else Instant(left.at, remote.time_zone),
    )


def _stage(pipeline: str, stage: str, names: Names) -> tuple[Cell, ...]:
    return (
        CrmText(pipeline),
        names.pipeline(pipeline),
        CrmText(stage),
        names.stage(pipeline, stage),
    )


def _share(confidence: int | None) -> Cell:
    return None if confidence is None else Share(confidence / 100)
