"""Nordlys Måleteknikk AS, an invented maker of gauges, and its HubSpot portal of two years."""

import random
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from connector.sandbox.company import names
from connector.sandbox.company.pipelines import TRACKS, set_up_pipelines
from connector.sandbox.company.story import Story, in_office_hours
from connector.sandbox.hubspot.portal import PORTAL_ID, Portal
from connector.sandbox.hubspot.records import Owner, epoch_ms

DEALS = 2_000
TWO_YEARS = timedelta(days=730)


def company(seed: int = 0, now: datetime | None = None, deals: int = DEALS) -> Portal:
    """Build the company's portal as it stands at `now`; same arguments, same portal.

    Another seed is another account, with an id and a name of its own.
    """
    now = (now or datetime.now(UTC)).astimezone(UTC)
    rng = random.Random(seed)  # noqa: S311 - an invented company needs no secrets
    name = "Nordlys Måleteknikk AS" if seed == 0 else f"Nordlys Måleteknikk {seed} AS"
    portal = Portal(PORTAL_ID + seed, name=name, rates={"SEK": 0.98, "EUR": 11.6})
    people = _hire(portal, now - TWO_YEARS)
    portal.add_property("product_line", "Product line")
    portal.add_property("region", "Region")
    set_up_pipelines(portal, people, now)
    lived = [_live(portal, rng, people, at, now) for at in _beginnings(rng, now, deals)]
    _tidy(portal, rng, lived, now)
    _spoil_names(portal, rng, [deal for deal in lived if portal.deal(deal).listed()], now)
    return portal


def _hire(portal: Portal, at: datetime) -> tuple[Owner, ...]:
    """Twelve who sell in three teams, and one who has left."""
    groups = (("Norge", names.NORWEGIAN), ("Sverige", names.SWEDISH), ("Finland", names.FINNISH))
    people = [_owner(portal, person, team, at) for team, members in groups for person in members]
    return (*people, _owner(portal, names.FORMER, "Norge", at, archived=True))


def _owner(
    portal: Portal, person: tuple[str, str], team: str, at: datetime, *, archived: bool = False
) -> Owner:
    first, last = person
    plain = f"{first}.{last}".lower().translate(str.maketrans("æøåäö", "aoaao"))
    return portal.people.add_owner(
        first,
        last,
        email=f"{plain}@nordlys.example",
        teams=(portal.people.add_team(team),),
        archived=archived,
        at=at,
    )


def _beginnings(rng: random.Random, now: datetime, deals: int) -> list[datetime]:
    """When deals were made: office hours of two years, a little denser towards the end."""
    span = TWO_YEARS.total_seconds()
    starts = (now - timedelta(seconds=span * (1 - rng.random() ** 0.85)) for _ in range(deals))
    return sorted(at for at in (in_office_hours(rng, start) for start in starts) if at < now)


def _live(
    portal: Portal, rng: random.Random, people: Iterable[Owner], at: datetime, now: datetime
) -> int:
    track = rng.choices(TRACKS, [track.weight for track in TRACKS])[0]
    gone = now - TWO_YEARS / 2  # the one who left sold until a year ago
    owner = rng.choice(
        [
            person
            for person in people
            if person.teams[0].name in track.teams and (not person.archived or at < gone)
        ]
    )
    heirs = tuple(each for each in people if each.teams == owner.teams and not each.archived)
    return Story(portal, rng, track, owner, heirs, at, now).tell()


def _spoil_names(portal: Portal, rng: random.Random, deals: list[int], now: datetime) -> None:
    for name, deal in zip(names.HOSTILE, rng.sample(deals, len(names.HOSTILE)), strict=True):
        portal.set(deal, "dealname", name, now)


def _tidy(portal: Portal, rng: random.Random, deals: list[int], now: datetime) -> None:
    """Archive some deals that have come to rest, and merge a few doublets."""
    rested = epoch_ms(now - timedelta(days=60))
    chosen = rng.sample([deal for deal in deals if portal.deal(deal).modified < rested], 24 + 8)
    for deal in chosen[:24]:
        portal.archive(deal, now - timedelta(days=rng.uniform(0, 20)))
    for winner, loser in zip(chosen[24:28], chosen[28:], strict=True):
        portal.merge(winner, loser, now - timedelta(days=rng.uniform(0, 60)))
