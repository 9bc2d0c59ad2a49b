"""The part of a plan's report that says what its changes would move."""

from collections.abc import Iterator, Mapping

from connector.model import Remote
from connector.reconcile.plan import Impact, Weighted
from connector.report.document import (
    Block,
    Cell,
    Column,
    Count,
    CrmText,
    Missing,
    Money,
    Note,
    Place,
    Table,
    Term,
    Tone,
)
from connector.report.drift_words import CRMS
from connector.report.layout import Row
from connector.report.names import Names

_NEVER_PULLED = (
    "What this would move is not known, because deals were never pulled. "
    "To know it: connector pull --account {account}"
)
_NOTHING = "Not affected."

_DEALS = (Column("what", "Deals"), Column("deals", "Number"))
_MONEY = (
    Column("deals", "Deals"),
    Column("before", "Before"),
    Column("after", "After"),
    Column("difference", "Difference"),
)
BY_PIPELINE = (
    Column("pipeline", place=Place.DATA),
    Column("pipeline_label", "Pipeline"),
    *_MONEY,
)
BY_OWNER = (
    Column("pipeline", place=Place.DATA),
    Column("pipeline_label", place=Place.HEADING),
    Column("owner", place=Place.DATA),
    Column("owner_name", "Owner"),
    *_MONEY,
)


def impact_blocks(
    account: str, impact: Impact | None, remote: Remote, names: Names, owners: Mapping[str, str]
) -> Iterator[Block]:
    """What the changes of a plan would move, or that nobody can tell."""
    if impact is None:
        yield Note(_NEVER_PULLED.format(account=account), Tone.CAUTION)
        return
    yield Table("impact", _DEALS, _deals(impact, remote), "What the changes would move")
    pipelines = (
        (*place_cells(each, names), *money_cells(each, remote)) for each in impact.pipelines
    )
    yield Table("weighted_pipeline", BY_PIPELINE, tuple(pipelines), "Weighted pipeline", _NOTHING)
    shares = (
        (*place_cells(each, names), *owner_cells(each, owners), *money_cells(each, remote))
        for each in impact.owners
    )
    yield Table("weighted_by_owner", BY_OWNER, tuple(shares), "Weighted by owner", _NOTHING)


def _deals(impact: Impact, remote: Remote) -> tuple[Row, ...]:
    counted = {
        Term("touched", "in a stage whose probability changes"): impact.touched,
        Term("opening", "closed now, open afterwards"): impact.opening,
        Term("closing", "open now, closed afterwards"): impact.closing,
        **_marked(impact, remote),
        Term("unpriced", f"open without an amount in {remote.currency}"): impact.unpriced,
    }
    return tuple((what, Count(deals)) for what, deals in counted.items())


def _marked(impact: Impact, remote: Remote) -> dict[Term, int]:
    """The deals a CRM touches because their pipeline changes; Nutshell lets nobody change one."""
    if remote.crm == "nutshell":
        return {}
    crm = CRMS.get(remote.crm, remote.crm)
    return {Term("modified", f"{crm} will probably mark as modified"): impact.modified}


def place_cells(weighted: Weighted, names: Names) -> Row:
    """The pipeline, by its id and its label."""
    return CrmText(weighted.pipeline), names.pipeline(weighted.pipeline)


def owner_cells(weighted: Weighted, owners: Mapping[str, str]) -> Row:
    """The owner, by id and name."""
    if weighted.owner is None:
        return None, Missing("nobody")
    return CrmText(weighted.owner), CrmText(owners.get(weighted.owner, weighted.owner))


def money_cells(weighted: Weighted, remote: Remote) -> tuple[Cell, ...]:
    """How many deals, and what they weigh before, after and in difference."""
    amounts = (weighted.before, weighted.after, weighted.after - weighted.before)
    return Count(weighted.deals), *(Money(amount, remote.currency) for amount in amounts)
