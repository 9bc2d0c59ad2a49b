"""A row of the fault table: what is injected, what was promised, and how it is measured."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from tests.faults.worlds import EVERY, World


class Measured(NamedTuple):
    """What came of a row: whether the figure was met, and what was seen."""

    ok: bool
    seen: str


Measure = Callable[[Path, type[World]], Measured]


@dataclass(frozen=True, slots=True)
class Row:
    """One row; `measure` gets an empty folder and each of `crms` in turn.

    `quick` ones run with every test run.
    """

    injected: str
    figure: str
    measure: Measure
    quick: bool = False
    crms: tuple[type[World], ...] = EVERY


def judged(seen: str, **held: bool) -> Measured:
    """What was seen, met if everything held; what did not hold is named."""
    broken = [name.replace("_", " ") for name, fine in held.items() if not fine]
    return Measured(not broken, f"{seen}; NOT {', NOT '.join(broken)}" if broken else seen)
