"""The confidence of leads by the command line, over real HTTP, with people at work in the CRM."""

import os
import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.cli.lead_world import MADE_WITH, LeadWorld

# `make leads` takes 2,000.
LEADS = int(os.environ.get("LEADS", "120"))


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Callable[[int], LeadWorld]]:
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
    world.run("pull")
    planned = took_of(took, "plan", lambda: world.plan("--max-leads", str(LEADS)))
    assert counts(planned)["changed"] == LEADS

    meddled = random.Random(7).sample(sorted(world.instance.leads), LEADS // 20)
    with world.people_at_work(meddled, every=LEADS * 0.012 / len(meddled)) as done:
        took_of(took, "killed apply", lambda: world.apply_until(LEADS * 2 // 5))
        began = sum(world.writes().values())
        resumed = took_of(took, "resumed apply", world.apply)
    assert done.keys() == set(meddled)
    assert 0 < began < LEADS

    check(world, done)
    assert resumed["leads_failed"] == resumed["leads_unknown"] == resumed["leads_unsent"] == 0
    assert resumed["leads_done"] + resumed["leads_skipped"] + resumed["leads_left"] == LEADS
    assert counts(world.plan())["changed"] == 0
    world.run("pull", "--full")
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
    told = Counter(done.values())
    print(f"{LEADS} leads, {dict(told)}, killed after {began}: {took}", file=sys.stderr)


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
