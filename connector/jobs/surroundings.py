"""What a pull reads beside the deals: pipelines, their audit trails and owners."""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

from sqlite_utils import Database

from connector.jobs.legs import stopping
from connector.jobs.trails import Trails, read_trails
from connector.model import Crm, Owners, Pipeline
from connector.store.pipelines import trails_due
from connector.store.pulls import Pull


@contextmanager
def beside(crm: Crm) -> Iterator[ThreadPoolExecutor]:
    """Threads that end with the block, at once where it is no fault of the CRM's that ends it."""
    threads = ThreadPoolExecutor(4, "pull")
    try:
        with stopping(crm):
            yield threads
    finally:
        threads.shutdown(cancel_futures=True)


class Surroundings:
    """What a pull reads beside the deals, in other threads.

    A read of everything reads all audit trails and former owners too; what changed needs fewer.
    """

    def __init__(self, crm: Crm, run: Pull, threads: ThreadPoolExecutor):
        self._crm = crm
        self._run = run
        self._everything = run.since is None
        self._pipelines: Future[tuple[tuple[Pipeline, ...], Trails]] = threads.submit(self._whole)
        self._owners = [threads.submit(crm.owners)]
        if self._everything:
            self._owners.append(threads.submit(crm.owners, former=True))

    def pipelines(self, db: Database) -> tuple[tuple[Pipeline, ...], Trails]:
        """The live pipelines, and the audit trails that may tell something new."""
        pipelines, trails = self._pipelines.result()
        if not self._everything:
            trails = read_trails(self._crm, trails_due(db, self._run.account, pipelines))
        return pipelines, trails

    def owners(self, named: set[str]) -> Owners:
        """The owners; former ones too where those that were `named` are not among the others."""
        read = [future.result() for future in self._owners]
        known = {owner.id for each in read for owner in each.known}
        if not self._everything and named - known:
            read.append(self._crm.owners(former=True))
        return Owners(
            tuple(owner for each in read for owner in each.known),
            tuple(unread for each in read for unread in each.unread),
        )

    def _whole(self) -> tuple[tuple[Pipeline, ...], Trails]:
        pipelines = self._crm.pipelines()
        return pipelines, read_trails(self._crm, pipelines if self._everything else ())
