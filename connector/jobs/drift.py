"""Drift: how the live pipelines differ from the processes bound to them."""

from dataclasses import dataclass
from datetime import datetime

from connector.model import Crm, Pipeline


@dataclass(frozen=True, slots=True)
class Reading:
    """The pipelines of an account as they stood at an instant, by the CRM's clock."""

    account: str
    remote_id: str
    pipelines: tuple[Pipeline, ...]
    at: datetime


def read_live(account: str, crm: Crm) -> Reading:
    """Read the pipelines from the CRM, now."""
    remote = crm.account()
    return Reading(account, remote.id, crm.pipelines(), remote.now)
