"""HubSpot's account and owners as JSON."""

import msgspec

from connector.crm.answers import Answer
from connector.crm.hubspot.decoding import Decoded, decode_each
from connector.model import Owner, Remote


class _AccountJson(msgspec.Struct, rename="camel"):
    portal_id: int | str
    account_type: str | None = None
    time_zone: str | None = None
    company_currency: str | None = None
    portal_name: str | None = None


class _TeamJson(msgspec.Struct):
    name: str | None = None
    primary: bool | None = None


class OwnerJson(msgspec.Struct, rename="camel"):
    """One owner as HubSpot sends it."""

    id: str | int
    email: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    user_id: int | str | None = None
    user_id_including_inactive: int | str | None = None
    teams: list[_TeamJson] | None = None
    archived: bool | None = None


def read_account(answer: Answer) -> Remote:
    """The portal behind a key."""
    account = answer.decode(_AccountJson)
    portal = str(account.portal_id)
    return Remote(
        crm="hubspot",
        id=portal,
        name=account.portal_name or portal,
        kind=account.account_type or "",
        time_zone=account.time_zone or "UTC",
        currency=account.company_currency or "",
        now=answer.now,
    )


def read_owners(answer: Answer) -> Decoded[OwnerJson]:
    """One page of owners."""
    return decode_each(answer, OwnerJson)


def owner_of(owner: OwnerJson) -> Owner:
    """A record of HubSpot's as an owner."""
    name = " ".join(part for part in (owner.first_name, owner.last_name) if part)
    teams = sorted(owner.teams or (), key=lambda team: not team.primary)
    # A deactivated user keeps an id only under the second name; changes they made bear it.
    user = owner.user_id or owner.user_id_including_inactive
    return Owner(
        id=str(owner.id),
        name=name or owner.email or str(owner.id),
        email=owner.email or "",
        user_id="" if user is None else str(user),
        team=(teams[0].name or "") if teams else "",
        archived=bool(owner.archived),
    )
