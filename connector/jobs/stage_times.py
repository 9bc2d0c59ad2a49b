"""Our times in stage held against those a CRM tells itself, on a few deals after a whole read."""

from collections.abc import Iterator
from contextlib import suppress
from itertools import groupby
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from sqlite_utils import Database

from connector.errors import CrmError
from connector.model import Crm
from connector.store.pulls import Pull
from connector.store.sample import Stayed, sampled_stays

if TYPE_CHECKING:
    from connector.crm.nutshell.stage_times import StageTime, StageTimes

# Each costs a request.
SAMPLE = 5

# So much later, in seconds, the CRM may answer than the pull ended.
_MEANWHILE = 120.0
_DAY = 86_400.0


@runtime_checkable
class TellsStageTimes(Protocol):
    """A CRM that knows how long a deal was in each stage, beside the deal's history."""

    def stage_times(self, lead_id: str) -> "StageTimes | None":
        """The times of one deal; None where the CRM does not tell them."""


def disagreements(crm: Crm, db: Database, run: Pull) -> Iterator[str]:
    """Where the CRM's own times differ from ours, in words; silent where it tells none."""
    if not isinstance(crm, TellsStageTimes):
        return
    with suppress(CrmError):
        stays = sampled_stays(db, run, SAMPLE)
        for deal, of_deal in groupby(stays, key=lambda stay: stay.deal):
            told = crm.stage_times(deal)
            if told is not None:
                yield from differences(tuple(of_deal), told)


def differences(stays: tuple[Stayed, ...], told: "StageTimes") -> Iterator[str]:
    """Where the stays of one deal are not what the CRM tells, in words."""
    for theirs in told.times:
        ours = [stay for stay in stays if stay.stage == theirs.stage]
        seconds = [stay.seconds for stay in ours] or [0.0]
        if not _agrees(seconds, theirs):
            lead, label = stays[0], ours[0].label if ours else theirs.stage
            yield (
                f"{lead.name} ({lead.deal}) was in {label or theirs.stage} for"
                f" {sum(seconds) / _DAY:,.1f} days by its history, and for"
                f" {theirs.seconds / _DAY:,.1f} days by what the CRM tells of it"
            )


def _agrees(ours: list[float], theirs: "StageTime") -> bool:
    """Whether theirs is all stays summed, or the last one: which it is, nobody knows (2026-11)."""
    within = theirs.unit + _MEANWHILE
    return any(abs(theirs.seconds - seconds) <= within for seconds in (sum(ours), ours[-1]))
