"""Nutshell instances to measure on: plain leads in any number, each with a life in the log."""

import random
from datetime import timedelta

from connector.sandbox import Instance
from connector.sandbox.nutshell.records import Status
from tests.bench.portals import OPEN, PEOPLE, START


def instance(leads: int) -> Instance:
    """An instance of so many leads; the same number, the same instance."""
    chance = random.Random(leads)
    made = Instance(name=f"{leads} leads")
    made.pipelines.add_pipeline("Sales", [stage.capitalize() for stage in OPEN], at=START)
    won = made.catalogue.add_outcome("Signed", Status.WON)
    lost = made.catalogue.add_outcome("Price", Status.LOST)
    people = [
        made.people.add_user(f"Seller {number}", f"seller{number}@example.com").ref
        for number in range(1, PEOPLE + 1)
    ]
    stages = list(made.pipelines.stages)
    for _ in range(leads):
        _live(made, chance, stages, people, (won.id, lost.id))
    return made


def _live(
    made: Instance,
    chance: random.Random,
    stages: list[int],
    people: list[str],
    outcomes: tuple[int, int],
) -> None:
    """One lead: some stages, other edits in each, and half of the times an end."""
    at = START + timedelta(minutes=chance.randrange(500_000))
    lead = made.add_lead(
        f"Lead {chance.randrange(10**6)}",
        stages[0],
        amount=str(chance.randrange(1_000, 900_000)),
        expected=at + timedelta(days=60),
        owner=chance.choice(people),
        at=at,
    )
    for stage in stages[: chance.randint(1, len(stages))]:
        made.move(lead.id, stage, at=at)
        at += timedelta(hours=chance.randrange(2, 400))
        made.set_value(lead.id, str(chance.randrange(1_000, 900_000)), at=at)
        made.set_confidence(lead.id, chance.randrange(101), at=at)
    if chance.random() < 0.5:
        made.close(lead.id, chance.choice(outcomes), at=at + timedelta(hours=1))
