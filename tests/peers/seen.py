"""What a tool says the deals are and were, in words that all tools can be compared in."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

NAMES = {
    "dealname": "name",
    "dealstage": "stage",
    "pipeline": "pipeline",
    "amount": "amount",
    "closedate": "close_date",
    "hubspot_owner_id": "owner",
    "hs_manual_forecast_category": "forecast_category",
}

Value = tuple[str, str, str | None]  # deal, field, what it holds now
Change = tuple[str, str, str | None, int]  # deal, field, what it came to hold, epoch milliseconds


@dataclass(frozen=True, slots=True)
class Seen:
    """Every value of every deal, and every change of the six fields.

    Ours come oldest first, those of one instant in the order in which they took effect.
    """

    values: tuple[Value, ...]
    changes: tuple[Change, ...]

    @property
    def deals(self) -> int:
        """How many deals there are."""
        return len({deal for deal, _, _ in self.values})


def canonical(field: str, value: object) -> str | None:
    """A value in one spelling: plain decimals, instants in UTC, None for nothing."""
    if value in (None, ""):
        return None
    match field:
        case "amount":
            return f"{Decimal(str(value)).normalize():f}"
        case "close_date":
            return _instant(str(value)).strftime("%Y-%m-%dT%H:%M:%S.%f")
    return str(value)


def epoch_ms(text: str) -> int:
    """An instant as epoch milliseconds."""
    return round(_instant(text).timestamp() * 1000)


def _instant(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def ours(database: Path, *, archived: bool) -> Seen:
    """What connector's database holds of live deals, and of archived ones where they are wanted."""
    with closing(sqlite3.connect(database)) as db:
        db.row_factory = sqlite3.Row
        kept = "gone_how IS NULL OR gone_how = 'archived'" if archived else "gone_how IS NULL"
        values = tuple(_values(db.execute(f"{_DEALS} WHERE {kept}")))
        changes = tuple(
            (row["deal"], row["field"], canonical(row["field"], row["value"]), row["at"])
            for row in db.execute(f"{_CHANGES} WHERE {kept} ORDER BY c.at, c.tie")
        )
    return Seen(values, changes)


_CATEGORY = """
(SELECT value FROM changes c JOIN fields f ON f.id = c.field
 WHERE c.deal = d.id AND f.remote = 'forecast_category' ORDER BY c.at DESC, c.tie DESC LIMIT 1)
"""
_DEALS = f"""
SELECT d.remote AS deal, d.name, s.remote AS stage, p.remote AS pipeline, d.amount, d.close_date,
       o.remote AS owner, {_CATEGORY} AS forecast_category
FROM deals d LEFT JOIN stages s ON s.id = d.stage LEFT JOIN pipelines p ON p.id = d.pipeline
LEFT JOIN owners o ON o.id = d.owner
"""
_CHANGES = """
SELECT d.remote AS deal, f.remote AS field, c.value, c.at
FROM changes c JOIN deals d ON d.id = c.deal JOIN fields f ON f.id = c.field
"""


def _values(rows: sqlite3.Cursor) -> Iterator[Value]:
    for row in rows:
        for field in NAMES.values():
            yield row["deal"], field, canonical(field, row[field])
