"""One read of a deal, merged with what was known of it before."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlite_utils import Database

from connector.model import Change, Deal, Field, Merged
from connector.store.deals import Columns, Gone, History, Stored, add, by_field, find, update
from connector.store.instants import optional_ms, to_ms
from connector.store.keys import AccountKeys
from connector.store.merge import Known, ending_as_read, merge


@dataclass(frozen=True, slots=True)
class Written:
    """What a read of one deal brought."""

    new: bool = False
    changed: bool = False
    changes: int = 0


def take_deal(db: Database, keys: AccountKeys, deal: Deal, digest: int, seen_at: int) -> Written:
    """Write what a read of a deal, begun at `seen_at`, tells anew, if anything.

    `digest` is that of the read, so that the same one is recognised without being merged.
    """
    known = find(db, keys.account, deal.id)
    if known is None:
        history = _merged({}, deal.changes, seen_at)
        read = Stored(_columns(keys, deal, history), _gone(deal, Gone()), history)
        return Written(new=True, changes=add(db, keys, deal.id, read, digest))
    key, before = known
    history = _merged(before.history, deal.changes, seen_at)
    after = Stored(_columns(keys, deal, history), _gone(deal, before.gone), history)
    if after == before:
        return Written()
    return Written(changed=True, changes=update(db, keys, key, before, after, digest))


def take_merged(db: Database, keys: AccountKeys, merged: Merged) -> bool:
    """End a deal that went up in another one; whether that was news.

    A deal that was never read has no history to end.
    """
    known = find(db, keys.account, merged.id)
    if known is None:
        return False
    key, before = known
    after = before._replace(gone=Gone(to_ms(merged.at), "merged", merged.into))
    if after == before:
        return False
    update(db, keys, key, before, after, digest=None)
    return True


def _merged(before: History, changes: Iterable[Change], seen_at: int) -> History:
    read = by_field((change.field, _known(change)) for change in changes)
    merged = {
        field: ending_as_read(merge(before.get(field, ()), told), told, seen_at)
        for field, told in read.items()
    }
    return {**before, **merged}


def _known(change: Change) -> Known:
    return Known(to_ms(change.at), change.value, optional_ms(change.not_before), change.by)


def _columns(keys: AccountKeys, deal: Deal, history: History) -> Columns:
    """The row of a deal; the last change of each field is its current value."""
    now = {field: changes[-1].value for field, changes in history.items()}
    return Columns(
        name=deal.name,
        created_at=to_ms(deal.created_at),
        modified_at=to_ms(deal.modified_at),
        stage=keys.stages.optional(now.get(Field.STAGE)),
        pipeline=keys.pipelines.optional(now.get(Field.PIPELINE)),
        owner=keys.owners.optional(now.get(Field.OWNER)),
        amount=now.get(Field.AMOUNT),
        home_amount=deal.home_amount,
        currency=deal.currency,
        close_date=now.get(Field.CLOSE_DATE),
    )


def _gone(deal: Deal, known: Gone) -> Gone:
    if deal.archived_at is None:
        return Gone()
    # The CRM lists merged deals as archived too, and the merge tells more.
    if known.how == "merged":
        return known
    return Gone(to_ms(deal.archived_at), "archived")
