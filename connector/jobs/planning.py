"""Plan: what to do about the drift of an account, or how to take an applied run back."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlite_utils import Database

from connector.errors import NotFound
from connector.jobs.reading import Reading
from connector.model import Process
from connector.reconcile import Allowance, Drift, Impact, Plan, impact, plan, undo
from connector.store import accounts, history, journal
from connector.store.journal import State


@dataclass(frozen=True, slots=True)
class Planning:
    """A plan, the reading it was made of, what it would move, and the names to tell it with.

    `impact` and `pulled` are None where the account was never pulled; `owners` are names by id.
    """

    reading: Reading
    plan: Plan
    impact: Impact | None
    pulled: datetime | None
    owners: Mapping[str, str]
