import json
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import requests

from connector.config import Account
from connector.crm.hubspot import connect
from connector.errors import BadAnswer, NotAuthorised, NotFound, QuotaUsedUp, Rejected, Unreachable
from connector.jobs.apply import apply
from connector.jobs.drift import find_drift
from connector.jobs.history import find_origins, read_history, read_moment
from connector.jobs.planning import plan_correction
from connector.jobs.pull import pull
from connector.jobs.reading import read_live, read_stored
from connector.model import BEGINNING, Outcome
from connector.reconcile.plan import EVERY_STAGE, Hazard
from connector.reconcile.planfile import dump
from connector.reconcile.revisions import EditKind
from connector.sandbox import Portal, Sandbox, VirtualClock
from connector.sandbox.hubspot.records import AuditEntry, Stage
from connector.store import check, close, history, open_database

BEGIN = datetime(2023, 11, 20, 9, tzinfo=UTC)
BORN = round(BEGIN.timestamp() * 1000)
STAGES = "/crm/pipelines/2026-09/deals/sales/stages"
KARI, NILS, GONE = 28_604_001, 28_604_002, 99_000_001


class Company:
    """A portal whose people edit one pipeline over HTTP, and what each edit made of it."""

    def __init__(self, sandbox, clock):
        self.sandbox, self.clock = sandbox, clock
        self.portal = sandbox.portal
        self.crm = connect("pat-sandbox-write", base_url=sandbox.url, requests_per_10s=100_000)
        self.made = [self.live()]

    def live(self):
        pipeline = next(p for p in self.crm.pipelines() if p.id == "sales")
        return self.clock.now(), self.signer(), pipeline

    def signer(self):
        user = self.portal.audit["sales"][-1].user_id
        return None if user is None else str(user)

    def edit(self, method, path, body=None, user=KARI, wait=timedelta(days=27)):
        """One edit, made after a while and signed by a user as HubSpot signs what people do."""
        self.clock.advance(wait)
        answer = requests.request(
            method,
            self.sandbox.url + path,
            json=body,
            headers={"Authorization": "Bearer pat-sandbox-write"},
            timeout=10,
        )
        answer.raise_for_status()
        trail = self.portal.audit["sales"]
        trail[-1] = replace(trail[-1], user_id=user)
        self.made.append(self.live())

    def audits(self):
        """How many times the trail of each pipeline was asked for."""
        paths = (path for _, path in self.sandbox.requests if path.endswith("/audit"))
        return Counter(path.split("/")[-2] for path in paths)


@pytest.fixture
def company():
    clock = VirtualClock(BEGIN)
    portal = Portal()
    portal.clock = clock
    for first, gone in (("Kari", False), ("Nils", True)):
        portal.people.add_owner(first, "Berg", email=f"{first}@x.example", at=BEGIN, archived=gone)
    stages = [
        Stage(name, name.title(), 2 * n, chance, BORN, BORN)
        for n, (name, chance) in enumerate(
            (("met", "0.2"), ("offered", "0.6"), ("won", "1.0"), ("lost", "0.0"))
        )
    ]
    portal.add_pipeline("Sales", stages, id="sales", at=BEGIN)
    portal.add_pipeline("Partners", [Stage("p1", "New", 0, "0.1", BORN, BORN)], id="partners")
    with Sandbox(portal, clock=clock) as sandbox:
        yield Company(sandbox, clock)


@pytest.fixture
def db(tmp_path):
    database = open_database(tmp_path / "connector.db")
    yield database
    close(database)


def account(company):
    nothing = dict.fromkeys(("token", "write_token", "user", "key", "account_id"))
    url = company.sandbox.url
    known = {"requests_per_10s": None, "base_url": url, "fields": {}, "verify_days": 30_000}
    return Account("norge", "hubspot", **nothing, **known)


def pulled(company, db, crm=None, **options):
    return pull(account(company), crm or company.crm, db, **options)


def three_years(company):
    """Thirty-nine edits of every kind, by people here, gone and unknown, two at one instant."""
    edit = company.edit
    edit(
        "POST",
        STAGES,
        {"stageId": "demo", "label": "Demo", "displayOrder": 1, "metadata": {"probability": "0.4"}},
    )
    edit("PATCH", f"{STAGES}/demo", {"label": "Vist fram"}, NILS)
    edit("PATCH", f"{STAGES}/met", {"label": "Møte avtalt"})
    edit("PATCH", f"{STAGES}/met", {"label": "Met"}, NILS)
    edit("PATCH", f"{STAGES}/offered", {"metadata": {"probability": "0.55"}}, GONE)
    edit("PATCH", f"{STAGES}/offered", {"metadata": {"probability": "1.0"}}, None)
    edit("PATCH", f"{STAGES}/offered", {"metadata": {"probability": "0.6"}}, None)
    edit("DELETE", f"{STAGES}/demo")
    edit("PATCH", STAGES.removesuffix("/stages"), {"label": "Nysalg"})
    edit("PATCH", f"{STAGES}/met", {"displayOrder": 9}, wait=timedelta(0))
    edit("PATCH", f"{STAGES}/met", {"displayOrder": 0})
    for n in range(28):
        stage = ("met", "offered", "won", "lost")[n % 4]
        edit("PATCH", f"{STAGES}/{stage}", {"label": f"{stage} {n}"}, (KARI, NILS)[n % 2])
    assert len(company.made) == 40
    company.clock.advance(timedelta(days=30))


