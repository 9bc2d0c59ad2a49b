"""HubSpot's account and owners as JSON."""

import msgspec

from connector.crm.answers import Answer
from connector.crm.hubspot.paging import Paging
from connector.model import Owner, Remote


class _AccountJson(msgspec.Struct, rename="camel"):
    portal_id: int | str
    account_type: str = ""
    time_zone: str = "UTC"
    company_currency: str = ""
    portal_name: str | None = None


class _TeamJson(msgspec.Struct):
    name: str
    primary: bool = False


class _OwnerJson(msgspec.Struct, rename="camel"):
    id: str | int
    email: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    user_id: int | str | None = None
    user_id_including_inactive: int | str | None = None
    teams: list[_TeamJson] | None = None
    archived: bool = False


class OwnerListing(msgspec.Struct):
    """One page of owners as HubSpot sends it."""

    results: list[_OwnerJson]
    paging: Paging | None = None

    def owners(self) -> tuple[Owner, ...]:
        """Its owners."""
        return tuple(map(_owner, self.results))


def read_account(answer: Answer) -> Remote:
    """The portal behind a key."""
    account = answer.decode(_AccountJson)
    portal = str(account.portal_id)
    return Remote(
        crm="hubspot",
        id=portal,
        name=account.portal_name or portal,
        kind=account.account_type,
        time_zone=account.time_zone,
        currency=account.company_currency,
        now=answer.now,
    )


def read_owners(answer: Answer) -> OwnerListing:
    """One page of owners."""
    return answer.decode(OwnerListing)


def _owner(owner: _OwnerJson) -> Owner:
    name = " ".join(part for part in (owner.first_name, owner.last_name) if part)
    teams = sorted(owner.teams or (), key=lambda team: not team.primary)
    # A deactivated user keeps an id only under the second name; changes they made bear it.
    user = owner.user_id or owner.user_id_including_inactive
    return Owner(
        id=str(owner.id),
        name=name or owner.email or str(owner.id),
        email=owner.email or "",
        user_id="" if user is None else str(user),
        team=teams[0].name if teams else "",
        archived=owner.archived,
    )
