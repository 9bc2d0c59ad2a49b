"""The hs_v2 properties that say when a deal was in a stage, one family a stage id.

HubSpot facts, 2026-11: they are not listed among the properties and must be asked for by name;
times are milliseconds; while a deal is in a stage, its latest time in it is that of the stay
before. INFERRED: dates tell the latest stay, and the running stay is not in the cumulative time.
"""

import re
from itertools import pairwise

from connector.sandbox.hubspot.records import Deal, iso

_NAME = re.compile(r"hs_v2_(date_entered|date_exited|latest_time_in|cumulative_time_in)_(.+)")


def stage_of(name: str) -> str | None:
    """The stage id in the name of a stage property."""
    match = _NAME.fullmatch(name)
    return match[2] if match else None


def stage_time(deal: Deal, name: str) -> str | None:
    """The value of a stage property of a deal; none when it was never there."""
    match = _NAME.fullmatch(name)
    if match is None:
        return None
    versions = deal.history.get("dealstage", [])
    entered = [version.at for version in versions if version.value == match[2]]
    stays = [(a.at, b.at) for a, b in pairwise(versions) if a.value == match[2]]
    inside = deal.value("dealstage") == match[2]
    match match[1]:
        case "date_entered":
            return iso(entered[-1]) if entered else None
        case "date_exited":
            return iso(stays[-1][1]) if stays and not inside else None
        case "latest_time_in":
            return str(stays[-1][1] - stays[-1][0]) if stays else None
        case _:
            return str(sum(left - came for came, left in stays)) if stays else None
