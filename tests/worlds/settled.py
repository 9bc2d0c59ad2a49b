"""A world as connector knows it: pulled over HTTP into a database of its own."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlite_utils import Database

from connector.config import Config, load_config
from connector.crm.hubspot import connect
from connector.jobs.analytics.scope import Asked, Frame, frame
from connector.jobs.pull import pull
from connector.sandbox import Sandbox, VirtualClock
from connector.sandbox.world import World, world
from connector.store import close, open_database

NOW = datetime(2026, 11, 1, tzinfo=UTC)
CONFIG = """\
version = 1
database = "world.db"
mappings = "mappings"
[accounts.world]
crm = "hubspot"
token = { env = "WORLD_TOKEN" }
[accounts.world.fields]
product = "product_line"
"""


@dataclass(frozen=True, slots=True)
class Settled:
    """A world, its database, and the configuration its reports are asked with."""

    world: World
    db: Database
    config: Config

    def frame(self, **asked: object) -> Frame:
        """The frame of a report on the world."""
        return frame(self.config, (), self.db, Asked(self.config.accounts, **asked))


@contextmanager
def settled(seed: int, folder: Path) -> Iterator[Settled]:
    """Build the world with this number and pull it; everything lies in the folder."""
    folder.mkdir(parents=True)
    (folder / "mappings").mkdir()
    (folder / "config.toml").write_text(CONFIG)
    config = load_config(folder / "config.toml", {})
    made = world(seed, NOW)
    db = open_database(config.database)
    try:
        with Sandbox(made.portal, clock=VirtualClock(NOW)) as sandbox:
            (account,) = config.accounts
            crm = connect("pat-sandbox-read", base_url=sandbox.url, fields=account.fields)
            pull(account, crm, db)
        yield Settled(made, db, config)
    finally:
        close(db)