def stored(db, company):
    key = db.execute("SELECT id FROM accounts").fetchone()[0]
    return key, history.pipeline_versions(db, key)["sales"]


def test_forty_versions_of_three_years_are_all_told(company, db):
    """The first pull learns every version with its instant, its hand and all its stages."""
    three_years(company)
    pulled(company, db)
    key, versions = stored(db, company)
    assert [(v.at, v.by, v.pipeline) for v in versions] == company.made
    assert all(v.not_before is None for v in versions)
    assert [v.until for v in versions] == [*(v.at for v in versions[1:]), None]
    assert (versions[-1].at - versions[0].at).days > 2.7 * 365
    assert check.check(db) == ()
    for at, _, pipeline in company.made:
        seen = history.pipelines_at(db, key, at + timedelta(milliseconds=1))
        last_of_instant = [made for when, _, made in company.made if when == at][-1]
        assert last_of_instant in seen, pipeline


def test_history_tells_every_edit_newest_first(company, db):
    """Nothing that was done in three years is missing, and every stage goes by a name."""
    three_years(company)
    pulled(company, db)
    told = read_history(account(company), db, "sales")
    instants = [revision.version.at for revision in told.revisions]
    assert instants == sorted(instants, reverse=True)
    assert [revision.version.pipeline for revision in reversed(told.revisions)] == [
        pipeline for _, _, pipeline in company.made
    ]
    kinds = Counter(edit.kind for revision in told.revisions for edit in revision.edits)
    assert kinds == {
        EditKind.PIPELINE_ADDED: 1,
        EditKind.PIPELINE_LABEL: 1,
        EditKind.STAGE_ADDED: 1,
        EditKind.STAGE_REMOVED: 1,
        EditKind.STAGE_MOVED: 2,
        EditKind.LABEL: 31,
        EditKind.PROBABILITY: 3,
        EditKind.OUTCOME: 2,
    }
    removed = next(e for r in told.revisions for e in r.edits if e.kind is EditKind.STAGE_REMOVED)
    assert removed.label == "Vist fram"
    assert told.people[str(NILS)] == "Nils Berg"


@pytest.mark.parametrize("by_label", ["nysalg", "Nysalg", "sales"])
def test_a_pipeline_is_asked_for_by_id_or_label(company, db, by_label):
    """Labels count as they are now, whatever their case; an unknown one lists those there are."""
    three_years(company)
    pulled(company, db)
    assert len(read_history(account(company), db, by_label).revisions) == 40
    with pytest.raises(NotFound, match=r"sales \(Nysalg\), partners \(Partners\)"):
        read_history(account(company), db, "Old name")


def test_pulls_along_the_way_know_the_same_as_one_at_the_end(company, db, tmp_path):
    """However often and early an account was pulled, its history is the same."""
    edit = company.edit
    for n in range(12):
        edit("PATCH", f"{STAGES}/met", {"label": f"Met {n // 2}{n % 2}"})
        if n % 3 == 0:
            pulled(company, db)
    pulled(company, db)
    late = open_database(tmp_path / "late.db")
    pulled(company, late)
    assert stored(db, company)[1] == stored(late, company)[1]
    close(late)


def test_a_quiet_pull_asks_for_no_trail(company, db):
    """Each trail is read once, and again only when its pipeline was touched, or by a full pull."""
    pulled(company, db)
    pulled(company, db)
    assert company.audits() == {"sales": 1, "partners": 1}
    company.edit("PATCH", f"{STAGES}/met", {"label": "Møtt"})
    pulled(company, db)
    pulled(company, db)
    assert company.audits() == {"sales": 2, "partners": 1}
    company.edit("PATCH", f"{STAGES}/met", {"label": "Met"})
    company.edit("PATCH", f"{STAGES}/met", {"label": "Møtt"}, wait=timedelta(0))
    pulled(company, db)
    assert company.audits()["sales"] == 3
    assert [v.pipeline.stages[0].label for v in stored(db, company)[1]] == [
        "Met",
        "Møtt",
        "Met",
        "Møtt",
    ]
    pulled(company, db, full=True)
    assert company.audits() == {"sales": 4, "partners": 2}


