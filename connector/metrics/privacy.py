"""What reports may say of the people deals belong to."""

from dataclasses import dataclass
from enum import StrEnum


class Naming(StrEnum):
    """How people stand in reports: [privacy] owners of config.toml."""

    NAMES = "names"
    IDS = "ids"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class Privacy:
    """What may be said of people; a figure about them needs `minimum_group` deals in its cell."""

    owners: Naming = Naming.NAMES
    minimum_group: int = 5


# What holds where config.toml says nothing.
EVERYTHING = Privacy()
