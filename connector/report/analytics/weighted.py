"""The table of the weighted pipeline."""

from collections.abc import Iterator, Mapping
from datetime import date

from connector.metrics.forecasting.forecast import Due, Forecast, Weighed
from connector.metrics.forecasting.odds import KINDS
from connector.metrics.grouping import NONE, By, Group, pooled
from connector.report.analytics.amounts import money
from connector.report.analytics.groups import group_key, group_name
from connector.report.analytics.head import Head
from connector.report.analytics.odds import kind_title
from connector.report.document import Cell, Column, Count, CrmText, Missing, Place, Table, Term
from connector.report.layout import Row

_MONTHS = 12
_SPLITS = {By.OWNER: "By rep", By.TEAM: "By team", By.REGION: "By region"}


def weighted_table(head: Head, forecast: Forecast) -> Table:
    """The open deals in all, by pipeline and month, and split; a kind nobody has is left out."""
    pipeline = forecast.pipeline
    told = tuple(kind for kind in range(len(KINDS)) if is_known(pipeline.total, kind))
    columns = (
        Column("split", place=Place.DATA),
        Column("split_label", place=Place.HEADING),
        Column("key", place=Place.DATA),
        Column("label", "Open deals"),
        Column("deals", "Deals"),
        Column("without_amount", place=Place.DATA),
        Column("unpriced", place=Place.DATA),
        Column("amount", "Amount"),
        Column("commit", place=Place.DATA),
        Column("best_case", place=Place.DATA),
        *(
            Column(
                kind,
                kind_title(head.scope, kind),
                Place.CELL if number in told else Place.DATA,
            )
            for number, kind in enumerate(KINDS)
        ),
        *(Column(f"{kind}_lacking", place=Place.DATA) for kind in KINDS),
    )
    rows = tuple(
        (*who, *_weighed(head, forecast, weighed)) for who, weighed in _rows(head, forecast)
    )
    empty = "No deal was open."
    return Table(
        "weighted", columns, rows if pipeline.total.deals else (), "Weighted pipeline", empty
    )


def _rows(head: Head, forecast: Forecast) -> Iterator[tuple[Row, Weighed]]:
    pipeline = forecast.pipeline
    yield ("total", None, None, Term("total", "total")), pipeline.total
    if len(pipeline.funnels) > 1:
        for funnel, weighed in zip(head.scope.funnels, pipeline.funnels, strict=True):
            who = "pipeline", "By pipeline", CrmText(funnel.key), CrmText(funnel.label)
            yield who, weighed
    for key, label, weighed in _months(pipeline.months):
        yield ("month", "By month of close date", key, label), weighed
    for by, told in told_groups(head, forecast).items():
        if set(told) == {NONE}:
            continue
        for group, weighed in told.items():
            yield (by, _SPLITS[by], group_key(group), group_name(group, by)), weighed


def _months(months: Mapping[date | Due, Weighed]) -> Iterator[tuple[Cell, Cell, Weighed]]:
    """Overdue, the coming months with everything behind a year as one, and undated."""
    dated = sorted(month for month in months if isinstance(month, date))
    if Due.OVERDUE in months:
        yield "overdue", Term("overdue", "earlier, overdue"), months[Due.OVERDUE]
    for month in dated[:_MONTHS]:
        yield f"{month:%Y-%m}", f"{month:%Y-%m}", months[month]
    if later := dated[_MONTHS:]:
        weighed = sum((months[month] for month in later), Weighed())
        yield "later", Term("later", f"{later[0]:%Y-%m} or later"), weighed
    if Due.UNDATED in months:
        yield "undated", Term("undated", "no close date"), months[Due.UNDATED]


def told_groups(head: Head, forecast: Forecast) -> dict[By, dict[Group, Weighed]]:
    """The groups that may be told apart, by the way of splitting."""
    privacy = head.scope.privacy
    known = forecast.pipeline.groups.items()
    return {by: pooled(cells, lambda cell: cell.deals, by, privacy) for by, cells in known}


def _weighed(head: Head, forecast: Forecast, weighed: Weighed) -> Row:
    return (
        Count(weighed.deals),
        Count(weighed.without_amount),
        Count(weighed.unpriced),
        money(head, weighed.amount),
        *promised(head, forecast, weighed),
        *(kind_sum(head, weighed, kind) for kind in range(len(KINDS))),
        *(Count(lacking) for lacking in weighed.lacking),
    )


def promised(head: Head, forecast: Forecast, weighed: Weighed) -> Row:
    """Commit and best case; not defined where nobody uses the categories."""
    if not forecast.pipeline.total.promised:
        return Missing("not defined"), Missing("not defined")
    return money(head, weighed.commit), money(head, weighed.best_case)


def kind_sum(head: Head, weighed: Weighed, kind: int) -> Cell:
    """Σ amount × probability of one kind; not known where no deal has one."""
    if weighed.deals and not is_known(weighed, kind):
        return Missing("not known")
    return money(head, weighed.weighted[kind])


def is_known(weighed: Weighed, kind: int) -> bool:
    """Whether any deal has a probability of a kind."""
    return weighed.lacking[kind] < weighed.deals
