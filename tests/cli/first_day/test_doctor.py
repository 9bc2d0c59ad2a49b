"""`connector doctor` on a healthy folder and on broken ones, word for word."""

import json
import sqlite3
import time
from collections.abc import Callable
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from urllib.parse import quote

import pytest

from connector.jobs.doctor import examine
from connector.jobs.machine import Machine
from connector.report.as_json import to_json
from connector.report.as_text import to_text
from connector.report.doctor import doctor_document
from connector.report.doctor_words import CHECKS, WORDS
from connector.report.document import Document
from connector.report.findings import Check, Code, Finding, Level
from connector.sandbox import Instance, Portal, Sandbox, VirtualClock
from connector.sandbox.nutshell.instance import ADMIN_KEY
from connector.store import close, lock, open_database, runs
from connector.store.lock import SCHEDULER
from connector.store.runs import Outcome

READ_KEY, WRITE_KEY = "pat-eu1-reads", "pat-eu1-writes"
SINCE = "process 4711 since 2026-11-21 12:00:00 UTC"
NUTSHELL = """
[accounts.usa]
crm = "nutshell"
user = "kari@fjordkraft.example"
key = {{ env = "NUTSHELL_API_KEY" }}
base_url = "{url}"
"""
REPAIRS = """
[[jobs]]
name = "repairs"
at = "04:10"
timezone = "Europe/Oslo"
do = ["apply"]
auto = ["label"]
"""


@dataclass
class Ward:
    """A connected account, ways to break it, and what doctor says then."""

    folder: Path
    portal: Portal
    sandbox: Sandbox
    clock: VirtualClock
    env: dict[str, str]
    free: int = 50 * 10**9
    ahead: timedelta = timedelta()
    held: ExitStack = field(default_factory=ExitStack)
    scheduler: ExitStack = field(default_factory=ExitStack)

    @property
    def config(self) -> Path:
        return self.folder / "config.toml"

    def edit(self, name: str, old: str, new: str) -> None:
        path = self.folder / name
        text = path.read_text("utf-8")
        assert old in text
        path.write_text(text.replace(old, new), "utf-8")

    def sql(self, statement: str) -> None:
        with closing(sqlite3.connect(self.folder / "connector.db")) as db, db:
            db.execute(statement)

    def findings(self) -> tuple[Finding, ...]:
        machine = Machine(lambda: self.clock.now() + self.ahead, lambda path: self.free)
        return tuple(examine(self.config, self.env, machine))

    def codes(self, level: Level = Level.PROBLEM) -> set[Code]:
        return {each.code for each in self.findings() if each.level is level}

    def text(self) -> str:
        return self.told(to_text)

    def told(self, written: Callable[[Document], str]) -> str:
        return written(doctor_document(self.findings(), "config.toml"))

    def hold(self, held: ExitStack, name: str) -> None:
        """Hold a lock as another process would."""
        held.enter_context(lock(self.folder / "connector.db", name))
        (self.folder / f"connector.db.{quote(name)}.holder").write_text(SINCE)


@pytest.fixture
def ward(shell, portal, sandbox, clock):
    """Connected by init, pulled, its night job run and its scheduler alive; all keys just right."""
    code = shell.run(
        "--no-input", "init", "--base-url", sandbox.url, "--token", "file:secrets/key",
        "--write-token", "env:WRITE_KEY", "--account-id", "146210777", "--pull",
    ) if _key(shell.folder) else None  # fmt: skip
    assert code == 0, shell.err
    ward = Ward(shell.folder, portal, sandbox, clock, {"WRITE_KEY": WRITE_KEY})
    db = open_database(ward.folder / "connector.db")
    now = clock.now()
    runs.know(db, "nightly", now - timedelta(days=9))
    run = runs.begin(db, "nightly", date(2026, 11, 21), now - timedelta(hours=9))
    runs.finish(db, run, Outcome.DONE, (), 4.0, "", now - timedelta(hours=9))
    runs.beat(db, 4711, now - timedelta(days=9), now - timedelta(seconds=20))
    close(db)
    with ward.held, ExitStack() as ward.scheduler:
        ward.hold(ward.scheduler, SCHEDULER)
        yield ward


def _key(folder: Path) -> bool:
    (folder / "secrets").mkdir()
    path = folder / "secrets" / "key"
    path.write_text(READ_KEY)
    path.chmod(0o600)
    return True


def typing_error(ward):
    ward.edit("config.toml", "account_id", "acount_id")
    ward.edit("config.toml", 'database = "connector.db"', "database = 7")


def not_toml(ward):
    ward.config.write_text("version = \n")


