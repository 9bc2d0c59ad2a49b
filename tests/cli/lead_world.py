"""A Nutshell instance full of leads, its folder, and the people who are at work in it."""

import io
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from connector.cli.main import main
from connector.sandbox import Instance, Sandbox
from connector.sandbox.nutshell.instance import ADMIN, NAMED_KEY
from connector.sandbox.nutshell.records import Status

NOW = datetime.now(UTC)
BORN = NOW - timedelta(days=90)
MADE_WITH = 42
WANTED = (20, 50)
CONFIG = """\
version = 1

[accounts.usa]
crm = "nutshell"
user = "{user}"
key = {{ env = "USA_KEY" }}
base_url = "{url}"
requests_per_10s = 100000
"""
PROCESS = """\
version = 1
key = "new-business"
label = "New business"
language = "en"

[[stage]]
key = "met"
label = "Met"
probability = 0.2

[[stage]]
key = "examined"
label = "Examined"
probability = 0.5

[[stage]]
key = "won"
label = "Won"
probability = 1.0
outcome = "won"

[[stage]]
key = "lost"
label = "Lost"
probability = 0.0
outcome = "lost"

[[bindings]]
account = "usa"
pipeline = "{pipeline}"
language = "en"
manage = ["confidence"]
stages = {{ met = "{met}", examined = "{examined}" }}
"""


