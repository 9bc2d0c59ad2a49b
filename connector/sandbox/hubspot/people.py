"""The people and teams of a portal."""

from collections.abc import Iterable
from datetime import datetime

from connector.sandbox.hubspot.records import Owner, Team, epoch_ms


class People:
    """Owners by their id and teams by their name."""

    def __init__(self) -> None:
        self.owners: dict[int, Owner] = {}
        self.teams: dict[str, Team] = {}

    def owner(self, owner_id: str) -> Owner | None:
        """The owner with this id, as text because a deal may hold any."""
        return self.owners.get(int(owner_id)) if owner_id.isdecimal() else None

    def add_team(self, name: str) -> Team:
        """Add a team, or find the one of that name."""
        return self.teams.setdefault(name, Team(len(self.teams) + 5001, name))

    def add_owner(
        self,
        first_name: str,
        last_name: str,
        *,
        email: str,
        at: datetime,
        teams: Iterable[Team] = (),
        user_id: int | None = None,
        archived: bool = False,
    ) -> Owner:
        """Add someone who can own deals, deactivated already when `archived`."""
        number = len(self.owners) + 1
        owner = Owner(
            id=71_000_000 + number,
            user_id=user_id or 28_604_000 + number,
            first_name=first_name,
            last_name=last_name,
            email=email,
            created=epoch_ms(at),
            teams=tuple(teams),
            archived=archived,
        )
        self.owners[owner.id] = owner
        return owner
