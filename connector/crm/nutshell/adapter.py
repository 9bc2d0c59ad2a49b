"""Nutshell behind the protocols `Crm` and `ConfidenceCrm`."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import cached_property

from connector.crm.can import CAN
from connector.crm.nutshell import endpoints, people, rpc
from connector.crm.nutshell.account import read_account, read_total
from connector.crm.nutshell.attributes import Attributes
from connector.crm.nutshell.client import open_transport
from connector.crm.nutshell.eventlog import EventLog
from connector.crm.nutshell.events import EventReader
from connector.crm.nutshell.leads import LeadReader
from connector.crm.nutshell.live import confidence_call, read_live
from connector.crm.nutshell.names import Names
from connector.crm.nutshell.pipelines import pipeline_of_stages, read_pipelines
from connector.crm.nutshell.shared import Shared
from connector.crm.nutshell.stage_times import StageTimes, read_stage_times
from connector.crm.nutshell.walks import LeadWalks
from connector.crm.transport import Transport, Usage
from connector.errors import Rejected
from connector.model import (
    Known,
    LiveDeal,
    Owners,
    Page,
    Pipeline,
    Remote,
    StageChange,
    Trail,
    nothing_known,
)


def connect(
    user: str,
    key: str,
    *,
    base_url: str | None = None,
    requests_per_10s: int | None = None,
    fields: Mapping[str, str] | None = None,
    time_zone: str | None = None,
    currency: str | None = None,
) -> "Nutshell":
    """The instance a user's key opens; `fields` maps further tracked fields to Nutshell's names.

    Nutshell tells neither the account's time zone nor its currency (2026-11).
    """
    transport = open_transport(user, key, base_url, requests_per_10s=requests_per_10s)
    return Nutshell(transport, fields or {}, time_zone=time_zone, currency=currency)


class Nutshell:
    """One Nutshell instance, as one of its users sees it."""

    can = CAN["nutshell"]

    def __init__(
        self,
        transport: Transport,
        fields: Mapping[str, str],
        *,
        time_zone: str | None = None,
        currency: str | None = None,
    ):
        self._transport = transport
        self._time_zone = time_zone
        self._currency = currency
        self._people = Shared(self._read_people)
        self._pipelines: Shared[tuple[Pipeline, ...]] | None = None
        self._names = Names(transport)
        self._attributes = Attributes(fields, self._names)
        self._walks = LeadWalks(transport, lambda: self._lead_reader, self._new_log)

    @property
    def requests(self) -> int:
        """How many requests were sent so far."""
        return self._transport.usage.requests

    @property
    def usage(self) -> Usage:
        """What was asked of Nutshell so far."""
        return self._transport.usage

    @property
    def expected(self) -> int | None:
        """How many leads the read under way will bring, once that is known."""
        return self._walks.expected

    def account(self) -> Remote:
        """The instance behind the key."""
        return read_account(self._transport, self._time_zone, self._currency)

    def pipelines(self) -> tuple[Pipeline, ...]:
        """Every pipeline with its stages, drafts and retired ones too."""
        self._pipelines = Shared(self._read_pipelines)
        return self._pipelines.get()

    def versions(self, pipeline_id: str) -> Trail:
        """Nothing: Nutshell keeps no past of its configuration (Nutshell fact, 2026-11)."""
        return Trail(())

    def owners(self, *, former: bool = False) -> Owners:
        """Every user and team leads belong to, or the users who have left."""
        told = self._people.get()
        known = tuple(each for each in told.known if each.archived is former)
        return Owners(known, () if former else told.unread)

    def count(self) -> int | None:
        """How many leads Nutshell says there are; None where it does not say."""
        return read_total(self._transport)

    def deals(
        self,
        since: datetime | None,
        bookmark: str | None = None,
        known: Known = nothing_known,
    ) -> Iterator[Page]:
        """Pages of leads with their history; `LeadWalks` tells how they are found."""
        return self._walks.deals(since, bookmark, known)

    def archived(self, bookmark: str | None = None) -> Iterator[Page]:
        """Pages of deleted leads, as far as Nutshell tells of them."""
        return self._walks.archived(bookmark)

    def by_id(self, ids: Sequence[str]) -> Iterator[Page]:
        """What each of these leads is now: there, deleted or missing."""
        return self._walks.by_id(ids)

    def stop(self) -> None:
        """End every request that is under way or waits; nothing can be asked any more."""
        self._transport.stop()

    def write(self, change: StageChange) -> None:
        """Refuse: neither of Nutshell's APIs can write a stage (Nutshell fact, 2026-11)."""
        raise Rejected(f"Nutshell has no way to write the stage {change.stage!r}.", 405)

    def live_deal(self, deal_id: str) -> LiveDeal | None:
        """The lead as it is now; None where Nutshell does not have it."""
        return read_live(self._transport, deal_id)

    def set_confidence(self, deal_id: str, rev: str, confidence: int) -> None:
        """Send one confidence, once, for the state of the lead that `rev` marks."""
        self._transport.write("POST", endpoints.RPC, confidence_call(deal_id, rev, confidence))

    def stage_times(self, lead_id: str) -> StageTimes | None:
        """What Nutshell itself says of a lead's time in each stage; None where unreadable."""
        return read_stage_times(self._transport, lead_id)

    def _read_people(self) -> Owners:
        """Every user and team, once for a run."""
        told = rpc.find_where_known(self._transport, "findTeams")
        teams = people.read_teams(told)
        answer = self._transport.read("GET", endpoints.USERS)
        users = people.read_users(answer, teams.known, people.members_of(told))
        return Owners((*users.known, *teams.known), (*users.unread, *teams.unread))

    def _read_pipelines(self) -> tuple[Pipeline, ...]:
        stagesets = self._transport.read("GET", endpoints.STAGESETS)
        return read_pipelines(stagesets, self._transport.read("GET", endpoints.STAGES))

    @cached_property
    def _lead_reader(self) -> LeadReader:
        pipelines = self._pipelines.get() if self._pipelines else self.pipelines()
        pipeline_of = pipeline_of_stages(pipelines)
        return LeadReader(self._attributes, self._names, pipeline_of.get)

    def _new_log(self) -> EventLog:
        return EventLog(EventReader(self._attributes, self._names))
