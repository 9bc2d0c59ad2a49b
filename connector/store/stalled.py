"""The deals that lie in a stage, and how long they have."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sqlite_utils import Database

from connector.model import Field

# How long is too long in a stage, in milliseconds, by the stage's key; None where nobody knows.
Limits = Mapping[int, int | None]

# An owner first seen by a pull may have been it since the deal was made, and counts as such.
_OWNER = """
    SELECT c.value FROM changes c JOIN fields f ON f.id = c.field AND f.remote = :owner
    WHERE c.deal = d.id AND (c.at < :at OR c.not_before < :at AND NOT EXISTS (
        SELECT 1 FROM changes e WHERE e.deal = c.deal AND e.field = c.field AND e.at < c.at))
    ORDER BY c.at DESC, c.tie DESC LIMIT 1
"""


@dataclass(frozen=True, slots=True)
class Lying:
    """A deal that lies in a stage, since when, and whose it is; instants in milliseconds."""

    account: str
    id: str
    name: str
    owner: str | None
    stage: int
    since: int


def lying(db: Database, as_of: int, limits: Limits) -> dict[int, tuple[int, int]]:
    """How many deals lie in each of these stages, and how many longer than its limit, if any."""
    rows = db.execute(
        f"SELECT v.stage, COUNT(*), TOTAL({_over(limits)}) FROM visits v"
        f" WHERE {_there(limits)} GROUP BY v.stage",
        {"at": as_of},
    )
    return {stage: (deals, round(over)) for stage, deals, over in rows}


def lying_too_long(db: Database, as_of: int, limits: Limits, most: int) -> Iterator[Lying]:
    """The deals longer over the limit of their stage than any others, the longest first."""
    rows = db.execute(
        f"SELECT a.name, d.remote, d.name, ({_OWNER}), v.stage, v.entered_at"
        " FROM visits v JOIN deals d ON d.id = v.deal"
        f" JOIN accounts a ON a.id = d.account WHERE {_there(limits)} AND {_over(limits)}"
        f" ORDER BY v.entered_at + {_limit(limits)}, d.id LIMIT :most",
        {"at": as_of, "most": most, "owner": Field.OWNER},
    )
    return (Lying(*row) for row in rows)


def _there(limits: Limits) -> str:
    return (
        "(v.left_at IS NULL OR v.left_at >= :at) AND v.entered_at < :at"
        f" AND v.stage IN ({', '.join(map(str, limits))})"
    )


def _over(limits: Limits) -> str:
    return f"v.entered_at + {_limit(limits)} < :at"


def _limit(limits: Limits) -> str:
    arms = (f" WHEN {stage} THEN {limit}" for stage, limit in limits.items() if limit is not None)
    # The first arm never fits; a CASE takes one even where no stage has a limit.
    return f"CASE v.stage WHEN NULL THEN NULL{''.join(arms)} END"
