"""The users and teams of an instance, the keys they use, and what each may see."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import count

from connector.sandbox.nutshell.records import STEP, Lead, Team, User, epoch, number


@dataclass(frozen=True, slots=True)
class Key:
    """An API key; its edits are the user's where it may impersonate, else those of its origin.

    Nutshell fact, 2026-11: either changes are logged as the user, or under the key's name.
    """

    secret: str
    origin: str
    impersonates: bool


class People:
    """Users and teams by number, keys by secret; `hidden` holds (user, id) that nobody sees."""

    def __init__(self, now: Callable[[], int]) -> None:
        self.users: dict[int, User] = {}
        self.teams: dict[int, Team] = {}
        self.keys: dict[str, Key] = {}
        self.hidden: set[tuple[int, str]] = set()
        self._now = now
        self._users = count(1, STEP)
        self._teams = count(59, STEP)
        self._origins = count(27, STEP)

    def add_key(self, secret: str, *, impersonates: bool = True) -> Key:
        """Add an API key, good with the e-mail of every enabled user."""
        key = Key(secret, f"{next(self._origins)}-origins", impersonates)
        self.keys[secret] = key
        return key

    def add_team(self, name: str, *, at: datetime | None = None) -> Team:
        """Add a team, or find the one of that name."""
        known = next((team for team in self.teams.values() if team.name == name), None)
        if known:
            return known
        team = Team(next(self._teams), name, self._instant(at))
        self.teams[team.id] = team
        return team

    def add_user(
        self,
        name: str,
        email: str,
        *,
        teams: Iterable[Team] = (),
        administrator: bool = False,
        restricted: bool = False,
        at: datetime | None = None,
    ) -> User:
        """Add someone who can own leads and use keys."""
        when = self._instant(at)
        mine = tuple(team.id for team in teams)
        user = User(next(self._users), name, email, when, when, mine, administrator, restricted)
        self.users[user.id] = user
        return user

    def disable_user(self, user: int | str, *, at: datetime | None = None) -> None:
        """Lock a user out; keys used with that e-mail go dark."""
        known = self.users[number(user)]
        self.users[known.id] = replace(
            known, enabled=False, modified=self._instant(at), rev=known.rev + 1
        )

    def hide(self, record: str, user: int | str) -> None:
        """Hide a lead or a pipeline, "1003-leads" or "1-stagesets", from a user."""
        self.hidden.add((number(user), record))

    def behind(self, email: str, secret: str) -> tuple[User, Key] | None:
        """The user and the key of a credential; None where it opens nothing."""
        key = self.keys.get(secret)
        enabled = (user for user in self.users.values() if user.enabled)
        user = next((user for user in enabled if user.email.lower() == email.lower()), None)
        return (user, key) if user and key else None

    def sees(self, user: User, lead: Lead, stageset: int) -> bool:
        """Whether a user sees a lead that stands in a pipeline.

        INFERRED: a restricted user sees own leads, those of the own teams and of their members.
        """
        if self.hidden and not self.hidden.isdisjoint(
            {(user.id, lead.ref), (user.id, f"{stageset}-stagesets")}
        ):
            return False
        return not user.restricted or self._near(user, lead.owner)

    def _near(self, user: User, owner: str | None) -> bool:
        if owner is None:
            return False
        if owner.endswith("-teams"):
            return number(owner) in user.teams
        other = self.users.get(number(owner))
        return other is not None and (other.id == user.id or bool({*other.teams} & {*user.teams}))

    def _instant(self, at: datetime | None) -> int:
        return self._now() if at is None else epoch(at)
