"""The words for corrections that somebody turned back."""

from collections.abc import Iterable
from datetime import datetime

from connector.reconcile.drift import Drift
from connector.reconcile.fights import Fight
from connector.reconcile.origin import Origins
from connector.report.document import Cell, Count, Instant, Note, Phrase, Tone, phrase
from connector.report.drift_words import kind_term, side, stage_cell
from connector.report.hands import who
from connector.report.names import names_in

_TURNED_BACK = (
    "The {kind} of {stage} is {live}, though connector made it {desired} {when}. {hand} wants it"
    " otherwise, so connector will not do that again by itself: agree on one value, then adopt it"
    " (connector process adopt {id}) or apply a plan."
)
_NO_ORIGINS = Origins()
_NOT_KNOWN = (
    "The {kind} of {stage} is {live}. connector sent {desired} {when} and never heard whether that"
    " arrived, so it does not send it again by itself: apply a plan."
)


def fight_notes(
    fights: Iterable[Fight], zone: str, origins: Origins = _NO_ORIGINS
) -> tuple[Note, ...]:
    """A note for each fight; instants are told in a time zone."""
    return tuple(Note(fight_words(fight, zone, origins), Tone.CAUTION) for fight in fights)


def fight_words(fight: Fight, zone: str, origins: Origins = _NO_ORIGINS) -> Phrase:
    """What a fight is about, with whom as far as `origins` tell, since when, and how it ends."""
    drift, names = fight.drift, names_in(())
    return phrase(
        _TURNED_BACK if fight.settled else _NOT_KNOWN,
        kind=kind_term(drift),
        stage=stage_cell(drift),
        live=side(drift, drift.live, names),
        desired=side(drift, drift.desired, names),
        when=_when(fight.times, fight.run, fight.at, zone),
        id=drift.id,
        hand=_hand(drift, origins),
    )


def _hand(drift: Drift, origins: Origins) -> Cell:
    """Whose word the live value is; taken back by a run of ours, it was still somebody's wish."""
    found = origins.of.get(drift.id)
    if found is None or found.by is None or found.run is not None:
        return "Somebody"
    return who(found.by, None, origins.people)


def _when(times: int, run: int, at: datetime, zone: str) -> Cell:
    once = "in run {run}, {at}" if times == 1 else "{times} times, the last time in run {run}, {at}"
    return phrase(once, times=Count(times), run=Count(run), at=Instant(at, zone))
