"""The report of what other probabilities would move."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from connector.model import Pipeline, Remote
from connector.reconcile.plan import Impact, Plan
from connector.report.document import CrmText, Document, Fact, Instant, Note, Table
from connector.report.impact import impact_blocks
from connector.report.layout import Row
from connector.report.names import Names, names_in
from connector.report.plan_rows import VALUE_COLUMNS, Slots, live_slots, value_rows

_NOTHING_WRITTEN = (
    "Nothing was planned or written. To take a value over, write it into the process file and run"
    " connector plan; connector report suggest says what the history makes of it."
)


def what_if_document(
    plan: Plan,
    remote: Remote,
    live: Sequence[Pipeline],
    impact: Impact | None,
    last_pull: datetime | None,
    owners: Mapping[str, str],
) -> Document:
    """What probabilities nobody has written would move, by the deals of the last pull."""
    names = names_in(live)
    pulled = Instant(last_pull, remote.time_zone) if last_pull else None
    return Document(
        name="what-if",
        version=1,
        title=f"What if, in {plan.account}",
        facts=(
            Fact("account", "Account", plan.account),
            Fact("account_name", "CRM account", CrmText(remote.name)),
            Fact("last_pull", "Deals as of", pulled),
        ),
        blocks=(
            Table("supposed", VALUE_COLUMNS, _rows(plan, names, live_slots(live)), "Supposed"),
            *impact_blocks(plan.account, impact, remote, names, owners),
            Note(_NOTHING_WRITTEN),
        ),
    )


def _rows(plan: Plan, names: Names, slots: Slots) -> tuple[Row, ...]:
    return tuple(
        row for planned in plan.changes for row in value_rows(planned.change, names, slots)
    )
