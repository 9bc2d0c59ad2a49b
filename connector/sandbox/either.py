"""Faults that every CRM can have, each in the shape of the CRM that was asked."""

from datetime import timedelta

from connector.sandbox.faults import Effect
from connector.sandbox.http import Request
from connector.sandbox.hubspot import lying, refusing
from connector.sandbox.hubspot.portal import Portal
from connector.sandbox.nutshell import lying as nutshell_lying
from connector.sandbox.nutshell import refusing as nutshell_refusing
from connector.sandbox.nutshell.instance import Instance
from connector.sandbox.nutshell.paths import is_nutshell


def of_hubspot(request: Request) -> bool:
    """Whether a request is for HubSpot."""
    return not is_nutshell(request)


def either(hubspot: Effect, nutshell: Effect) -> Effect:
    """The effect of the CRM that was asked."""
    return lambda strike: (nutshell if is_nutshell(strike.request) else hubspot)(strike)


def too_many(policy: str, retry: str | timedelta | None = None) -> Effect:
    """A 429; only HubSpot names the policy."""
    return either(refusing.too_many(policy, retry), nutshell_refusing.too_many(retry))


def failing(status: int) -> Effect:
    """A failure of the CRM itself."""
    return either(refusing.failing(status), nutshell_refusing.failing(status))


def spoiled(properties: str, record: str) -> Effect:
    """One record of a page holds this raw text: as a deal's properties, or as a lead."""
    return either(lying.spoiled(properties), nutshell_lying.spoiled(record))


def total_off(share: float) -> Effect:
    """What the CRM says of how many there are is off by a share."""
    return either(lying.total_off(share), nutshell_lying.count_off(share))


def other_account() -> Effect:
    """Another account answers."""
    return either(
        lying.other_portal(Portal(999_999, name="Another")),
        nutshell_lying.other_instance(Instance("999999", name="Another")),
    )


repeated = either(lying.repeated, nutshell_lying.repeated)
shuffled = either(lying.shuffled, nutshell_lying.shuffled)
revoked = either(refusing.revoked(), nutshell_refusing.revoked())
