"""The aggregate of visits that time in stage is computed from."""

from dataclasses import dataclass

from connector.model import Outcome


@dataclass(frozen=True, slots=True)
class Stays:
    """The visits of one stage, counted by their length as of one instant.

    The three tuples run in parallel, lengths in milliseconds and strictly ascending: so many visits
    of that length had ended before the instant (`exits`), and so many were cut off there or when
    their deal was archived or merged (`open`).
    """

    pipeline: str
    stage: str
    lengths: tuple[int, ...]
    exits: tuple[int, ...]
    open: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Visits that time in stage does not count, because their stage was not open at the instant.

    `outcome` says what it counted as; None where its pipeline did not have it, then under the last
    label it is known by.
    """

    pipeline: str
    pipeline_label: str
    stage: str
    stage_label: str
    outcome: Outcome | None
    visits: int
