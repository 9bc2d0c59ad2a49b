"""The confidence of leads by the command line, over real HTTP, with people at work in the CRM."""

import json
import os
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from datetime import timedelta
from pathlib import Path

import pytest

from connector.config import load_config
from connector.crm.nutshell import connect
from connector.jobs.unattended import apply_unattended
from connector.model import Capability
from connector.process import load_processes
from connector.sandbox.nutshell.instance import ADMIN, ADMIN_KEY, NAMED_KEY
from connector.sandbox.nutshell.records import Status
from connector.store import open_database
from tests.cli.lead_world import BORN, MADE_WITH, LeadWorld

# `make leads` takes 2,000.
LEADS = int(os.environ.get("LEADS", "120"))


@pytest.fixture
def make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[int], LeadWorld]]:
    monkeypatch.setenv("USA_KEY", "")
    with ExitStack() as stack:

        def world(count: int) -> LeadWorld:
            made = LeadWorld(tmp_path, count)
            stack.enter_context(made.sandbox)
            made.set_up()
            return made

        yield world


def counts(document: dict) -> dict[str, int]:
    return {row["what"]: row["leads"] for row in document["lead_counts"]}


def test_applied_among_people_killed_resumed_and_undone(make):
    """Of leads planned, applied while people change 5 % of them, killed and resumed, none is
    written twice, none wrong, and every one that is still ours goes back.
    """
    world, took = make(LEADS), {}
    world.pull()
    planned = took_of(took, "plan", lambda: world.plan("--max-leads", str(LEADS)))
    assert counts(planned)["changed"] == LEADS

    order = [int(row["lead"].partition("-")[0]) for row in planned["leads"]]
    with world.people_at_work(order, LEADS // 20, every=0.12) as done:
        took_of(took, "killed apply", lambda: world.apply_until(LEADS * 2 // 5))
        began = sum(world.writes().values())
        resumed = took_of(took, "resumed apply", world.apply)
    assert len(done) == LEADS // 20
    assert 0 < began < LEADS

    check(world, done)
    refused = world.refused()
    assert resumed["leads_failed"] == resumed["leads_unknown"] == resumed["leads_unsent"] == 0
    assert resumed["leads_done"] + resumed["leads_skipped"] + resumed["leads_left"] == LEADS
    assert counts(world.plan())["changed"] == 0
    time.sleep(1.0)  # the CRM's clock has whole seconds, and a lead left in this one stays left
    world.pull("--full")
    again = world.plan()
    assert counts(again)["changed"] == sum(moved_before_us(world, lead, done) for lead in done)

    written = world.writes()
    before = {lead: world.instance.leads[lead].confidence for lead in world.instance.leads}
    undo = world.plan("--undo", str(resumed["run"]), file="undo.json")
    took_of(took, "undo", lambda: world.apply("undo.json"))
    ours = last_by_us(world, written)
    for lead, known in world.instance.leads.items():
        closed = known.status.closed
        assert known.confidence == (MADE_WITH if lead in ours and not closed else before[lead])
    assert counts(undo)["changed"] == sum(
        not world.instance.leads[lead].status.closed for lead in ours
    )
    figures = f"{LEADS} leads, {dict(Counter(done.values()))}, {refused} refused as out of date"
    sys.stderr.write(f"{figures}, killed after {began}: {took}\n")


def took_of(took: dict[str, float], name: str, work: Callable[[], object]):
    began = time.monotonic()
    result = work()
    took[name] = round(time.monotonic() - began, 1)
    return result


def check(world: LeadWorld, done: dict[int, str]) -> None:
    """By the CRM's own log: no lead twice, and nothing of ours behind what people set."""
    assert max(world.writes().values()) == 1
    last: dict[int, str] = {}
    for lead, actor, _ in world.settings():
        assert actor != world.ours or last.get(lead) is None
        last[lead] = actor
    for lead, known in world.instance.leads.items():
        match done.get(lead):
            case None | "touch":
                assert known.confidence == world.wanted(lead)
                assert world.writes()[lead] == 1
            case "set":
                assert known.confidence in (5, 95)


def moved_before_us(world: LeadWorld, lead: int, done: dict[int, str]) -> bool:
    """Whether a lead was moved, so that it should have another confidence than it has."""
    known = world.instance.leads[lead]
    return done[lead] == "move" and known.confidence != world.wanted(lead)


def last_by_us(world: LeadWorld, written: Counter[int]) -> set[int]:
    """The leads of a run whose confidence nobody set after us, before it was taken back."""
    last: dict[int, str] = {}
    seen: Counter[int] = Counter()
    for lead, actor, _ in world.settings():
        seen[lead] += actor == world.ours
        if actor != world.ours or seen[lead] == 1:
            last[lead] = actor
    return {lead for lead in written if last[lead] == world.ours}


@pytest.fixture
def twelve(make) -> LeadWorld:
    """Twelve leads that were pulled once."""
    world = make(12)
    world.pull()
    return world


def leads_of(world: LeadWorld) -> list[int]:
    return sorted(world.instance.leads)


def reasons(document: dict) -> dict[str, str]:
    return {row["lead"]: row["reason"] for row in document["leads_left"]}


@pytest.mark.parametrize("key", [NAMED_KEY, ADMIN_KEY], ids=["named", "impersonating"])
def test_what_a_person_set_stays_and_our_own_writes_do_not_count(make, key):
    """Also where our key writes in the name of a person, as impersonating ones do."""
    world = make(12)
    world.key = key
    person, automation, *_ = leads_of(world)
    world.instance.set_confidence(person, 30, by=world.seller)
    world.instance.set_confidence(automation, 31, by="23-origins")
    world.pull()
    planned = world.plan()
    assert reasons(planned) == {f"{person}-leads": "set-by-person"}
    assert counts(planned)["changed"] == 11
    done = world.apply()
    assert (done["leads_done"], world.instance.leads[person].confidence) == (11, 30)

    # As if the process had changed its mind after a pull that tells of our writes.
    world.pull("--full")
    world.edit_process("probability = 0.2", "probability = 0.25")
    planned = world.plan()
    assert reasons(planned) == {f"{person}-leads": "set-by-person"}
    assert counts(planned)["changed"] == 5
    assert world.apply()["leads_done"] == 5


def test_a_move_makes_a_persons_word_out_of_date(make):
    """What was set in an earlier stage is overruled, and the plan says of how many."""
    world = make(12)
    lead = leads_of(world)[0]
    world.instance.set_confidence(lead, 77, by=world.seller, at=BORN + timedelta(days=10))
    world.instance.move(lead, world.stages[1].id, by=world.seller, at=BORN + timedelta(days=20))
    world.pull()
    assert counts(world.plan())["outdated"] == 1
    assert world.apply()["leads_done"] == 12
    assert world.instance.leads[lead].confidence == 50


def test_nutshells_own_automation_is_told_of(twelve):
    """The next plan, and the next apply, say how many were moved since, and by what."""
    twelve.plan()
    twelve.apply()
    by_automation, by_person, by_move, *_ = leads_of(twelve)
    twelve.instance.set_confidence(by_automation, MADE_WITH, by="23-origins")
    twelve.instance.set_confidence(by_person, 90, by=twelve.seller)
    twelve.instance.automation = lambda lead, stage: 33
    twelve.instance.move(by_move, twelve.stages[1].id, by=twelve.seller)
    twelve.pull("--full")
    said = (
        "Open leads that connector gave a confidence before: 12. With another one now: 3"
        " (1 by the CRM's automation, 1 by people, 1 by automation on a move to another stage)."
        " With the one from before again: 1."
    )
    planned = twelve.plan()
    assert said in [note["text"] for note in planned["notes"]]
    assert counts(planned)["changed"] == 2
    assert said in [note["text"] for note in twelve.apply()["notes"]]
    assert twelve.instance.leads[by_person].confidence == 90


def test_the_same_plan_made_again_after_it_was_turned_back_is_another_one(make):
    """What an apply has written it writes once; a new plan may do it again."""
    world = make(2)
    world.pull()
    world.plan()
    first = world.mark()
    world.apply()
    for lead in leads_of(world):
        world.instance.set_confidence(lead, MADE_WITH, by="23-origins")
    assert world.apply()["leads_skipped"] == 2
    world.pull("--full")
    world.plan()
    assert world.mark() != first
    assert world.apply()["leads_done"] == 2


def test_at_most_so_many_leads_a_plan(twelve):
    """Those that move most come first, and the plan says how many wait."""
    planned = twelve.plan("--max-leads", "5")
    assert (counts(planned)["changed"], counts(planned)["waiting"]) == (5, 7)
    assert twelve.apply()["leads_done"] == 5
    assert counts(twelve.plan())["changed"] == 7


def test_impact_is_told_before_anything_is_written(twelve):
    """Value × confidence, as the instance itself adds it up, before and after."""
    (pipeline,) = twelve.plan()["lead_pipelines"]
    assert pipeline["before"]["amount"] == pytest.approx(twelve.weighted())
    twelve.apply()
    assert pipeline["after"]["amount"] == pytest.approx(twelve.weighted())


def with_decided(world: LeadWorld, days: float) -> None:
    """Sixty earlier leads that lay so long in the first stage, half of which were won then."""
    won = world.instance.catalogue.add_outcome("Won", Status.WON)
    began = BORN - timedelta(days=40)
    for n in range(60):
        lead = world.instance.add_lead(f"Old {n}", world.stages[0].id, at=began).id
        outcome = won if n % 2 else world.lost
        world.instance.close(lead, outcome.id, at=began + timedelta(days=days + n / 60))


def test_evidence_is_what_became_of_earlier_leads(make):
    """Half of those that lay longer were won; of a stage nobody left, nothing is known."""
    world = make(12)
    with_decided(world, days=100)
    world.pull()
    planned = world.plan("--confidence", "evidence")
    assert (counts(planned)["changed"], counts(planned)["untold"]) == (6, 6)
    assert {row["after"] for row in planned["leads"]} == {0.5}
    file = json.loads((world.folder / "plan.json").read_text("utf-8"))
    assert file["leads_basis"] == "evidence"
    world.apply()
    assert {world.instance.leads[int(lead)].confidence for lead in world.writes()} == {50}


def test_a_lead_that_lies_longer_than_any_before_is_not_judged_by_them(make):
    """Nobody has left the stage so late; that is no evidence that nobody will."""
    world = make(12)
    with_decided(world, days=30)
    world.pull()
    planned = world.plan("--confidence", "evidence")
    assert (counts(planned)["changed"], counts(planned)["untold"]) == (0, 12)


def test_ctrl_c_ends_it_soundly_and_the_same_command_goes_on(make):
    """What was done stands, the rest is told as not sent, and nothing is written twice."""
    world = make(60)
    world.pull()
    world.plan()
    process = world.start("apply", "plan.json", "--confirm", world.mark())
    while not world.writes():
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    told = json.loads(out)
    assert process.returncode == 5, err
    assert "stopped by hand" in err
    assert told["leads_unsent"] > 0
    assert world.apply()["leads_unknown"] == 0
    assert set(world.writes().values()) == {1}
    assert len(world.writes()) == 60


def test_leads_no_pull_has_told_of_are_not_planned(make):
    """Without a pull nobody knows who set what."""
    world = make(2)
    notes = [note["text"] for note in world.plan()["notes"]]
    assert any("What confidence leads have is not known" in note for note in notes)
    assert world.apply()["changes"] == []
    assert not world.writes()


def test_no_job_writes_a_lead(twelve):
    """Unattended, nothing is written to leads, whatever kinds a job may correct."""
    config = load_config(twelve.folder / "config.toml", {"USA_KEY": twelve.key})
    account, processes = config.accounts[0], load_processes(twelve.folder / "mappings")
    crm = connect(ADMIN, twelve.key, base_url=twelve.sandbox.url)
    with closing(open_database(config.database)) as db:
        done = apply_unattended(account, crm, db, processes, frozenset(Capability))
    assert done.application is None
    assert not twelve.writes()
