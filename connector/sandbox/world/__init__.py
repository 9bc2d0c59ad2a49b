"""An invented world whose truth is known: what its reports say can be held against it."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime

from connector.sandbox.hubspot.portal import PORTAL_ID, Portal
from connector.sandbox.hubspot.records import Owner, Stage, epoch_ms, iso
from connector.sandbox.world.lives import Life, lives
from connector.sandbox.world.truth import LOST, REPS, STAGES, WON, Truth, truth

__all__ = ["STAGES", "Truth", "World", "world"]

PIPELINE = "sales"
PER_DAY = 1.5


@dataclass(frozen=True, slots=True)
class World:
    """A portal, the rules its deals lived by, and what came of them.

    `chances` are the true chances to be won of the deals that entered each stage, on average.
    """

    portal: Portal
    truth: Truth
    chances: dict[str, float]


def world(seed: int, now: datetime | None = None, per_day: float = PER_DAY) -> World:
    """Build the world with this number as it stands at `now`; same arguments, same world."""
    now = (now or datetime.now(UTC)).astimezone(UTC)
    rules = truth(seed, now, per_day)
    lived = lives(rules)
    chances = _chances(lived)
    portal = Portal(PORTAL_ID + 10_000 + seed, name=f"World {seed}")
    portal.add_property("product_line", "Product line")
    portal.add_pipeline("Sales", _stages(rules, chances), id=PIPELINE, at=rules.begins)
    people = {name: _hire(portal, name, rules.begins) for name in REPS}
    for life in lived:
        _tell(portal, people[life.rep], life)
    return World(portal, rules, chances)


def _chances(lived: list[Life]) -> dict[str, float]:
    found: dict[str, list[float]] = defaultdict(list)
    for life in lived:
        for (stage, _), chance in zip(life.stages, life.chances, strict=False):
            found[stage].append(chance)
    return {stage: sum(chances) / len(chances) for stage, chances in found.items()}


def _stages(rules: Truth, chances: dict[str, float]) -> list[Stage]:
    """The stages with their true probabilities, but for the overrated one."""
    ms = epoch_ms(rules.begins)
    shown = {
        stage: round(chance + (rules.overrated_by if stage == rules.overrated else 0), 4)
        for stage, chance in chances.items()
    }
    values = [*((stage, shown.get(stage, 0.5)) for stage in STAGES), (WON, 1.0), (LOST, 0.0)]
    return [
        Stage(stage, stage.capitalize(), order, str(chance), ms, ms)
        for order, (stage, chance) in enumerate(values)
    ]


def _hire(portal: Portal, name: str, at: datetime) -> Owner:
    team = portal.people.add_team("East" if name in REPS[: len(REPS) // 2] else "West")
    return portal.people.add_owner(
        name, "Rep", email=f"{name.lower()}@world.example", teams=(team,), at=at
    )


def _tell(portal: Portal, owner: Owner, life: Life) -> None:
    """A life as edits of the portal, in the order they happened."""
    (first, at), *moves = life.stages
    values = {
        "dealname": f"{life.product} for {owner.first_name}",
        "dealstage": first,
        "pipeline": PIPELINE,
        "hubspot_owner_id": str(owner.id),
        "product_line": life.product,
        "amount": f"{life.amounts[0][0]:.0f}",
        "closedate": iso(epoch_ms(life.closes[0][0])),
    }
    deal = portal.add_deal(values, at, user_id=owner.user_id).id
    edits = [(when, "amount", f"{amount:.0f}") for amount, when in life.amounts[1:]]
    edits += [(when, "closedate", iso(epoch_ms(hoped))) for hoped, when in life.closes[1:]]
    edits += [(when, "dealstage", stage) for stage, when in moves]
    for when, name, value in sorted(edits):
        if name == "dealstage":
            portal.move(deal, value, when, user_id=owner.user_id)
        else:
            portal.set(deal, name, value, when, user_id=owner.user_id)
