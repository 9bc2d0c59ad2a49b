"""Reads of deals, merged with what was known of it before."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlite_utils import Database

from connector.model import Field, Merged
from connector.store.deals import (
    Columns,
    Gone,
    History,
    New,
    Stored,
    add,
    find,
    note_gaps,
    stored,
    update,
)
from connector.store.instants import to_ms
from connector.store.keys import AccountKeys
from connector.store.landed import Landed
from connector.store.merge import Gap, Known, gap, joined


@dataclass(frozen=True, slots=True)
class Read:
    """A deal as a pull read it, the digest of that, and the key of its row where it has one."""

    deal: Landed
    digest: int
    key: int | None


@dataclass(frozen=True, slots=True)
class Written:
    """What a read of one deal brought; `gone` says that it was live until then."""

    new: bool = False
    changed: bool = False
    gone: bool = False
    changes: int = 0
    gaps: int = 0


def take_deals(
    db: Database, keys: AccountKeys, read: Sequence[Read], seen_at: int
) -> Iterator[tuple[Landed, Written]]:
    """Write what reads of deals, begun at `seen_at`, tell anew, if anything.

    The digest is that of the read, so that the same one is recognised without being merged.
    """
    fresh = [each for each in read if each.key is None]
    yield from zip((each.deal for each in fresh), _add(db, keys, fresh, seen_at), strict=True)
    for each in read:
        if each.key is not None:
            yield each.deal, _update(db, keys, each.key, each, seen_at)


def _add(db: Database, keys: AccountKeys, fresh: Sequence[Read], seen_at: int) -> Iterator[Written]:
    new = []
    for each in fresh:
        history = _merged({}, each.deal.history, seen_at)
        stored = Stored(_columns(keys, each.deal, history), _gone(each.deal, Gone()), history)
        new.append(New(each.deal.id, stored, each.digest))
    return (Written(new=True, changes=changes) for changes in add(db, keys, new))


def _update(db: Database, keys: AccountKeys, key: int, read: Read, seen_at: int) -> Written:
    deal, before = read.deal, stored(db, key)
    history = _merged(before.history, deal.history, seen_at)
    after = Stored(_columns(keys, deal, history), _gone(deal, before.gone), history)
    if after == before:
        return Written()
    gaps = _gaps(before.history, deal.history) if deal.whole else {}
    return Written(
        changed=True,
        gone=before.gone.at is None and after.gone.at is not None,
        changes=update(db, keys, key, before, after, read.digest),
        gaps=note_gaps(db, keys, key, gaps),
    )


def take_missing(db: Database, keys: AccountKeys, remote: str, at: int) -> bool:
    """End a deal that the CRM says it does not have; whether that was news.

    Nobody knows when it went; it is taken for gone since the pull that asked for it.
    """
    known = find(db, keys.account, remote)
    if known is None or known[1].gone.at is not None:
        return False
    key, before = known
    update(db, keys, key, before, before._replace(gone=Gone(at, "deleted")), digest=None)
    return True


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


def _gaps(before: History, told: History) -> dict[str, Gap]:
    """The gaps by field between what was known and what a read still tells."""
    found = {field: gap(before.get(field, ()), read) for field, read in told.items()}
    return {field: between for field, between in found.items() if between}


def _merged(before: History, told: History, seen_at: int) -> History:
    merged = {field: _begun(history) for field, history in joined(before, told, seen_at).items()}
    return {**before, **{field: history for field, history in merged.items() if history}}


def _begun(history: tuple[Known, ...]) -> tuple[Known, ...]:
    """The history from its first value on: to have seen a field without any is no change of it."""
    seen_empty = history and history[0].value is None and history[0].not_before is not None
    return history[1:] if seen_empty else history


def _columns(keys: AccountKeys, deal: Landed, history: History) -> Columns:
    """The row of a deal; the last change of each field is its current value."""
    now = {field: changes[-1].value for field, changes in history.items()}
    return Columns(
        name=deal.name,
        created_at=deal.created_at,
        modified_at=deal.modified_at,
        stage=keys.stages.optional(now.get(Field.STAGE)),
        pipeline=keys.pipelines.optional(now.get(Field.PIPELINE)),
        owner=keys.owners.optional(now.get(Field.OWNER)),
        amount=now.get(Field.AMOUNT),
        home_amount=deal.home_amount,
        currency=deal.currency,
        close_date=now.get(Field.CLOSE_DATE),
    )


def _gone(deal: Landed, known: Gone) -> Gone:
    if deal.archived_at is None:
        return Gone()
    # The CRM lists merged deals as archived too, and the merge tells more.
    if known.how == "merged":
        return known
    return Gone(deal.archived_at, "archived")
