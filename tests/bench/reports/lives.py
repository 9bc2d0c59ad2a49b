"""The lives of deals to measure on: moves, prices, hopes and owners that change."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import pairwise

from connector.model import Field

DAY = 86_400_000
DAYS = 1500  # of history
PIPELINE = "sales"
OPEN = ("met", "examined", "evaluated", "offered")
PRODUCTS = tuple(f"Product {number}" for number in range(1, 9))
REASONS = ("price", "timing", "competitor", "no decision", "went silent")
PRODUCT, LOST_REASON = "product", "lost_reason"


@dataclass(slots=True)
class Life:
    """One deal: the stages it came to, and the values of its other fields, each with its instant.

    Instants are milliseconds. `gone` is when it was archived, if it was.
    """

    stages: list[tuple[str, int]]
    values: dict[str, list[tuple[str, int]]] = field(default_factory=dict)
    gone: int | None = None

    def last(self, name: str) -> str | None:
        """What a field is worth in the end."""
        told = self.values.get(name)
        return told[-1][0] if told else None

    def visits(self) -> Iterator[tuple[str, int, int | None, bool]]:
        """The stays in its stages: from when, until when, and whether the archive cut them."""
        for (stage, entered), (_, left) in pairwise(self.stages):
            yield stage, entered, left, False
        stage, entered = self.stages[-1]
        yield stage, entered, self.gone, self.gone is not None


def lives(chance: random.Random, deals: int, now: int, owners: tuple[str, ...]) -> Iterator[Life]:
    """So many lives, begun evenly over the days of history; the same chance, the same lives."""
    for _ in range(deals):
        begun = now - 1 - chance.randrange(DAYS * DAY)
        life = Life(list(_moves(chance, begun, now)))
        _fill_in(chance, life, owners)
        if chance.random() < 0.01:
            life.gone = min(life.stages[-1][1] + 30 * DAY, now - 1)
        yield life


def _moves(chance: random.Random, at: int, now: int) -> Iterator[tuple[str, int]]:
    """From stage to stage: some deals skip one, some come back, a few are opened again."""
    step, last = 0, len(OPEN) - 1
    while at < now:
        yield OPEN[step], at
        at += int(chance.expovariate(1 / 15) * DAY)
        throw = chance.random()
        if throw < 0.5 or (step == last and throw > 0.55):
            if at < now:
                yield ("lost" if throw < 0.5 else "won"), at
            if throw < 0.99:
                return
            at += 30 * DAY
        elif throw < 0.55 and step:
            step -= 1
        else:
            step = min(step + (2 if throw > 0.95 else 1), last)


def _fill_in(chance: random.Random, life: Life, owners: tuple[str, ...]) -> None:
    """What sellers enter at the beginning, and what they change when the deal moves."""
    (_, begun), *moves = life.stages
    values = life.values
    values[Field.PIPELINE] = [(PIPELINE, begun)]
    values[Field.OWNER] = [(chance.choice(owners), begun)]
    if chance.random() < 0.8:
        values[Field.AMOUNT] = [(str(chance.randrange(1_000, 500_000)), begun)]
    if chance.random() < 0.8:
        values[Field.CLOSE_DATE] = [(_day(begun + chance.randrange(20, 90) * DAY), begun)]
    if chance.random() < 0.3:
        values[PRODUCT] = [(chance.choice(PRODUCTS), begun)]
    for stage, at in moves:
        _move(chance, values, stage, at)


def _move(
    chance: random.Random, values: dict[str, list[tuple[str, int]]], stage: str, at: int
) -> None:
    if stage == "lost" and chance.random() < 0.5:
        values.setdefault(LOST_REASON, []).append((chance.choice(REASONS), at))
    if stage in ("won", "lost"):
        return
    throw = chance.random()
    if throw < 0.2 and Field.AMOUNT in values:
        values[Field.AMOUNT].append((str(chance.randrange(1_000, 500_000)), at))
    closes = values.get(Field.CLOSE_DATE)
    if closes and closes[-1][0] < _day(at + 14 * DAY):
        closes.append((_day(at + 30 * DAY), at))


def _day(at: int) -> str:
    return f"{datetime.fromtimestamp(at / 1000, UTC):%Y-%m-%dT00:00:00Z}"
