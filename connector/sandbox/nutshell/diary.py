"""How what happens to a lead gets into the log."""

from typing import Any

from connector.sandbox.nutshell.changelog import Changelog
from connector.sandbox.nutshell.records import Change, Event, Lead


class Diary:
    """Tells the log of leads; every entry moves the lead's rev on.

    Without an actor it was the lead's owner, or its creator where a team or nobody owns it.
    """

    def __init__(self, log: Changelog) -> None:
        self._log = log

    def edited(
        self, lead: Lead, attribute: str, old: Any, new: Any, when: int, by: str | None
    ) -> None:
        """Tell of one attribute, if it changed."""
        if old != new:
            self.happened(lead, "update", when, by, Change(attribute, old, new))

    def happened(
        self, lead: Lead, action: str, when: int, by: str | None, *changes: Change
    ) -> None:
        """Tell of an action."""
        lead.rev += 1
        lead.modified = max(lead.modified, when)
        self._log.add(Event(when, by or _actor(lead), action, lead.ref, changes))


def _actor(lead: Lead) -> str:
    owner = lead.owner or ""
    return owner if owner.endswith("-users") else lead.creator
