"""A few deals picked at random, the same ones for the same seed, with their stays."""

from typing import NamedTuple

from sqlite_utils import Database

from connector.store.pulls import Pull

# Primes scatter keys that follow one another; any would do.
_PICKED = (
    "SELECT id, remote, name FROM deals WHERE account = :account AND gone_at IS NULL"
    " ORDER BY (id * 7919 + :seed * 104729) % 65537, id LIMIT :deals"
)


class Stayed(NamedTuple):
    """One stay of a picked deal in a stage; one that goes on ends now."""

    deal: str
    name: str
    stage: str
    label: str
    seconds: float


def sampled_stays(db: Database, pull: Pull, deals: int) -> tuple[Stayed, ...]:
    """The stays of so many live deals, deal by deal in their order, as of a complete pull's end."""
    rows = db.execute(
        "SELECT d.remote, d.name, s.remote, s.label,"
        " (COALESCE(v.left_at, p.finished) - v.entered_at) / 1000.0"
        f" FROM ({_PICKED}) d JOIN visits v ON v.deal = d.id JOIN stages s ON s.id = v.stage"
        " JOIN pulls p ON p.id = :seed ORDER BY d.id, v.number",
        {"account": pull.account, "seed": pull.id, "deals": deals},
    )
    return tuple(Stayed(*row) for row in rows)
