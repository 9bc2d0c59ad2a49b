"""A connector of its own in a folder, whose one account is the bench's server."""

import json
import os
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path
from typing import Any

from connector.sandbox.nutshell.instance import ADMIN, ADMIN_KEY
from tests.bench.timing import KEY, Run, timed
from tests.peers.environments import python_of

CONFIG = """\
version = 1
database = "bench.db"
mappings = "mappings"

[accounts.bench]
{account}
requests_per_10s = {rate}
base_url = "{url}"
"""
ACCOUNTS = {
    "hubspot": 'crm = "hubspot"\ntoken = { env = "BENCH_TOKEN" }',
    "nutshell": f'crm = "nutshell"\nuser = "{ADMIN}"\nkey = {{ env = "BENCH_KEY" }}',
}
NO_LIMIT = 1_000_000


class Installation:
    """A folder in which `connector pull` is run as people run it."""

    def __init__(
        self, folder: Path, url: str, rate: int | None = None, crm: str = "hubspot"
    ) -> None:
        self._folder = folder
        self.database = folder / "bench.db"
        (folder / "mappings").mkdir(parents=True)
        text = CONFIG.format(url=url, rate=rate or NO_LIMIT, account=ACCOUNTS[crm])
        (folder / "config.toml").write_text(text)

    def pull(self) -> Run:
        """One pull, a process from start to end."""
        command = [python_of("connector"), "-m", "connector", "pull"]
        return timed(command, self._folder, BENCH_TOKEN=KEY, BENCH_KEY=ADMIN_KEY)

    def report(self, *words: str) -> Any:
        """A report, decoded, in which a unit of one currency is one of any other.

        So Nutshell adds amounts up in its own reports (INFERRED, 2026-11).
        """
        config = self._folder / "at-par.toml"
        text = (self._folder / "config.toml").read_text()
        home = text.replace("version = 1", 'version = 1\nhome_currency = "NOK"')
        config.write_text(f"{home}\n[rates]\nSEK = 1.0\nEUR = 1.0\n")
        command = [python_of("connector"), "-m", "connector", "--config", config.name, "--json"]
        environment = {**os.environ, "BENCH_TOKEN": KEY, "BENCH_KEY": ADMIN_KEY}
        done = subprocess.run(
            [*command, "report", *words],
            cwd=self._folder,
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
        return json.loads(done.stdout)

    def forget(self) -> None:
        """Begin without a database again."""
        for file in self._folder.glob("bench.db*"):
            file.unlink()

    def rows(self) -> dict[str, int]:
        """How many rows every table has."""
        with closing(sqlite3.connect(self.database)) as db:
            tables = db.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall()
            return {name: _number(db, f'SELECT COUNT(*) FROM "{name}"') for (name,) in tables}

    def bytes_of(self, table: str) -> int:
        """The bytes a table takes with its indexes."""
        with closing(sqlite3.connect(self.database)) as db:
            return _number(
                db,
                "SELECT SUM(pgsize) FROM dbstat WHERE name IN"
                " (SELECT name FROM sqlite_schema WHERE tbl_name = ?)",
                table,
            )

    def bytes_kept(self) -> int:
        """The bytes of the file that hold something; the rest is free for the next pull."""
        with closing(sqlite3.connect(self.database)) as db:
            size, pages, free = (
                _number(db, f"PRAGMA {name}")
                for name in ("page_size", "page_count", "freelist_count")
            )
            return size * (pages - free)


def _number(db: sqlite3.Connection, question: str, *values: str) -> int:
    return int(db.execute(question, values).fetchone()[0])
