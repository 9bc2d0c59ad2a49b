"""How reports tell of deals that lie in a stage too long."""

from collections.abc import Sequence

from connector.metrics.privacy import Naming
from connector.metrics.stages.time_in_stage import Stalled, StalledDeal
from connector.report.analytics.head import Head
from connector.report.analytics.stage_columns import STAGE, stage_cells
from connector.report.document import (
    Cell,
    Column,
    Count,
    CrmText,
    Days,
    Missing,
    Place,
    Table,
    Term,
)
from connector.report.layout import Row

_STALLED = (
    Column("deals", "Deals there now"),
    Column("stalled_after", "Stalled after"),
    Column("set_by", "Set by"),
    Column("over", "Longer than that"),
)
_OWNER = Column("owner", "Owner")
_DEALS = (
    Column("over", "Too long by"),
    Column("days", "There for"),
    Column("since", place=Place.DATA),
    Column("account", "Account"),
    Column("deal", "Id"),
    Column("deal_name", "Deal"),
)
_HISTORY = Term("history", "75 % left by then")
_PROCESS = Term("process", "max_days")
_NO_LIMIT = Missing("not known")
_NOBODY = Missing("nobody")
STALLED_DEFINITION: Row = (
    "Stalled after",
    "Deals there now",
    "max_days of the process, or else the time by which 75 % of visits have ended; deals that have"
    " lain strictly longer in their present visit",
)


def stalled_table(head: Head, rows: Sequence[Stalled]) -> Table:
    """How many deals lie too long in each stage."""
    filled = tuple((*stage_cells(head, row), *_counts(head, row)) for row in rows)
    return Table("stalled", (*STAGE, *_STALLED), filled, "Stalled deals")


def deals_table(head: Head, deals: Sequence[StalledDeal]) -> Table:
    """The deals that lie too long, with their owners as far as config.toml allows."""
    told = head.scope.privacy.owners is not Naming.OFF
    owner = (_OWNER,) if told else ()
    rows = tuple(
        (*stage_cells(head, deal), *_deal(head, deal), *((_owner(head, deal),) if told else ()))
        for deal in deals
    )
    return Table("stalled_deals", (*STAGE, *_DEALS, *owner), rows, "The stalled deals, worst first")


def _counts(head: Head, row: Stalled) -> Row:
    stage = head.scope.funnels[row.funnel].stages[row.step]
    set_by = _HISTORY if stage.max_days is None else _PROCESS
    if row.after is None or row.over is None:
        return Count(row.deals), _NO_LIMIT, None, None
    return Count(row.deals), Days(row.after / 1000), set_by, Count(row.over)


def _deal(head: Head, deal: StalledDeal) -> Row:
    return (
        Days(deal.over / 1000),
        Days(deal.there / 1000),
        head.instant(deal.since),
        CrmText(deal.account),
        CrmText(deal.id),
        CrmText(deal.name),
    )


def _owner(head: Head, deal: StalledDeal) -> Cell:
    if not deal.owner:
        return _NOBODY
    person = head.scope.people.get((deal.account, deal.owner))
    named = head.scope.privacy.owners is Naming.NAMES and person
    return CrmText(person.name if named and person else deal.owner)