@dataclass
class LeadWorld:
    """An instance of so many leads behind a sandbox; our key has a name of its own in the log."""

    folder: Path
    count: int
    instance: Instance = field(default_factory=Instance)
    key: str = NAMED_KEY

    def __post_init__(self) -> None:
        world = self.instance
        self.pipeline = world.pipelines.add_pipeline("New business", ("Met", "Examined"), at=BORN)
        self.stages = world.pipelines.stages_of(self.pipeline.id)
        self.lost = world.catalogue.add_outcome("Price", Status.LOST)
        self.seller = f"{world.people.add_user('Seller', 'seller@example.com').id}-users"
        self.ours = world.people.keys[NAMED_KEY].origin
        for n in range(self.count):
            lead = world.add_lead(
                f"Deal {n}",
                self.stages[0].id,
                amount=str(100 + n),
                confidence=MADE_WITH,
                owner=self.seller,
                at=BORN + timedelta(minutes=n),
            )
            if n % 2:
                moved = BORN + timedelta(days=3, minutes=n)
                world.move(lead.id, self.stages[1].id, at=moved)
        self.sandbox = Sandbox(instance=world)

    def set_up(self) -> None:
        """Write the files of the folder."""
        config = CONFIG.format(url=self.sandbox.url, user=ADMIN)
        (self.folder / "config.toml").write_text(config, "utf-8")
        (self.folder / "mappings").mkdir()
        met, examined = (f"{stage.id}-stages" for stage in self.stages)
        pipeline = f"{self.pipeline.id}-stagesets"
        process = PROCESS.format(pipeline=pipeline, met=met, examined=examined)
        (self.folder / "mappings" / "new-business.toml").write_text(process, "utf-8")

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """A command as a process of its own."""
        command = [sys.executable, "-m", "connector", "--json", *arguments]
        return subprocess.Popen(
            command,
            cwd=self.folder,
            env=os.environ | {"USA_KEY": self.key},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *arguments: str, code: int = 0) -> Any:
        """A command that ends with this code; returns its answer."""
        out, err = io.StringIO(), io.StringIO()
        os.environ["USA_KEY"] = self.key
        with redirect_stdout(out), redirect_stderr(err):
            config = str(self.folder / "config.toml")
            ended = main(["--config", config, "--json", *arguments])
        assert ended == code, err.getvalue() + out.getvalue()
        return json.loads(out.getvalue())

    def pull(self, *options: str) -> None:
        """A pull; what comes next has another instant, since the log tells whole seconds."""
        self.run("pull", *options)
        time.sleep(1.01 - time.time() % 1)

    def plan(self, *arguments: str, file: str = "plan.json") -> Any:
        """A plan in a file, as it was told."""
        return self.run("plan", "-o", str(self.folder / file), *arguments)

    def apply(self, file: str = "plan.json") -> Any:
        """The plan in a file, applied."""
        return self.run("apply", str(self.folder / file), "--confirm", self.mark(file))

    def mark(self, file: str = "plan.json") -> str:
        """The fingerprint of a plan in a file."""
        text = (self.folder / file).read_text("utf-8")
        return str(json.loads(text)["fingerprint"])

    def apply_until(self, writes: int) -> None:
        """Apply the plan and kill it without warning once so many leads were written."""
        process = self.start("apply", "plan.json", "--confirm", self.mark())
        while sum(self.writes().values()) < writes and process.poll() is None:
            time.sleep(0.05)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        assert process.returncode == -signal.SIGKILL

    def settings(self) -> list[tuple[int, str, int]]:
        """Every confidence that was set since the beginning: lead, actor, value, in order."""
        with self.instance.lock:
            return [
                (int(event.payload.partition("-")[0]), event.actor, change.new)
                for _, event in self.instance.log.entries
                for change in event.changes
                if change.attribute == "confidence"
            ]

    def writes(self) -> Counter[int]:
        """How often each lead was written by us."""
        return Counter(lead for lead, actor, _ in self.settings() if actor == self.ours)

    def weighted(self) -> float:
        """Value × confidence of the open leads."""
        leads = (lead for lead in self.instance.leads.values() if not lead.status.closed)
        return sum(float(lead.amount or 0) * lead.confidence / 100 for lead in leads)

    def edit_process(self, old: str, new: str) -> None:
        """The process, with other words in its file."""
        file = self.folder / "mappings" / "new-business.toml"
        file.write_text(file.read_text("utf-8").replace(old, new), "utf-8")

    def refused(self) -> int:
        """How many writes the CRM refused, because somebody had been faster."""
        with closing(sqlite3.connect(self.folder / "connector.db")) as db:
            rows = db.execute("SELECT COUNT(*) FROM journal WHERE state = 'failed'")
            return int(rows.fetchone()[0])

    def wanted(self, lead: int) -> int:
        """What the process says of the lead's stage."""
        stage = self.instance.leads[lead].stage
        return WANTED[[each.id for each in self.stages].index(stage)]

    @contextmanager
    def people_at_work(
        self, order: list[int], count: int, every: float
    ) -> Iterator[dict[int, str]]:
        """Somebody changes so many leads, each as it is about to be written or just has been.

        `order` is the one they are written in. Yields what became of each so far.
        """
        done: dict[int, str] = {}
        stop = threading.Event()

        def work() -> None:
            while len(done) < count and not stop.wait(every):
                at = max((order.index(lead) for lead in self.writes()), default=-1)
                near = [lead for lead in order[at + 1 : at + 4] if lead not in done]
                lead = (near or [lead for lead in order if lead not in done])[0]
                done[lead] = self._meddle(lead, random.Random(lead))

        thread = threading.Thread(target=work)
        thread.start()
        try:
            yield done
            thread.join()
        finally:
            stop.set()
            thread.join()

    def _meddle(self, lead: int, luck: random.Random) -> str:
        what = luck.choice(["set", "set", "close", "move", "touch"])
        match what:
            case "set":
                self.instance.set_confidence(lead, luck.choice((5, 95)), by=self.seller)
            case "close":
                self.instance.close(lead, self.lost.id, by=self.seller)
            case "move":
                self.instance.move(lead, self._other(lead), by=self.seller)
            case "touch":
                self.instance.set_value(lead, "1", by=self.seller)
        return what

    def _other(self, lead: int) -> int:
        here = self.instance.leads[lead].stage
        return next(stage.id for stage in self.stages if stage.id != here)
