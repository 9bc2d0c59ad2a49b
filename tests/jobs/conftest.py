"""A small account whose pipeline has drifted in every way a plan can correct."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from connector.config import Account, Config, load_config
from connector.crm.hubspot import HubSpot, connect
from connector.model import Process
from connector.process import load_processes
from connector.sandbox import Portal, Sandbox, VirtualClock
from connector.sandbox.hubspot.records import Stage

NOW = datetime(2026, 11, 21, 3, 10, tzinfo=UTC)
BORN = 1_700_000_000_000
KEYS = {"READ": "pat-sandbox-read", "WRITE": "pat-sandbox-write"}

CONFIG = """\
version = 1
database = "connector.db"
mappings = "mappings"

[accounts.small]
crm = "hubspot"
token = {{ env = "READ" }}
write_token = {{ env = "WRITE" }}
base_url = "{url}"
requests_per_10s = 100000
"""

# Desired: Met, Examined, Evaluated, Agreed, Signed, Lost. Live: two labels swapped, one probability
# off, Agreed missing, and Evaluated before Examined.
PROCESS = """\
version = 1
key = "sales"
label = "Sales"
language = "en"

[[stage]]
key = "met"
label = "Met"
probability = 0.1

[[stage]]
key = "examined"
label = "Examined"
probability = 0.3

[[stage]]
key = "evaluated"
label = "Evaluated"
probability = 0.5

[[stage]]
key = "agreed"
label = "Agreed"
probability = 0.9

[[stage]]
key = "signed"
label = "Signed"
probability = 1.0
outcome = "won"

[[stage]]
key = "lost"
label = "Lost"
probability = 0.0
outcome = "lost"

[[bindings]]
account = "small"
pipeline = "sales"
language = "en"
manage = ["label", "probability", "order", "create"]

[bindings.stages]
met = "met"
examined = "examined"
evaluated = "evaluated"
signed = "signed"
lost = "lost"
"""


@dataclass
class Small:
    """The account with everything that belongs to it."""

    folder: Path
    sandbox: Sandbox
    clock: VirtualClock

    @property
    def portal(self) -> Portal:
        return self.sandbox.portal

    @property
    def database(self) -> Path:
        return self.folder / "connector.db"

    @property
    def config(self) -> Config:
        return load_config(self.folder / "config.toml", {**os.environ, **KEYS})

    @property
    def account(self) -> Account:
        return self.config.accounts[0]

    @property
    def processes(self) -> tuple[Process, ...]:
        return load_processes(self.folder / "mappings")

    def connect(self, key: str = "WRITE") -> HubSpot:
        return connect(KEYS[key], base_url=self.sandbox.url, requests_per_10s=100_000)


def small_portal(clock: VirtualClock, deals: int) -> Portal:
    portal = Portal()
    portal.clock = clock
    stages = [
        Stage("met", "Met", 0, "0.1", BORN, BORN),
        Stage("evaluated", "Examined", 1, "0.5", BORN, BORN),
        Stage("examined", "Evaluated", 2, "0.2", BORN, BORN),
        Stage("signed", "Signed", 3, "1.0", BORN, BORN),
        Stage("lost", "Lost", 4, "0.0", BORN, BORN),
    ]
    start = NOW - timedelta(days=400)
    portal.add_pipeline("Sales", stages, id="sales", at=start)
    walk = [stage.id for stage in stages]
    for number in range(deals):
        born = start + timedelta(days=1 + number % 300, minutes=number)
        first = {"dealname": f"Deal {number}", "dealstage": "met", "pipeline": "sales"}
        deal = portal.add_deal({**first, "amount": str(100 * number)}, born)
        for step, stage in enumerate(walk[1 : 1 + number % 4], start=1):
            portal.move(deal.id, stage, born + timedelta(days=7 * step))
    return portal


@pytest.fixture
def make_small(tmp_path: Path) -> Iterator[object]:
    """Makes such an account in a folder of its own, with so many deals."""
    open_ones: list[Sandbox] = []

    def make(name: str, deals: int = 30) -> Small:
        clock = VirtualClock(NOW)
        sandbox = Sandbox(small_portal(clock, deals), clock=clock)
        open_ones.append(sandbox.__enter__())
        folder = tmp_path / name
        (folder / "mappings").mkdir(parents=True)
        (folder / "config.toml").write_text(CONFIG.format(url=sandbox.url), "utf-8")
        (folder / "mappings" / "sales.toml").write_text(PROCESS, "utf-8")
        return Small(folder, sandbox, clock)

    yield make
    for sandbox in open_ones:
        sandbox.__exit__(None, None, None)


@pytest.fixture
def small(make_small) -> Small:
    return make_small("small")
