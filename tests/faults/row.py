"""A row of the fault table: what is injected, what was promised, and how it is measured."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple


class Measured(NamedTuple):
    """What came of a row: whether the figure was met, and what was seen."""

    ok: bool
    seen: str


@dataclass(frozen=True, slots=True)
class Row:
    """One row; `measure` gets an empty folder. `quick` ones run with every test run."""

    injected: str
    figure: str
    measure: Callable[[Path], Measured]
    quick: bool = False


def judged(seen: str, **held: bool) -> Measured:
    """What was seen, met if everything held; what did not hold is named."""
    broken = [name.replace("_", " ") for name, fine in held.items() if not fine]
    return Measured(not broken, f"{seen}; NOT {', NOT '.join(broken)}" if broken else seen)
