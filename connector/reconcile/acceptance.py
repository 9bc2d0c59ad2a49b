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
    same = {m: s for m, s in sightings.items() if m.drift == acceptance.mark.drift}
    for mark, sighting in same.items():
        if sighting.gone is None:
            return mark if sighting.last >= acceptance.at else acceptance.mark
    went = any(each.gone and each.gone > acceptance.at for each in same.values())
    return None if went else acceptance.mark


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
    """The drifts to do something about, and those accepted; `lapsed` is by the id of open ones."""

    open: tuple[Drift, ...]
    accepted: tuple[Accepted, ...]
    lapsed: Mapping[str, Lapsed]


def sift(drifts: Sequence[Drift], acceptances: Iterable[Acceptance], today: date) -> Sifted:
    """Tell accepted drifts from open ones on a day.

    A stage's outcome follows its probability (HubSpot fact, 2026-11). So where the outcome is
    accepted, the probability is too: to correct it would correct the outcome.
    """
    by_id = {acceptance.mark.drift: acceptance for acceptance in acceptances}
    marks = {drift: mark_of(drift) for drift in drifts}
    given = {drift: by_id[mark.drift] for drift, mark in marks.items() if mark.drift in by_id}
    stands = {drift: standing(word, marks[drift], today) for drift, word in given.items()}
    holding = {drift: word for drift, word in given.items() if stands[drift] is Standing.IN_FORCE}
    holding = {**_of_probabilities(drifts, holding), **holding}
    return Sifted(
        tuple(drift for drift in drifts if drift not in holding),
        tuple(Accepted(drift, holding[drift]) for drift in drifts if drift in holding),
        {
            drift.id: Lapsed(given[drift], stands[drift])
            for drift in drifts
            if drift in given and drift not in holding
        },
    )


def _of_probabilities(
    drifts: Iterable[Drift], holding: Mapping[Drift, Acceptance]
) -> dict[Drift, Acceptance]:
    """The probability drifts of stages whose outcome is accepted."""
    outcomes = {
        (drift.pipeline, drift.stage): word
        for drift, word in holding.items()
        if drift.kind is DriftKind.OUTCOME
    }
    return {
        drift: outcomes[drift.pipeline, drift.stage]
        for drift in drifts
        if drift.kind is DriftKind.PROBABILITY and (drift.pipeline, drift.stage) in outcomes
    }
