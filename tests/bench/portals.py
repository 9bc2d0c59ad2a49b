"""Portals to measure on: plain deals in any number, each with a history of all six fields."""

import random
from datetime import UTC, datetime, timedelta

from connector.sandbox import Portal
from connector.sandbox.hubspot.records import Stage, epoch_ms

START = datetime(2025, 1, 1, tzinfo=UTC)
OPEN = ("met", "examined", "evaluated", "offered")
CATEGORIES = ("PIPELINE", "BEST_CASE", "COMMIT")
PEOPLE = 12


def portal(deals: int, pipelines: int = 1, archived: int = 0) -> Portal:
    """A portal of so many live and archived deals; the same arguments, the same portal."""
    chance = random.Random(deals)
    made = Portal(name=f"{deals} deals")
    for number in range(1, pipelines + 1):
        _add_pipeline(made, f"sales-{number}")
    owners = [_hire(made, number) for number in range(1, PEOPLE + 1)]
    for number in range(deals + archived):
        deal = _live(made, chance, f"sales-{number % pipelines + 1}", owners)
        if number >= deals:
            made.archive(deal, START + timedelta(days=600))
    return made


def _add_pipeline(made: Portal, key: str) -> None:
    ms = epoch_ms(START)
    chances = {**{stage: (n + 1) / 5 for n, stage in enumerate(OPEN)}, "won": 1.0, "lost": 0.0}
    stages = [
        Stage(f"{key}-{stage}", stage.capitalize(), n, str(probability), ms, ms)
        for n, (stage, probability) in enumerate(chances.items())
    ]
    made.add_pipeline(key.capitalize(), stages, id=key, at=START)


def _hire(made: Portal, number: int) -> str:
    email = f"seller{number}@example.com"
    return str(made.people.add_owner("Seller", str(number), email=email, at=START).id)


def _live(made: Portal, chance: random.Random, pipeline: str, owners: list[str]) -> int:
    """One deal's life: a few stages, and an edit of something else after each."""
    at = START + timedelta(minutes=chance.randrange(500_000))
    first = {
        "dealname": f"Deal {chance.randrange(10**6)}",
        "pipeline": pipeline,
        "amount": str(chance.randrange(1_000, 900_000)),
        "closedate": f"{at + timedelta(days=60):%FT%TZ}",
        "hubspot_owner_id": chance.choice(owners),
        "hs_manual_forecast_category": "OMIT",
    }
    deal = made.add_deal(first, at).id
    for stage in (*OPEN, "won")[: chance.randint(1, 5)]:
        made.move(deal, f"{pipeline}-{stage}", at)
        at += timedelta(hours=chance.randrange(2, 400))
        edit(made, deal, chance, owners, at)
    return deal


def edit(
    made: Portal, deal: int, chance: random.Random, owners: list[str], at: datetime | None = None
) -> None:
    """What a seller does to a deal between two stages: one of the four other fields."""
    name, value = chance.choice(
        (
            ("amount", str(chance.randrange(1_000, 900_000))),
            ("closedate", f"{START + timedelta(days=chance.randrange(30, 900)):%FT%TZ}"),
            ("hubspot_owner_id", chance.choice(owners)),
            ("hs_manual_forecast_category", chance.choice(CATEGORIES)),
        )
    )
    made.set(deal, name, value, at)
