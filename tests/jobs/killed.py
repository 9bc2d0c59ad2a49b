"""A pull or an apply that kills itself, with SIGKILL, at its n-th point.

Points are every SQL statement and the moments before and after every call to the CRM. With n = 0 it
lives on and prints how many points it passed.

    python killed.py CONFIG N pull
    python killed.py CONFIG N apply PLAN
"""

import os
import signal
import sys
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

from connector.config import load_config
from connector.crm.hubspot import HubSpot, connect
from connector.jobs.apply import apply
from connector.jobs.pull import pull
from connector.model import Capability, Owners, Page, Pipeline, Remote, StageChange, Trail
from connector.reconcile.planfile import load
from connector.store import close, open_database


class Points:
    """Counts the points passed and kills the process at the chosen one."""

    def __init__(self, fatal: int) -> None:
        self.passed = 0
        self._fatal = fatal

    def __call__(self, *_: object) -> None:
        self.passed += 1
        if self.passed == self._fatal:
            os.kill(os.getpid(), signal.SIGKILL)


class Watched:
    """A CRM whose every call has a point before and one behind it."""

    can: frozenset[Capability] = HubSpot.can

    def __init__(self, crm: HubSpot, point: Points) -> None:
        self._crm = crm
        self._point = point

    def account(self) -> Remote:
        self._point()
        return self._crm.account()

    def pipelines(self) -> tuple[Pipeline, ...]:
        self._point()
        return self._crm.pipelines()

    def versions(self, pipeline_id: str) -> Trail:
        self._point()
        return self._crm.versions(pipeline_id)

    def owners(self, *, former: bool = False) -> Owners:
        self._point()
        return self._crm.owners(former=former)

    def count(self) -> int | None:
        self._point()
        return self._crm.count()

    def deals(self, since: datetime | None, bookmark: str | None = None) -> Iterator[Page]:
        return self._walked(self._crm.deals(since, bookmark))

    def archived(self, bookmark: str | None = None) -> Iterator[Page]:
        return self._walked(self._crm.archived(bookmark))

    def by_id(self, ids: Sequence[str]) -> Iterator[Page]:
        return self._walked(self._crm.by_id(ids))

    def stop(self) -> None:
        self._crm.stop()

    def _walked(self, pages: Iterator[Page]) -> Iterator[Page]:
        for page in pages:
            self._point()
            yield page

    def write(self, change: StageChange) -> None:
        self._point()
        self._crm.write(change)
        self._point()


def main(config_path: str, fatal: str, job: str, *plan: str) -> None:
    config = load_config(Path(config_path), os.environ)
    account = config.accounts[0]
    secret = account.token if job == "pull" else account.write_token
    assert secret is not None
    point = Points(int(fatal))
    crm = Watched(connect(secret.reveal(), base_url=account.base_url), point)
    db = open_database(config.database)
    db.conn.set_trace_callback(point)
    if job == "pull":
        pull(account, crm, db)
    else:
        text = Path(plan[0]).read_text("utf-8")
        apply(account, crm, db, load(text), text)
    db.conn.set_trace_callback(None)
    close(db)
    sys.stdout.write(str(point.passed))


if __name__ == "__main__":
    main(*sys.argv[1:])