class WithoutTrails:
    """A CRM whose audit trails cannot be read for now."""

    def __init__(self, crm, fault, only=None):
        self._crm, self._fault, self._only = crm, fault, only
        self.asked = 0

    def __getattr__(self, name):
        return getattr(self._crm, name)

    def versions(self, pipeline_id):
        self.asked += 1
        if self._only in (None, pipeline_id):
            raise self._fault
        return self._crm.versions(pipeline_id)


@pytest.mark.parametrize(
    ("fault", "asked"),
    [
        (NotAuthorised("Grant the key a scope"), 1),
        (Unreachable("no answer"), 1),
        (QuotaUsedUp("tomorrow"), 1),
        (Rejected("not found", 404), 2),
        (BadAnswer("an empty body"), 2),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else None,
)
def test_a_trail_that_cannot_be_read_breaks_no_pull(company, db, fault, asked):
    """The pull says so and goes on; once the trail can be read, the history is whole."""
    company.edit("PATCH", f"{STAGES}/met", {"label": "Møtt"})
    crm = WithoutTrails(company.crm, fault)
    done = pulled(company, db, crm)
    assert (len(done.faults), crm.asked) == (asked, asked)
    assert str(fault) in done.faults[0]
    assert "Sales" in done.faults[0]
    assert [v.not_before for v in stored(db, company)[1]] == [BEGINNING]
    company.clock.advance(timedelta(days=1))
    assert pulled(company, db).faults == ()
    assert [(v.at, v.by, v.pipeline) for v in stored(db, company)[1]] == company.made


def test_one_missing_trail_costs_no_other(company, db):
    """Of two pipelines, the one whose trail answers 404 is seen only and the other is told."""
    done = pulled(company, db, WithoutTrails(company.crm, Rejected("no", 404), only="partners"))
    assert len(done.faults) == 1
    assert stored(db, company)[1][0].not_before is None


def misfiled(company, number, change):
    """Change what one audit entry holds, as only HubSpot's own past can."""
    trail = company.portal.audit["sales"]
    raw = json.loads(trail[number].raw)
    change(raw)
    trail[number] = AuditEntry(trail[number].at, trail[number].user_id, json.dumps(raw))


def test_impossible_pairs_of_the_past_are_kept(company, db):
    """A stage closed at 0.8 is told as it was, and as corrected when it was."""

    def impossible(raw):
        raw["stages"][1]["metadata"] = {"isClosed": "true", "probability": "0.8"}

    company.edit("PATCH", f"{STAGES}/met", {"label": "Møtt"})
    misfiled(company, 0, impossible)
    assert pulled(company, db).promoted.quarantined == 0
    first, last = stored(db, company)[1]
    told = [(v.pipeline.stages[1].probability, v.pipeline.stages[1].outcome) for v in (first, last)]
    assert told == [(0.8, Outcome.LOST), (0.6, Outcome.OPEN)]
    assert check.check(db) == ()


def test_a_bad_entry_is_set_aside_and_the_rest_is_told(company, db):
    """The pull counts it, names it and blames nobody for what came with it."""
    for label in ("A", "B", "C"):
        company.edit("PATCH", f"{STAGES}/met", {"label": label})
    misfiled(company, 2, lambda raw: raw.pop("stages"))
    assert pulled(company, db).promoted.quarantined == 1
    versions = stored(db, company)[1]
    assert [(v.pipeline.stages[0].label, v.by) for v in versions] == [
        ("Met", None),
        ("A", str(KARI)),
        ("C", None),
    ]
    assert versions[2].not_before == versions[1].at


def test_entries_out_of_order_are_put_in_order(company, db):
    """The history does not depend on how the CRM lists its trail."""
    for label in ("A", "B", "C"):
        company.edit("PATCH", f"{STAGES}/met", {"label": label})
    company.portal.audit["sales"].insert(1, company.portal.audit["sales"].pop())
    pulled(company, db)
    assert [(v.at, v.pipeline) for v in stored(db, company)[1]] == [
        (at, pipeline) for at, _, pipeline in company.made
    ]


def test_a_removed_pipeline_is_told_as_removed(company, db):
    """What it was stays known, and when it was gone is what pulls saw."""
    pulled(company, db)
    company.clock.advance(timedelta(days=3))
    pulled(company, db)
    last = company.clock.now()
    company.clock.advance(timedelta(days=3))
    company.portal.drop_pipeline("sales")
    pulled(company, db)
    newest = read_history(account(company), db, "Sales").revisions[0]
    assert [edit.kind for edit in newest.edits] == [EditKind.PIPELINE_REMOVED]
    assert (newest.version.at, newest.version.not_before) == (company.clock.now(), last)


def test_a_moment_shows_the_pipelines_as_they_were(company, db):
    """Each pipeline has the stages it had then; an instant without a zone is the account's."""
    company.edit("PATCH", f"{STAGES}/met", {"label": "Møtt"})
    pulled(company, db)
    edited = company.made[1][0]

    def first_label(at):
        then = read_moment(account(company), db, "sales", at)
        return [version.pipeline.stages[0].label for version in then.versions]

    assert first_label(BEGIN - timedelta(days=1)) == []
    assert first_label(edited) == ["Met"]
    assert first_label(edited + timedelta(seconds=1)) == ["Møtt"]
    # In December Oslo is an hour ahead of UTC.
    local = (edited + timedelta(hours=1)).replace(tzinfo=None)
    assert first_label(local) == ["Met"]
    assert first_label(local + timedelta(seconds=1)) == ["Møtt"]


# --- where drifts come from -----------------------------------------------------------------------


def edited(small, label, user, stage="met"):
    """Somebody renames a stage over HTTP, a day later."""
    small.clock.advance(timedelta(days=1))
    answer = requests.patch(
        f"{small.sandbox.url}/crm/pipelines/2026-09/deals/sales/stages/{stage}",
        json={"label": label},
        headers={"Authorization": "Bearer pat-sandbox-write"},
        timeout=10,
    )
    answer.raise_for_status()
    trail = small.portal.audit["sales"]
    trail[-1] = replace(trail[-1], user_id=user)


def small_pull(small, db):
    return pull(small.account, small.connect("READ"), db)


def origins(small, db, reading=None):
    reading = reading or read_live(small.account, small.connect("READ"))
    found = reading.drift(small.processes)
    return {drift.id.split(":")[1]: drift for drift in found}, find_origins(reading, found, db)


def test_a_drift_names_who_made_it_and_when(small, db):
    """The hand and the instant are those of the edit, also for people who left or have no name."""
    people = small.portal.people
    kari = people.add_owner("Kari", "Berg", email="k@x.example", at=small.clock.now())
    nils = people.add_owner("Nils", "Vik", email="n@x.example", at=small.clock.now(), archived=True)
    for label, user in (("Møte", kari.user_id), ("Møtt", nils.user_id), ("Met him", 4711)):
        edited(small, label, user)
        small_pull(small, db)
        _, found = origins(small, db)
        began = found.of["small:sales/met/label"]
        assert (began.at, began.not_before, began.by) == (small.clock.now(), None, str(user))
    assert found.people == {str(kari.user_id): "Kari Berg", str(nils.user_id): "Nils Vik"}


def test_a_drift_since_the_last_pull_lies_between(small, db):
    """A live reading knows only that a value came after the last pull."""
    small_pull(small, db)
    last = small.clock.now()
    edited(small, "Møtt", 1)
    _, found = origins(small, db)
    began = found.of["small:sales/met/label"]
    assert (began.at, began.not_before, began.by) == (small.clock.now(), last, None)
    offline = read_stored(small.account, db)
    assert "small:sales/met/label" not in origins(small, db, offline)[1].of


def test_drift_of_an_account_never_pulled_has_no_origin(small, db):
    """Nothing known is said as such, and drift is found all the same."""
    reading = read_live(small.account, small.connect("READ"))
    found = find_drift(reading, small.processes, db, record=True)
    assert found.sifted.open
    assert found.origins.of == {}


@pytest.mark.parametrize("pulled_between", [True, False])
def test_our_own_writes_are_known_as_ours(small, db, pulled_between):
    """What a run of connector wrote names that run, live and once the trail was read."""
    small_pull(small, db)
    reading = read_live(small.account, small.connect())
    every = [(hazard, EVERY_STAGE) for hazard in Hazard]
    plan = plan_correction(reading, small.processes, db, every).plan
    small.clock.advance(timedelta(days=1))
    done = apply(small.account, small.connect(), db, plan, dump(plan, None, small.clock.now()))
    assert done.complete
    small.clock.advance(timedelta(hours=1))
    process = Path(small.folder / "mappings" / "sales.toml")
    text = process.read_text("utf-8").replace('label = "Agreed"', 'label = "Agreed to"')
    process.write_text(text.replace("probability = 0.3", "probability = 0.35"), "utf-8")
    if pulled_between:
        small_pull(small, db)
    drifts, found = origins(small, db)
    assert len(drifts) == 2
    assert {began.run for began in found.of.values()} == {done.run}
    if pulled_between:
        told = read_history(small.account, db, "sales").revisions
        ours = [e for r in told for e in r.edits if e.run == done.run]
        assert len(ours) == sum(len(r.edits) for r in told[:-1])
