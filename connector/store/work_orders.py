"""Work orders on record: since when each is open, and when and how it ended."""

from collections.abc import Sequence
from datetime import datetime

from sqlite_utils import Database

from connector.reconcile.drift import Drift
from connector.reconcile.work_orders import Wish, WorkOrder
from connector.reconcile.work_review import Closed, Ending, Known
from connector.store.database import writing
from connector.store.encoding import decode, encode
from connector.store.instants import from_ms, optional_instant, optional_ms, to_ms

_OPEN = "account = :account AND drift = :drift AND wanted = :wanted AND closed IS NULL"
_KNOWN = "body, drift, wanted, since, seen"


def open_orders(db: Database, account: int) -> tuple[Known, ...]:
    """Every order nobody has carried out or withdrawn, oldest first."""
    rows = db.execute(
        f"SELECT {_KNOWN} FROM work_orders WHERE account = ? AND closed IS NULL ORDER BY since, id",
        (account,),
    )
    return tuple(_known(*row) for row in rows)


def record(
    db: Database, account: int, found: Sequence[WorkOrder], closed: Sequence[Closed], at: datetime
) -> None:
    """Note what a reading found: orders that are open, those that are new, and those that ended.

    Where another run noted the same meanwhile, its word stands.
    """
    with writing(db):
        for each in closed:
            db.execute(
                "UPDATE work_orders SET closed = :at, not_before = :not_before, ending = :ending"
                f" WHERE {_OPEN}",
                _key(account, each.order.wish)
                | {
                    "at": to_ms(each.at),
                    "not_before": optional_ms(each.not_before),
                    "ending": each.ending,
                },
            )
        for order in found:
            values = {"body": encode(order.drift).decode(), "at": to_ms(at)}
            db.execute(
                "INSERT INTO work_orders (account, drift, wanted, body, since, seen)"
                " VALUES (:account, :drift, :wanted, :body, :at, :at)"
                " ON CONFLICT (account, drift, wanted) WHERE closed IS NULL"
                " DO UPDATE SET body = excluded.body, seen = MAX(seen, excluded.seen)",
                _key(account, order.wish) | values,
            )


def closed_since(db: Database, account: int, since: datetime, told: datetime) -> tuple[Closed, ...]:
    """The orders that ended since an instant, and earlier ones no list told of before `told`."""
    rows = db.execute(
        f"SELECT ending, closed, not_before, {_KNOWN} FROM work_orders WHERE account = :account"
        " AND closed IS NOT NULL AND (closed >= :since OR told IS NULL OR told >= :told)"
        " ORDER BY closed, id",
        {"account": account, "since": to_ms(since), "told": to_ms(told)},
    )
    return tuple(
        Closed(_known(*known), Ending(ending), from_ms(at), optional_instant(not_before))
        for ending, at, not_before, *known in rows
    )


def tell(db: Database, account: int, at: datetime) -> None:
    """Note that a list told of every order that has ended so far."""
    with writing(db):
        db.execute(
            "UPDATE work_orders SET told = ?"
            " WHERE account = ? AND closed IS NOT NULL AND told IS NULL",
            (to_ms(at), account),
        )


def _known(body: str, drift: str, wanted: str, since: int, seen: int) -> Known:
    return Known(decode(body, Drift), Wish(drift, wanted), from_ms(since), from_ms(seen))


def _key(account: int, wish: Wish) -> dict[str, str | int | None]:
    return {"account": account, "drift": wish.drift, "wanted": wish.wanted}
