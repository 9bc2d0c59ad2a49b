"""A database of one account, and the shortest ways to deals and pulls."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlite_utils import Database

from connector.model import (
    Change,
    Deal,
    Field,
    Merged,
    Outcome,
    Owner,
    Page,
    Pipeline,
    Remote,
    Stage,
    Trail,
    Unread,
)
from connector.store import accounts, close, landing, open_database, promotion, pulls
from connector.store.promotion import Promoted

DAWN = datetime(2026, 1, 1, tzinfo=UTC)
SALES = Pipeline(
    "sales",
    "Sales",
    (
        Stage("met", "Met", 0.2, Outcome.OPEN, 0),
        Stage("offered", "Offered", 0.6, Outcome.OPEN, 1),
        Stage("won", "Won", 1.0, Outcome.WON, 2),
        Stage("lost", "Lost", 0.0, Outcome.LOST, 3),
    ),
)
REMOTE = Remote("hubspot", "1234567", "Nordlys", "STANDARD", "Europe/Oslo", "NOK", DAWN)


def day(number: float) -> datetime:
    """An instant so many days into the test's year."""
    return DAWN + timedelta(days=number)


def a_deal(
    deal: str,
    *stages: tuple[str, float],
    amount: str | None = None,
    owner: str | None = None,
    **values,
) -> Deal:
    """A deal that entered stages on days, priced and owned since the first of them."""
    created = day(stages[0][1]) if stages else DAWN
    moves = [Change(Field.STAGE, stage, day(at)) for stage, at in stages]
    given = ((Field.AMOUNT, amount), (Field.OWNER, owner))
    changes = (*moves, *(Change(field, value, created) for field, value in given if value))
    defaults = {"name": f"Deal {deal}", "created_at": created, "modified_at": created}
    return Deal(id=deal, changes=changes, **(defaults | values))


@dataclass
class Account:
    """One account of a database, pulled by calling `pull`."""

    db: Database
    id: int
    path: Path

    def begin(self, at: float, *, fields=Field.ALWAYS, **options) -> pulls.Pull:
        """A pull of what changed, unless asked for more; by itself only after a lifetime."""
        options = {"verify_days": 30_000, **options}
        return pulls.begin(self.db, self.id, day(at), fields, **options)

    def promote(self, run: pulls.Pull, *pages: Page, **how) -> Promoted:
        """Land pages and promote what has landed."""
        for page in pages:
            landing.land(self.db, run, page)
        landing.finish(self.db, run)
        return promotion.promote(self.db, run, (SALES,), (), run.started, **how)

    def pull(
        self,
        *deals: Deal,
        at: float = 100,
        merged: tuple[Merged, ...] = (),
        unread: tuple[Unread, ...] = (),
        pipelines: tuple[Pipeline, ...] = (SALES,),
        owners: tuple[Owner, ...] = (),
        trails: Mapping[str, Trail] | None = None,
    ) -> Promoted:
        run = self.begin(at)
        landing.land(self.db, run, Page(deals, merged, unread))
        landing.finish(self.db, run)
        return promotion.promote(self.db, run, pipelines, owners, day(at), trails or {})

    def rows(self, sql: str, *values) -> list[tuple]:
        return [tuple(row) for row in self.db.execute(sql, values).fetchall()]

    def visits(self, deal: str) -> list[tuple]:
        """The visits of a deal as (stage, entered on day, left on day, whether cut)."""
        rows = self.rows(
            "SELECT s.remote, v.entered_at, v.left_at, v.cut FROM visits v"
            " JOIN deals d ON d.id = v.deal LEFT JOIN stages s ON s.id = v.stage"
            " WHERE d.remote = ? ORDER BY d.account, v.number",
            deal,
        )
        return [(stage, _day_of(entered), _day_of(left), cut) for stage, entered, left, cut in rows]


def _day_of(ms: int | None) -> float | None:
    return None if ms is None else (ms / 1000 - DAWN.timestamp()) / 86_400


@pytest.fixture(name="day")
def day_fixture() -> Callable[[float], datetime]:
    return day


@pytest.fixture
def deal() -> Callable[..., Deal]:
    return a_deal


@pytest.fixture
def sales() -> Pipeline:
    return SALES


@pytest.fixture
def remote() -> Remote:
    return REMOTE


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "connector.db"


@pytest.fixture
def db(path: Path) -> Iterator[Database]:
    db = open_database(path)
    yield db
    close(db)


@pytest.fixture
def norge(db: Database, path: Path) -> Account:
    return Account(db, accounts.remember(db, "norge", REMOTE), path)
