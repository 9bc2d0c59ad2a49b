"""Databases with long histories, to measure reports on: written into the store's own tables.

The account, its pipeline and its people come from a pull of a portal without deals. Deals, changes
and visits are then filled in as a pull would have left them, at a hundred times the speed.

    python -m tests.bench.reports.histories DEALS
"""

import hashlib
import random
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

from sqlite_utils import Database

from connector.config import load_config
from connector.crm.hubspot import connect
from connector.jobs.pull import pull
from connector.model import Field
from connector.sandbox import Portal, Sandbox, VirtualClock
from connector.sandbox.hubspot.records import Stage, epoch_ms
from connector.store import close, open_database, schema
from connector.store.keys import AccountKeys
from tests.bench.reports.lives import DAYS, OPEN, PIPELINE, Life, lives

NOW = datetime(2026, 11, 1, tzinfo=UTC)
PEOPLE, TEAMS = 40, 5
AT_ONCE = 10_000
Row = tuple[str | int | None, ...]
CONFIG = """\
version = 1
database = "bench.db"
mappings = "mappings"
[accounts.bench]
crm = "hubspot"
token = { env = "BENCH_TOKEN" }
[accounts.bench.fields]
product = "product_line"
lost_reason = "closed_lost_reason"
"""
DEALS = (
    "INSERT INTO deals (id, account, remote, name, created_at, modified_at, stage, pipeline, owner,"
    " amount, home_amount, currency, close_date, gone_at, gone_how, digest)"
    " VALUES (?, 1, ?, ?, ?, ?, ?, 1, ?, ?, ?, 'NOK', ?, ?, ?, 0)"
)
CHANGES = "INSERT INTO changes (deal, field, at, tie, value) VALUES (?, ?, ?, 0, ?)"
VISITS = (
    "INSERT INTO visits (deal, number, stage, entered_at, left_at, cut) VALUES (?, ?, ?, ?, ?, ?)"
)


def main() -> None:
    """Print the folder of a connector with so many deals, made if there is none yet."""
    deals = int(sys.argv[1])
    home = Path(tempfile.gettempdir()) / f"connector-bench-{deals}-{_digest()}"
    if not home.exists():
        making = Path(tempfile.mkdtemp(prefix="connector-bench-making-", dir=home.parent))
        fill(making, deals)
        making.rename(home)
    print(home)


def _digest() -> str:
    """Other rules, or other tables, make other databases."""
    sources = (Path(__file__), Path(lives.__code__.co_filename), Path(schema.__file__))
    return hashlib.sha256(b"".join(map(Path.read_bytes, sources))).hexdigest()[:12]


def fill(folder: Path, deals: int) -> None:
    """Make the folder of a connector whose database holds so many deals."""
    (folder / "mappings").mkdir()
    (folder / "config.toml").write_text(CONFIG)
    config = load_config(folder / "config.toml", {})
    db = open_database(config.database)
    try:
        with Sandbox(_portal(), clock=VirtualClock(NOW)) as sandbox:
            (account,) = config.accounts
            crm = connect("pat-sandbox-read", base_url=sandbox.url, fields=account.fields)
            pull(account, crm, db)
        owners = tuple(db["owners"].rows_where(select="remote", order_by="id"))
        people = tuple(owner["remote"] for owner in owners)
        _write(db, lives(random.Random(deals), deals, epoch_ms(NOW), people))
    finally:
        close(db)


def _portal() -> Portal:
    begun = NOW - timedelta(days=DAYS + 1)
    portal = Portal(name="Bench")
    portal.add_property("product_line", "Product line")
    portal.add_property("closed_lost_reason", "Closed lost reason")
    chances = {**{stage: (n + 1) / 5 for n, stage in enumerate(OPEN)}, "won": 1.0, "lost": 0.0}
    stages = [
        Stage(key, key.capitalize(), n, str(chance), epoch_ms(begun), epoch_ms(begun))
        for n, (key, chance) in enumerate(chances.items())
    ]
    portal.add_pipeline("Sales", stages, id=PIPELINE, at=begun)
    for number in range(PEOPLE):
        team = portal.people.add_team(f"Team {number % TEAMS + 1}")
        email = f"seller{number + 1}@example.com"
        portal.people.add_owner("Seller", str(number + 1), email=email, at=begun, teams=(team,))
    return portal


def _write(db: Database, told: Iterator[Life]) -> None:
    """Batch by batch, each deal with what belongs to it."""
    db.execute("PRAGMA synchronous = OFF")  # what breaks off is made again
    keys = AccountKeys(db, 1)
    numbered = enumerate(told, start=1)
    while batch := tuple(islice(numbered, AT_ONCE)):
        with db.conn:
            db.conn.executemany(DEALS, (_deal(keys, *each) for each in batch))
            db.conn.executemany(CHANGES, (row for each in batch for row in _changes(keys, *each)))
            db.conn.executemany(VISITS, (row for each in batch for row in _visits(keys, *each)))


def _deal(keys: AccountKeys, number: int, life: Life) -> Row:
    stage, moved = life.stages[-1]
    amount = life.last(Field.AMOUNT)
    return (
        number,
        str(20_000_000_000 + number),
        f"Deal {number}",
        life.stages[0][1],
        moved,
        keys.stages[stage],
        keys.owners.optional(life.last(Field.OWNER)),
        amount,
        amount,
        life.last(Field.CLOSE_DATE),
        life.gone,
        None if life.gone is None else "archived",
    )


def _changes(keys: AccountKeys, number: int, life: Life) -> Iterator[Row]:
    for name, told in {Field.STAGE: life.stages, **life.values}.items():
        field = keys.fields[name]
        for value, at in told:
            yield number, field, at, value


def _visits(keys: AccountKeys, number: int, life: Life) -> Iterator[Row]:
    for place, (stage, entered, left, cut) in enumerate(life.visits()):
        yield number, place, keys.stages[stage], entered, left, cut


if __name__ == "__main__":
    main()
