"""What speaks against what a pull found: deals missing in bulk, out of sight, or told otherwise."""

from collections.abc import Iterator

from sqlite_utils import Database

from connector.jobs.stage_times import disagreements
from connector.model import Crm
from connector.store.pulls import Pull

# So many deals fewer than before, and so small a share of them, is more than people do in a day.
FEWER = 20
SHARE = 0.8

# How deals can vanish that are still there.
_BLIND = {
    "nutshell": "a Nutshell key sees only what its user sees, and connector doctor says who that is"
    " and what seems closed to them"
}


def why_suspect(before: int, now: int) -> str | None:
    """Why so many live deals cannot just be gone, or None where they may be."""
    if now >= before * SHARE or before - now < FEWER:
        return None
    return (
        f"there were {before:,} live deals, and now {now:,}. What was read is stored, but no deal"
        " was taken for gone. If they are gone: connector pull --accept-suspect"
    )


def how_else(crm: str) -> str:
    """How else a pull may come to find fewer deals, to be said behind why it is suspect."""
    return f". If not: {_BLIND[crm]}" if crm in _BLIND else ""


def doubts_of(run: Pull, name: str, crm: Crm, db: Database, unfound: int) -> Iterator[str]:
    """What of a pull may be otherwise, by the CRM of this name; `unfound` deals were not there."""
    if unfound and name in _BLIND:
        yield (
            f"{unfound:,} deals count as deleted, as they are not found any more; but"
            f" {_BLIND[name]}. They come back with the first read of everything that sees them"
        )
    if run.since is None:
        yield from disagreements(crm, db, run)
