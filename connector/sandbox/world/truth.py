"""What is true in an invented world, so that a report can be held against it."""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta

STAGES = ("met", "examined", "offered", "negotiated")
WON, LOST = "signed", "declined"
REPS = ("Ane", "Bo", "Cia", "Dag", "Eva", "Finn", "Gro", "Hans")
PRODUCTS = ("gauges", "valves", "pumps", "service")
YEARS = 3


@dataclass(frozen=True, slots=True)
class Truth:
    """The rules of one world; what was not planted is None.

    A deal of an ordinary rep and product moves from stage to stage with the chances `advance`, the
    last being that of winning. Those of the weak rep, and of the drifting product from `drift_from`
    on, are multiplied. `overrated` is the stage whose configured probability is too high.
    """

    seed: int
    begins: datetime
    now: datetime
    per_day: float
    advance: tuple[float, ...]
    days: tuple[float, ...]
    weak_rep: str | None
    weak_by: float
    drifting_product: str | None
    drift_from: datetime
    drift_by: float
    overrated: str | None
    overrated_by: float

    def chance(self, step: int, rep: str, product: str, at: datetime) -> float:
        """The chance that a deal which entered a stage at an instant moves on from it."""
        factor = self.weak_by if rep == self.weak_rep else 1.0
        if product == self.drifting_product and at >= self.drift_from:
            factor *= self.drift_by
        return self.advance[step] * factor


def truth(seed: int, now: datetime, per_day: float) -> Truth:
    """The rules of the world with this number; about half of the worlds have each thing planted."""
    rng = random.Random(f"truth {seed}")  # noqa: S311 - an invented world needs no secrets
    years = timedelta(days=365 * YEARS)
    return Truth(
        seed=seed,
        begins=now - years,
        now=now,
        per_day=per_day,
        advance=tuple(rng.uniform(low, low + 0.15) for low in (0.55, 0.6, 0.65, 0.7)),
        days=tuple(rng.uniform(5, 20) for _ in STAGES),
        weak_rep=rng.choice(REPS) if rng.random() < 0.5 else None,
        weak_by=0.7,
        drifting_product=rng.choice(PRODUCTS) if rng.random() < 0.5 else None,
        drift_from=now - years / 3,
        drift_by=0.7,
        overrated=rng.choice(STAGES) if rng.random() < 0.5 else None,
        overrated_by=0.2,
    )