def no_config(ward):
    ward.config.unlink()


def no_token(ward):
    ward.env.clear()
    (ward.folder / "secrets" / "key").unlink()


def open_key_file(ward):
    (ward.folder / "secrets" / "key").chmod(0o644)


def key_refused(ward):
    ward.portal.keys.clear()


def other_scopes(ward):
    ward.portal.keys[READ_KEY] ^= {"crm.objects.owners.read", "crm.objects.contacts.write"}
    ward.portal.keys[WRITE_KEY] -= {"crm.schemas.deals.write"}


def other_portal(ward):
    ward.portal.id = 999


def crm_silent(ward):
    ward.edit("config.toml", ward.sandbox.url, "http://127.0.0.1:9")


def clock_off(ward):
    ward.ahead = timedelta(minutes=7)


def quota_gone(ward):
    ward.portal.daily_limit = 1


def database_damaged(ward):
    ward.sql("UPDATE visits SET left_at = entered_at - 1, cut = 1")


def database_foreign(ward):
    for path in ward.folder.glob("connector.db*"):
        path.unlink()
    (ward.folder / "connector.db").write_bytes(b"nothing of the kind" * 99)


def disk_full(ward):
    ward.free = 60_000_000


def locked(ward):
    ward.hold(ward.held, "fjordkraft")


def forgotten(ward):
    ward.clock.advance(timedelta(days=5))
    ward.scheduler.close()


def strange_zone(ward):
    ward.sql("UPDATE accounts SET time_zone = 'Mars/Olympus'")


def broken_process(ward):
    ward.edit("mappings/nysalg.toml", "label =", "lable =")
    (ward.folder / "mappings" / "service.toml").unlink()


BROKEN: dict[Callable[[Ward], None], set[Code]] = {
    typing_error: {Code.CONFIG_FAULT},
    not_toml: {Code.CONFIG_FAULT},
    no_config: {Code.CONFIG_MISSING},
    no_token: {Code.TOKEN_NONE},
    key_refused: {Code.KEY_REFUSED},
    other_scopes: {Code.SCOPES_MISSING},
    other_portal: {Code.PORTAL_OTHER},
    crm_silent: {Code.CRM_SILENT},
    clock_off: {Code.CLOCK_AHEAD},
    quota_gone: {Code.QUOTA_GONE},
    database_damaged: {Code.DATABASE_BROKEN},
    database_foreign: {Code.DATABASE_UNUSABLE},
    disk_full: {Code.DISK_FULL},
    strange_zone: {Code.ZONE_UNKNOWN},
    broken_process: {Code.PROCESS_FAULT},
}
DOUBTFUL: dict[Callable[[Ward], None], set[Code]] = {
    open_key_file: {Code.TOKEN_OPEN},
    locked: {Code.LOCK_HELD},
    forgotten: {Code.PULL_OLD, Code.JOB_LATE, Code.SCHEDULER_SILENT},
}


def test_a_healthy_folder(ward, golden):
    """Everything that is looked at is in order, and said so."""
    golden("doctor/healthy.txt", ward.text())
    assert {each.level for each in ward.findings()} == {Level.OK}


@pytest.mark.parametrize("breaking", BROKEN, ids=lambda each: each.__name__)
def test_a_broken_folder(ward, golden, breaking):
    """Each trouble is found as what it is, said with its mend, and hides nothing else."""
    breaking(ward)
    golden(f"doctor/{breaking.__name__}.txt", ward.text())
    assert ward.codes() == BROKEN[breaking]


@pytest.mark.parametrize("breaking", DOUBTFUL, ids=lambda each: each.__name__)
def test_a_doubtful_folder(ward, golden, breaking):
    """What may bite later is a warning, not a problem."""
    breaking(ward)
    golden(f"doctor/{breaking.__name__}.txt", ward.text())
    assert ward.codes() == set()
    assert ward.codes(Level.WARNING) == DOUBTFUL[breaking]


def test_json(ward, golden):
    """Programs get code, level and words of each finding."""
    other_scopes(ward)
    golden("doctor/other_scopes.json", ward.told(to_json))


@pytest.mark.parametrize("breaking", [*BROKEN, *DOUBTFUL], ids=lambda each: each.__name__)
def test_doctor_changes_nothing_and_shows_no_key(ward, breaking, written_to):
    """Whatever it finds, no file is written but locks, nothing in the CRM, and no key shown."""
    breaking(ward)
    before = _contents(ward.folder)
    assert "pat-eu1" not in ward.text()
    assert _contents(ward.folder) == before
    assert written_to(ward.sandbox) == []


