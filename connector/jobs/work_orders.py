"""Work orders: what an admin is asked for, what they have done of it, and since when it is open."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import takewhile

from sqlite_utils import Database

from connector.config import Account
from connector.jobs.drift import day_in, sift_accepted
from connector.jobs.reading import Reading, read_stored
from connector.model import PipelineVersion, Process
from connector.reconcile.checklist import checklist
from connector.reconcile.drift import Drift, DriftKind
from connector.reconcile.matching import bound
from connector.reconcile.plan import Refusal
from connector.reconcile.planner import plan
from connector.reconcile.work_orders import namesakes, place_of, work_orders
from connector.reconcile.work_review import Closed, Ending, done, review
from connector.reconcile.work_steps import Worklist
from connector.store import accounts, history
from connector.store import work_orders as records

# What was done stays on lists for so long, and until one has told of it; that one may be asked for
# again, in another format, for a while.
LATELY = timedelta(days=7)
REPEATED = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Reviewed:
    """What a pull found of the work orders of an account: those it ended, and those still open.

    `oldest` is the day, in the account, on which the oldest of these was found.
    """

    account: str
    done: int = 0
    withdrawn: int = 0
    open: int = 0
    oldest: date | None = None

    @property
    def line(self) -> str:
        """One line on it, with the command that lists them; nothing where there are none."""
        counts = ((self.done, "done"), (self.withdrawn, "withdrawn"), (self.open, "open"))
        told = [(number, how) for number, how in counts if number]
        if not told:
            return ""
        (number, how), *others = told
        words = [f"{number:,} work order{'s' if number > 1 else ''} {how}"]
        words += [f"{number:,} {how}" for number, how in others]
        words += [f"the oldest since {self.oldest}"] if self.oldest else []
        ask = f"connector plan --account {self.account} --format markdown"
        return f"{', '.join(words)}: {ask}"


def review_pull(account: Account, processes: tuple[Process, ...], db: Database) -> Reviewed:
    """Hold the pipelines of the last pull against the processes, and note what came of each order.

    Nothing is asked of the CRM. The account must have been pulled.
    """
    reading = read_stored(account, db)
    key = accounts.find(db, account.name)
    if key is None or not (any(bound(processes, account.name)) or records.open_orders(db, key)):
        return Reviewed(account.name)
    sifted = sift_accepted(reading, reading.drift(processes), db)
    # Only where a stage is to go does it matter which stages hold deals; counting them is dear.
    leaves = any(drift.kind is DriftKind.STAGE_UNKNOWN for drift in sifted.open)
    made = plan(
        sifted.open,
        processes,
        reading.account,
        reading.remote.id,
        reading.pipelines,
        reading.can,
        history.deals_per_stage(db, key) if leaves else {},
    )
    accepted = [each.drift for each in sifted.accepted]
    found = follow_up(reading, made.refusals, accepted, processes, db, record=True)
    ended = [each.ending is Ending.DONE for each in found.closed]
    oldest = min(found.since.values(), default=None)
    return Reviewed(
        account.name,
        sum(ended),
        len(ended) - sum(ended),
        len(found.since),
        oldest and day_in(reading.remote, oldest),
    )


def follow_up(
    reading: Reading,
    refusals: Sequence[Refusal],
    accepted: Sequence[Drift],
    processes: tuple[Process, ...],
    db: Database,
    *,
    record: bool,
) -> Worklist:
    """The list of what a reading leaves to an admin, told from the orders known before.

    With `record` later lists are told from this one.
    """
    orders, at = work_orders(refusals, processes), reading.at
    key = accounts.find(db, reading.account)
    known = () if key is None else records.open_orders(db, key)
    ended = tuple(review(known, orders, accepted, processes, reading.pipelines, at))
    if key is not None and any(each.ending is Ending.DONE for each in ended):
        versions = history.pipeline_versions(db, key)
        ended = tuple(
            _dated(each, versions.get(each.order.drift.pipeline, ()), processes) for each in ended
        )
    if record and (orders or ended):
        key = accounts.remember(db, reading.account, reading.remote)
        records.record(db, key, orders, ended, at)
    opened = {order.wish: at for order in orders}
    return Worklist(
        checklist(orders, processes, reading.pipelines),
        opened | {each.wish: each.since for each in known if each.wish in opened},
        ended,
        () if key is None else records.closed_since(db, key, at - LATELY, at - REPEATED),
        namesakes(refusal.drift for refusal in refusals),
    )


def tell(worklist: Worklist, reading: Reading, db: Database) -> None:
    """Note that somebody was given a list, so that later ones need not tell again what was done."""
    key = accounts.find(db, reading.account)
    if key is not None and worklist.lately and not reading.stored:
        records.tell(db, key, reading.at)


def _dated(
    closed: Closed, versions: Sequence[PipelineVersion], processes: tuple[Process, ...]
) -> Closed:
    """A done order with the time in which the pipeline came to show it, where versions tell."""
    drift, place = closed.order.drift, place_of(closed.order.drift, processes)
    if closed.ending is not Ending.DONE or place is None:
        return closed
    showing = [*takewhile(lambda each: done(drift, *place, each.pipeline), reversed(versions))]
    if not showing or not closed.order.seen < showing[-1].at <= closed.at:
        return closed
    first = showing[-1]
    after = None if first.not_before is None else max(first.not_before, closed.order.seen)
    return replace(closed, at=first.at, not_before=after)
