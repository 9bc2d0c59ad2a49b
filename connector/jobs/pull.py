"""Pull: read an account into the database, all of it or what changed."""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta

from sqlite_utils import Database

from connector.errors import BadAnswer
from connector.model import Crm, Field, Page, Remote
from connector.store import accounts, landing, promotion
from connector.store.landing import Pull
from connector.store.promotion import Promoted


@dataclass(frozen=True, slots=True)
class Pulled:
    """What one pull did; `seconds` are of this run, also where it went on from an earlier one."""

    account: str
    remote: Remote
    pull: Pull
    promoted: Promoted
    seconds: float


def pull(
    account: str,
    kind: str,
    crm: Crm,
    db: Database,
    fields: Mapping[str, str],
    *,
    full: bool = False,
    landed: Callable[[int], None] = lambda deals: None,
) -> Pulled:
    """Read an account and promote what was read, or leave the database as it was.

    `fields` are the further tracked fields; `landed` hears of each page how many deals it had.
    Pages that landed before a failure are kept, so that the next pull within the hour goes on
    behind them.
    """
    began = time.monotonic()
    remote = crm.account()
    account_id = accounts.remember(db, account, kind, remote)
    run = landing.begin(db, account_id, remote.now, (*Field.ALWAYS, *fields), full=full)
    pipelines, owners = crm.pipelines(), crm.owners()
    for page in _complete(crm.deals(run.since, run.bookmark)):
        landing.land(db, run, page)
        landed(len(page.deals))
    seconds = time.monotonic() - began
    finished = remote.now + timedelta(seconds=seconds)
    promoted = promotion.promote(db, run, pipelines, owners, finished)
    return Pulled(account, remote, run, promoted, seconds)


def _complete(pages: Iterator[Page]) -> Iterator[Page]:
    """The pages, with an error where they stop before the one that says it is the last."""
    last = None
    for last in pages:
        yield last
    if last is None or last.bookmark is not None:
        raise BadAnswer("The listing of deals stopped before its last page. Pull again to go on.")
