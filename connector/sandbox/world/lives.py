"""The lives of a world's deals, from its truth and its number alone."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from connector.sandbox.world.truth import LOST, PRODUCTS, REPS, STAGES, WON, Truth

DAY = timedelta(days=1)

# Deals die slowly: one that will be lost lies in its stage longer than one that will move on, so
# that a long stay is a bad sign, as it is in life.
_LINGERING = 2.5


@dataclass(slots=True)
class Life:
    """One deal: where it was when, and what was said of its amount and its close date when.

    `chances` are its true chances to be won, at the entry of each stage it came to.
    """

    rep: str
    product: str
    stages: list[tuple[str, datetime]] = field(default_factory=list)
    amounts: list[tuple[float, datetime]] = field(default_factory=list)
    closes: list[tuple[datetime, datetime]] = field(default_factory=list)
    chances: list[float] = field(default_factory=list)


def lives(truth: Truth) -> list[Life]:
    """Every deal begun between the world's beginning and its present, in order."""
    rng = random.Random(f"lives {truth.seed}")  # noqa: S311 - see above
    return [_live(truth, rng, at) for at in _beginnings(truth, rng)]


def _beginnings(truth: Truth, rng: random.Random) -> Iterator[datetime]:
    """Instants of a steady stream, `per_day` of them a day."""
    at = truth.begins
    while (at := at + timedelta(days=rng.expovariate(truth.per_day))) < truth.now:
        yield at


def _live(truth: Truth, rng: random.Random, at: datetime) -> Life:
    life = Life(rng.choice(REPS), rng.choice(PRODUCTS))
    hoped = at + DAY * round(sum(truth.days) * rng.uniform(0.6, 1.6))
    life.closes.append((hoped, at))
    life.amounts.append((round(100_000 * rng.lognormvariate(0, 0.6), -2), at))
    for step, stage in enumerate(STAGES):
        life.stages.append((stage, at))
        life.chances.append(_win(truth, life, step, at))
        goes_on = rng.random() < truth.chance(step, life.rep, life.product, at)
        stay = rng.lognormvariate(0, 0.8) * truth.days[step] * (1 if goes_on else _LINGERING)
        leaves = at + timedelta(days=stay)
        _put_off(truth, rng, life, min(leaves, truth.now))
        if leaves >= truth.now:
            return life
        at = leaves
        if not goes_on:
            life.stages.append((LOST, at))
            return life
        _talk_again(rng, life, at)
    life.stages.append((WON, at))
    return life


def _win(truth: Truth, life: Life, step: int, at: datetime) -> float:
    """The chance of winning from a stage on, were the product not to drift in the meantime."""
    chance = 1.0
    for later in range(step, len(STAGES)):
        chance *= truth.chance(later, life.rep, life.product, at)
    return chance


def _put_off(truth: Truth, rng: random.Random, life: Life, until: datetime) -> None:
    """Push the close date on, a few days after it has passed, for as long as the deal is open."""
    while True:
        hoped = life.closes[-1][0]
        noticed = max(hoped + timedelta(days=rng.uniform(0, 5)), life.closes[-1][1])
        if noticed >= until:
            return
        life.closes.append((noticed + DAY * rng.choice((14, 30, 60)), noticed))


def _talk_again(rng: random.Random, life: Life, at: datetime) -> None:
    """What a step forward changes: the amount now and then, and the date comes nearer."""
    if rng.random() < 0.3:
        life.amounts.append((round(life.amounts[-1][0] * rng.uniform(0.8, 1.15), -2), at))
    hoped = life.closes[-1][0]
    if rng.random() < 0.15 and hoped - at > 20 * DAY:
        life.closes.append((hoped - 10 * DAY, at))
