"""Apply without anybody watching: what a plan changes anyway, less what somebody turned back."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlite_utils import Database

from connector.config import Account
from connector.jobs.apply import Application, Applied, apply
from connector.jobs.apply_leads import AppliedLead
from connector.jobs.fights import find_fights
from connector.jobs.planning import plan_correction
from connector.jobs.reading import read_live
from connector.model import Capability, Crm, Process
from connector.reconcile.fights import Fight, unattended
from connector.reconcile.planfile import dump


@dataclass(frozen=True, slots=True)
class Unattended:
    """What was corrected unasked, None where there was nothing to, and what was left in peace."""

    application: Application | None
    fights: tuple[Fight, ...]


def apply_unattended(
    account: Account,
    crm: Crm,
    db: Database,
    processes: tuple[Process, ...],
    kinds: Collection[Capability],
    *,
    ended: Callable[[Applied | AppliedLead], None] = lambda applied: None,
) -> Unattended:
    """Plan from what is live now and make the changes of these kinds that nobody fights over.

    Held changes stay held. `ended` hears of each change as it ends.
    """
    reading = read_live(account, crm)
    full = plan_correction(reading, processes, db).plan
    drifts = [drift for planned in full.changes for drift in planned.drifts]
    found = find_fights(drifts, account.name, db)
    plan = unattended(full, kinds, found)
    if not plan.changes:
        return Unattended(None, found)
    text = dump(plan, None, datetime.now(UTC))
    return Unattended(apply(account, crm, db, plan, text, ended=ended), found)
