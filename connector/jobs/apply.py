"""Apply: send the changes of a reviewed plan, each journalled before and read back after."""

from dataclasses import dataclass
from enum import StrEnum

from connector.model import StageChange


class State(StrEnum):
    """How one change of an applied plan ended."""

    DONE = "done"
    ALREADY = "already"
    FAILED = "failed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Applied:
    """One change of a plan and how it ended; `note` says why where it did not."""

    change: StageChange
    state: State
    note: str = ""


@dataclass(frozen=True, slots=True)
class Run:
    """One application of a plan; its number is what `plan --undo` takes."""

    number: int
    applied: tuple[Applied, ...]

    @property
    def complete(self) -> bool:
        """Whether every change of the plan is now as planned."""
        return all(each.state in (State.DONE, State.ALREADY) for each in self.applied)
