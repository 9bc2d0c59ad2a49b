"""The report of what a pull brought."""

from collections.abc import Sequence

from connector.report.document import Column, Count, CrmText, Document, Fact, Table, Term

_FAULTS = (Column("fault", "Not read"),)
_WHAT = {True: Term("everything", "everything"), False: Term("changed", "what changed")}


def pull_document(
    account: str, counts: dict[str, int | None], faults: Sequence[str], *, full: bool, resumed: bool
) -> Document:
    """One pull of one account; `counts` are numbers by their key in docs/json.md."""
    return Document(
        name="pull",
        version=1,
        title=f"Pulled {account}",
        facts=(
            Fact("account", "Account", account),
            Fact("read", "Read", _WHAT[full]),
            Fact("resumed", "Went on from an earlier run", resumed),
            *(_count(key, number) for key, number in counts.items()),
        ),
        blocks=(Table("faults", _FAULTS, tuple((CrmText(each),) for each in faults)),),
    )


def _count(key: str, number: int | None) -> Fact:
    return Fact(key, key.replace("_", " "), None if number is None else Count(number))
