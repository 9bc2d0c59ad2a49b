"""What a check of this machine looks at."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Machine:
    """What doctor asks of this machine: the time, and the bytes free where a path lies."""

    now: Callable[[], datetime]
    free: Callable[[Path], int]
