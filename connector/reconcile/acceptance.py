"""Drifts somebody decided to live with for a while, and which of them that still holds for."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from connector.reconcile.drift import Drift, DriftKind
from connector.reconcile.sightings import Mark, Sightings, mark_of


@dataclass(frozen=True, slots=True)
class Acceptance:
    """Somebody's word that a drift is fine, with the values it had then.

    `until` is the last day it holds for, in the account's time zone.
    """

    mark: Mark
    reason: str
    by: str
    at: datetime
    until: date


class Standing(StrEnum):
    """Whether an acceptance holds, or why it does not."""

    IN_FORCE = "in-force"
    EXPIRED = "expired"
    CHANGED = "changed"
    SETTLED = "settled"


def standing(acceptance: Acceptance, found: Mark | None, today: date) -> Standing:
    """How an acceptance stands on a day; `found` is its drift as it is now, None where it is gone.

    An acceptance is of values, so it holds again where they come back before it expires.
    """
    if today > acceptance.until:
        return Standing.EXPIRED
    if found is None:
        return Standing.SETTLED
    return Standing.IN_FORCE if found == acceptance.mark else Standing.CHANGED


def last_found(acceptance: Acceptance, sightings: Sightings) -> Mark | None:
    """The drift of an acceptance as last seen; accepting it was seeing it too."""
    since = [
        (mark, sighting)
        for mark, sighting in sightings.items()
        if mark.drift == acceptance.mark.drift and (sighting.gone or sighting.last) >= acceptance.at
    ]
    if not since:
        return acceptance.mark
    return next((mark for mark, sighting in since if sighting.gone is None), None)


@dataclass(frozen=True, slots=True)
class Accepted:
    """A drift and the acceptance that holds for it."""

    drift: Drift
    acceptance: Acceptance


@dataclass(frozen=True, slots=True)
class Lapsed:
    """An acceptance that no longer holds for a drift that is there, and why."""

    acceptance: Acceptance
    why: Standing


@dataclass(frozen=True, slots=True)
class Sifted:
    """The drifts to do something about, and those accepted; `lapsed` is by drift id."""

    open: tuple[Drift, ...]
    accepted: tuple[Accepted, ...]
    lapsed: Mapping[str, Lapsed]


def sift(drifts: Sequence[Drift], acceptances: Iterable[Acceptance], today: date) -> Sifted:
    """Tell accepted drifts from open ones on a day.

    A stage's outcome follows its probability (HubSpot fact, 2026-11). So where the outcome is
    accepted, the probability is too: to correct it would correct the outcome.
    """
    given = {acceptance.mark.drift: acceptance for acceptance in acceptances}
    holding: dict[Drift, Acceptance] = {}
    lapsed: dict[str, Lapsed] = {}
    for drift in drifts:
        mark = mark_of(drift)
        if acceptance := given.get(mark.drift):
            stands = standing(acceptance, mark, today)
            if stands is Standing.IN_FORCE:
                holding[drift] = acceptance
            else:
                lapsed[drift.id] = Lapsed(acceptance, stands)
    holding = _of_probabilities(drifts, holding) | holding
    return Sifted(
        tuple(drift for drift in drifts if drift not in holding),
        tuple(Accepted(drift, holding[drift]) for drift in drifts if drift in holding),
        lapsed,
    )


def _of_probabilities(
    drifts: Iterable[Drift], holding: Mapping[Drift, Acceptance]
) -> dict[Drift, Acceptance]:
    """The probability drifts of stages whose outcome is accepted."""
    outcomes = {
        (drift.pipeline, drift.stage): acceptance
        for drift, acceptance in holding.items()
        if drift.kind is DriftKind.OUTCOME
    }
    return {
        drift: outcomes[drift.pipeline, drift.stage]
        for drift in drifts
        if drift.kind is DriftKind.PROBABILITY and (drift.pipeline, drift.stage) in outcomes
    }
