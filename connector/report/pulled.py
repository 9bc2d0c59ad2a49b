"""The report of what a pull brought."""

from collections.abc import Sequence
from datetime import date

from connector.report.document import Column, Count, CrmText, Document, Fact, Table, Term

_FAULTS = (Column("fault", "Not read"),)
_DOUBTS = (Column("doubt", "Told otherwise by the CRM"),)
_WHAT = {True: Term("everything", "everything"), False: Term("changed", "what changed")}


def pull_document(
    account: str,
    counts: dict[str, int | None],
    faults: Sequence[str],
    doubts: Sequence[str],
    *,
    full: bool,
    resumed: bool,
    oldest_order: date | None = None,
) -> Document:
    """One pull of one account; `counts` are numbers by their key in docs/json.md."""
    oldest = oldest_order.isoformat() if oldest_order else None
    return Document(
        name="pull",
        version=1,
        title=f"Pulled {account}",
        facts=(
            Fact("account", "Account", account),
            Fact("read", "Read", _WHAT[full]),
            Fact("resumed", "Went on from an earlier run", resumed),
            *(_count(key, number) for key, number in counts.items()),
            Fact("orders_oldest", "oldest open work order", oldest),
        ),
        blocks=(
            Table("faults", _FAULTS, tuple((CrmText(each),) for each in faults)),
            Table("doubts", _DOUBTS, tuple((CrmText(each),) for each in doubts)),
        ),
    )


def _count(key: str, number: int | None) -> Fact:
    return Fact(key, key.replace("_", " "), None if number is None else Count(number))
