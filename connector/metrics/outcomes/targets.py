"""What is to be won in a period."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Target:
    """What is to be won in one period, in whole hundredths; owners are known by name or id."""

    total: int | None = None
    teams: Mapping[str, int] = field(default_factory=dict)
    owners: Mapping[str, int] = field(default_factory=dict)
