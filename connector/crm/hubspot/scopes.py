"""What a HubSpot key may do, and how much of the day's quota is left; nothing is ever written.

HubSpot facts, 2026-11: a key tells its own scopes where it is asked for them with the key in the
body; the account's details open to every key; only answers to dated paths tell the quota.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import msgspec

from connector.crm.answers import Answer
from connector.crm.hubspot import endpoints
from connector.crm.hubspot.client import open_transport
from connector.crm.hubspot.needs import DEALS, OWNERS, PIPELINES, STAGES, Need
from connector.crm.hubspot.people import read_account
from connector.crm.quota import told
from connector.crm.transport import Bounds, Transport
from connector.errors import CrmError, NotAuthorised
from connector.model import Remote

READING = (DEALS, OWNERS)
WRITING = (STAGES, PIPELINES)

# What is asked to find out whether a need is met, where the key does not tell.
_TRIED = {
    DEALS: endpoints.DEALS,
    OWNERS: endpoints.OWNERS,
    PIPELINES: endpoints.PIPELINES,
}
# Every key has it (HubSpot fact, 2026-11).
_ALWAYS = frozenset({"oauth"})

# Somebody sits and waits for this answer.
_IMPATIENT = Bounds(connect=5.0, exchange=20.0, attempts=2)


class _KeyJson(msgspec.Struct):
    scopes: list[str]


@dataclass(frozen=True, slots=True)
class Quota:
    """How many requests of how many the account has left until midnight in its own time zone."""

    left: int
    of: int


@dataclass(frozen=True, slots=True)
class Key:
    """What one key opens, measured against what it is for.

    `told` says whether HubSpot named the key's scopes. Where it did not, `missing` holds the needs
    whose reads were refused, `untried` those that only a write could prove, and `surplus` nothing.
    """

    remote: Remote
    quota: Quota | None
    told: bool
    missing: tuple[Need, ...]
    surplus: tuple[str, ...] = ()
    untried: tuple[Need, ...] = ()


def inspect(
    token: str,
    needs: tuple[Need, ...],
    base_url: str | None = None,
    *,
    welcome: tuple[Need, ...] = (),
) -> Key:
    """Look at a key without writing anything; raises `CrmError` where it opens no account.

    `welcome` needs are neither missing where the key does not meet them nor surplus where it does.
    """
    transport = open_transport(token, base_url, bounds=_IMPATIENT)
    account = transport.read("GET", endpoints.ACCOUNT)
    remote, quota = read_account(account), _quota(account)
    scopes = _scopes(transport, token)
    if scopes is None:
        missing = tuple(_refused(transport, needs))
        untried = tuple(need for need in needs if need not in _TRIED)
        return Key(remote, quota, False, missing, untried=untried)
    missing = tuple(need for need in needs if scopes.isdisjoint(need))
    return Key(remote, quota, True, missing, _surplus(scopes, needs + welcome))


def _scopes(transport: Transport, token: str) -> frozenset[str] | None:
    """The scopes of a key, or None where HubSpot does not tell them for keys of its kind."""
    try:
        answer = transport.read("POST", endpoints.KEY, body={"tokenKey": token})
        return frozenset(answer.decode(_KeyJson).scopes)
    except CrmError:
        return None


def _refused(transport: Transport, needs: Iterable[Need]) -> Iterator[Need]:
    for need in needs:
        if need in _TRIED:
            try:
                transport.read("GET", _TRIED[need], [("limit", "1")])
            except NotAuthorised:
                yield need


def _surplus(scopes: frozenset[str], needs: Iterable[Need]) -> tuple[str, ...]:
    asked_for = {scope for need in needs for scope in need}
    return tuple(sorted(scopes - asked_for - _ALWAYS))


def _quota(answer: Answer) -> Quota | None:
    limits = told(answer.headers)
    if limits.daily is None or limits.daily_left is None:
        return None
    return Quota(limits.daily_left, limits.daily)
