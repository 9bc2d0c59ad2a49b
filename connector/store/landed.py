"""A deal as it lands: what the CRM told of it, in the values its rows are made of."""

from collections.abc import Iterable, Mapping

import msgspec

from connector.model import Change, Deal
from connector.store.instants import optional_ms, to_ms
from connector.store.merge import Known


class Landed(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A deal as a pull read it, its instants in milliseconds and its history by field.

    `whole` says that the history is all the CRM knows, not only what is new.
    """

    id: str
    name: str
    created_at: int
    modified_at: int
    archived_at: int | None
    currency: str
    home_amount: str | None
    history: Mapping[str, tuple[Known, ...]]
    whole: bool = True


def as_landed(deal: Deal) -> Landed:
    """The deal as it lands."""
    return Landed(
        deal.id,
        deal.name,
        to_ms(deal.created_at),
        to_ms(deal.modified_at),
        optional_ms(deal.archived_at),
        deal.currency,
        deal.home_amount,
        _by_field(deal.changes),
        deal.whole,
    )


def _by_field(changes: Iterable[Change]) -> dict[str, tuple[Known, ...]]:
    told: dict[str, list[Known]] = {}
    for each in changes:
        since = None if each.not_before is None else to_ms(each.not_before)
        told.setdefault(each.field, []).append(Known(to_ms(each.at), each.value, since, each.by))
    return {field: tuple(history) for field, history in told.items()}