def _contents(folder: Path) -> dict[str, bytes]:
    log = (".lock", "-wal", "-shm")
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path): path.read_bytes() for path in files if not path.name.endswith(log)}


@pytest.mark.parametrize(
    ("job", "scopes", "expected"),
    [
        ("", set(), set()),
        ("", {"crm.schemas.deals.write"}, set()),
        ("", {"crm.schemas.deals.write", "tickets"}, {Code.SCOPES_SURPLUS}),
        (REPAIRS, set(), {Code.SCOPES_MISSING}),
        (REPAIRS, {"crm.schemas.deals.write"}, set()),
    ],
)
def test_one_key_for_all_must_do_what_the_jobs_do(ward, job, scopes, expected):
    """Without a key of its own apply takes the other one: needed by a job, else welcome."""
    ward.edit("config.toml", 'write_token = { env = "WRITE_KEY" }', "")
    with ward.config.open("a", encoding="utf-8") as file:
        file.write(job)
    ward.portal.keys[READ_KEY] |= scopes
    found = {each.code for each in ward.findings() if each.check is Check.SCOPES}
    assert found - {Code.SCOPES_FIT} == expected


def test_two_accounts_of_one_portal(ward):
    """A portal that two accounts name is a warning, as both would correct it."""
    text = ward.config.read_text("utf-8")
    table = text[text.index("[accounts.fjordkraft]") : text.index("[[jobs]]")]
    ward.config.write_text(text + table.replace("fjordkraft", "twin", 1), "utf-8")
    assert Code.ACCOUNTS_SAME in ward.codes(Level.WARNING)
    assert "fjordkraft, twin are all portal 146210777" in ward.text()


def test_an_account_of_nutshells(ward, golden):
    """Its key, the user behind it and what they seem not to see are told in Nutshell's words."""
    instance = Instance()
    instance.pipelines.add_pipeline("Sales", ("Qualify",))
    instance.people.add_user("Kari Berg", "kari@fjordkraft.example", restricted=True)
    instance.people.hide("1-stagesets", 5)
    ward.env["NUTSHELL_API_KEY"] = ADMIN_KEY
    with Sandbox(instance=instance, clock=ward.clock) as sandbox:
        with ward.config.open("a", encoding="utf-8") as file:
            file.write(NUTSHELL.format(url=sandbox.url))
        golden("doctor/nutshell.txt", ward.text())
        assert ward.codes() == set()
        warned = {Code.SIGHT_RESTRICTED, Code.SIGHT_PIPELINES, Code.PULL_NEVER}
        assert ward.codes(Level.WARNING) == warned


def test_the_portal_of_the_database_counts_too(ward):
    """Without account_id the portal is still the one whose deals the database holds."""
    ward.edit("config.toml", 'account_id = "146210777"', "")
    ward.portal.id = 999
    assert ward.codes() == {Code.PORTAL_OTHER}


def test_a_killed_run_holds_no_lock(ward):
    """A holder file without its lock is what a killed run leaves, and no reason to warn."""
    (ward.folder / "connector.db.fjordkraft.holder").write_text("process 1 since 1970")
    assert ward.codes(Level.WARNING) == set()


@pytest.mark.parametrize(("breaking", "code"), [(None, 0), (key_refused, 4), (other_portal, 1)])
def test_exit_codes(ward, shell, monkeypatch, breaking, code):
    """0 where there is no problem, 4 where a key is refused or lacks a scope, 1 otherwise."""
    monkeypatch.setenv("WRITE_KEY", WRITE_KEY)
    ward.clock.advance(datetime.now(UTC) - ward.clock.now())
    if breaking:
        breaking(ward)
    assert shell.run("--json", "doctor") == code, shell.out
    levels = [each["level"] for each in json.loads(shell.out)["findings"]]
    assert ("problem" in levels) == bool(code)


def test_a_network_that_is_down_is_told_within_seconds(ward):
    """Nobody waits for a minute to hear that the CRM cannot be reached."""
    crm_silent(ward)
    began = time.monotonic()
    ward.findings()
    assert time.monotonic() - began < 10


def test_every_finding_has_words():
    """No code and no check is without words."""
    assert set(WORDS) == set(Code)
    assert set(CHECKS) == set(Check)


def test_every_code_is_documented():
    """docs/json.md names each code and each check a program may meet."""
    documented = (Path(__file__).parents[3] / "docs" / "json.md").read_text("utf-8")
    section = documented.partition("## `doctor`")[2]
    assert [each for each in (*Code, *Check, *Level) if f"`{each}`" not in section] == []
