"""One Nutshell instance's whole state, and what people and its automation do to leads."""

import threading
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import count

from connector.sandbox.clock import Clock, SystemClock
from connector.sandbox.nutshell.catalogue import Catalogue
from connector.sandbox.nutshell.changelog import Changelog
from connector.sandbox.nutshell.diary import Diary
from connector.sandbox.nutshell.people import People
from connector.sandbox.nutshell.pipelines import Pipelines
from connector.sandbox.nutshell.records import (
    STEP,
    Change,
    Event,
    Lead,
    Stage,
    Status,
    Stay,
    User,
    epoch,
    number,
)
from connector.sandbox.nutshell.told import (
    differences,
    ending_values,
    money_value,
    owner_value,
    stage_value,
)

ADMIN, ADMIN_KEY, NAMED_KEY = "admin@example.com", "nutshell-sandbox-key", "nutshell-sandbox-named"
AUTOMATION = "23-origins"  # what Nutshell itself does; the number of the recorded answers
DUE = timedelta(days=14)  # INFERRED from a recorded lead: due exactly two weeks after creation

Id = int | str
By = str | None
At = datetime | None
# What confidence a lead gets when it comes to a stage; None leaves it as it is.
Automation = Callable[[Lead, Stage], int | None]


class Instance:
    """An instance in memory; edits take `lock`, and `at` defaults to the clock's now.

    It has an administrator, `admin@example.com`, and two keys: edits with the first are logged as
    the user's, with the second as the key's. Ids may be given as 1003 or "1003-leads". `by` is the
    actor of an edit, "1-users" or "23-origins"; without it, it is the lead's owner or creator.
    """

    def __init__(
        self,
        id: str = "379104",
        *,
        site: str = "6smEpVK1",
        name: str = "Sandbox",
        currency: str = "USD",
        time_zone: str = "America/Detroit",
    ) -> None:
        self.id = id
        self.site = site
        self.name = name
        self.currency = currency
        self.time_zone = time_zone
        self.clock: Clock = SystemClock()
        self.lock = threading.RLock()
        self.log = Changelog()
        self._diary = Diary(self.log)
        self.people = People(self.now)
        self.pipelines = Pipelines(self.now)
        self.catalogue = Catalogue()
        self.leads: dict[int, Lead] = {}
        self.automation: Automation = lambda lead, stage: None
        self._lead_ids = count(1003, STEP)
        self._numbers = count(1000)
        self.people.add_user("Admin", ADMIN, administrator=True)
        self.people.add_key(ADMIN_KEY)
        self.people.add_key(NAMED_KEY, impersonates=False)

    def now(self) -> int:
        """The clock's time in epoch seconds."""
        return epoch(self.clock.now())

    def _instant(self, at: At) -> int:
        return self.now() if at is None else epoch(at)

    def lead(self, lead: Id) -> Lead:
        """The lead with this id, deleted ones too."""
        return self.leads[number(lead)]

    def visible(self, user: User) -> list[Lead]:
        """The leads a user sees, by id."""
        return [lead for lead in self.leads.values() if self.sees(user, lead)]

    def sees(self, user: User, lead: Lead) -> bool:
        """Whether a lead is there for a user."""
        return lead.deleted is None and self.may_see(user, lead)

    def may_see(self, user: User, lead: Lead) -> bool:
        """Whether a user may see a lead, deleted or not."""
        return self.people.sees(user, lead, self.pipelines.stages[lead.stage].stageset)

    def add_account(self, name: str, *, by: By = None, at: At = None) -> None:
        """Create a company, of which the log tells among what happens to leads."""
        with self.lock:
            account = self.catalogue.add_account(name)
            self.log.add(Event(self._instant(at), by or "1-users", "create", account.ref))

    def add_lead(
        self,
        name: str,
        stage: Id,
        *,
        amount: str | None = None,
        currency: str | None = None,
        confidence: int = 42,
        owner: str | None = "1-users",
        expected: datetime | None = None,
        products: Iterable[int] = (),
        sources: Iterable[int] = (),
        by: By = None,
        at: At = None,
    ) -> Lead:
        """Create a lead in a stage; the log tells the stage it entered, and no other value.

        Nutshell fact, 2026-11: a `create` has no changes, and a `stagechange` from null follows.
        """
        when = self._instant(at)
        creator = by or (owner if owner and owner.endswith("-users") else "1-users")
        with self.lock:
            lead = Lead(
                next(self._lead_ids),
                next(self._numbers),
                name,
                created=when,
                modified=when,
                stage=number(stage),
                creator=creator,
                owner=owner,
                currency=currency or self.currency,
                amount=None if amount is None else Decimal(amount),
                confidence=confidence,
                expected=None if expected is None else epoch(expected),
                due=when + int(DUE.total_seconds()),
                products=tuple(products),
                sources=tuple(sources),
                stays=[Stay(number(stage), when)],
            )
            self.leads[lead.id] = lead
            self.log.add(Event(when, creator, "create", lead.ref))
            entered = stage_value(self.pipelines.stages[lead.stage])
            self._diary.happened(lead, "stagechange", when, creator, Change("stage", None, entered))
            return lead

    def move(self, lead: Id, stage: Id, *, by: By = None, at: At = None) -> None:
        """Move a lead to a stage, of whichever pipeline; the automation may move its confidence."""
        with self.lock:
            moved, target = self.lead(lead), self.pipelines.stages[number(stage)]
            if moved.stage == target.id:
                return
            before = stage_value(self.pipelines.stages[moved.stage])
            moved.stage = target.id
            when = self._instant(at)
            if not moved.status.closed:
                moved.stays.append(Stay(target.id, when))
            change = Change("stage", before, stage_value(target))
            self._diary.happened(moved, "stagechange", when, by, change)
            confidence = self.automation(moved, target)
            if confidence is not None:
                self.set_confidence(moved.id, confidence, by=AUTOMATION, at=at)

    def set_value(
        self,
        lead: Id,
        amount: str | None,
        currency: str | None = None,
        *,
        by: By = None,
        at: At = None,
    ) -> None:
        """Give a lead another value."""
        with self.lock:
            known = self.lead(lead)
            before = money_value(known)
            known.amount = None if amount is None else Decimal(amount)
            known.currency = currency or known.currency
            self._diary.edited(known, "value", before, money_value(known), self._instant(at), by)

    def set_confidence(self, lead: Id, value: int, *, by: By = None, at: At = None) -> None:
        """Give a lead another confidence, in whole percent."""
        with self.lock:
            known = self.lead(lead)
            before, known.confidence = known.confidence, value
            self._diary.edited(known, "confidence", before, value, self._instant(at), by)

    def set_expected_close(self, lead: Id, expected: At, *, by: By = None, at: At = None) -> None:
        """Give a lead another expected close."""
        with self.lock:
            known = self.lead(lead)
            before, known.expected = known.expected, epoch(expected) if expected else None
            self._diary.edited(
                known, "anticipatedClosedTime", before, known.expected, self._instant(at), by
            )

    def assign(self, lead: Id, owner: str | None, *, by: By = None, at: At = None) -> None:
        """Give a lead to a user or a team, "1-users" or "59-teams", or to nobody."""
        with self.lock:
            known = self.lead(lead)
            before, after = (owner_value(self.people, each) for each in (known.owner, owner))
            self._diary.edited(known, "owner", before, after, self._instant(at), by)
            known.owner = owner

    def close(self, lead: Id, outcome: Id, *, by: By = None, at: At = None) -> None:
        """End a lead; its stage stays the one it was in."""
        reason = self.catalogue.outcomes[number(outcome)]
        with self.lock:
            self._set_status(self.lead(lead), reason.type, reason.id, by, at)

    def reopen(self, lead: Id, *, by: By = None, at: At = None) -> None:
        """Open an ended lead again, in the stage it was in."""
        with self.lock:
            self._set_status(self.lead(lead), Status.OPEN, None, by, at)

    def set_pending(self, lead: Id, *, by: By = None, at: At = None) -> None:
        """Put an open lead off."""
        with self.lock:
            self._set_status(self.lead(lead), Status.PENDING, None, by, at)

    def delete(self, lead: Id, *, by: By = None, at: At = None) -> None:
        """Delete a lead: no listing and no id tells of it, only the log of deletions."""
        with self.lock:
            known = self.lead(lead)
            known.deleted = self._instant(at)
            self._diary.happened(known, "delete", known.deleted, by)

    def _set_status(self, lead: Lead, status: Status, outcome: int | None, by: By, at: At) -> None:
        if (lead.status, lead.outcome) == (status, outcome):
            return
        when, before = self._instant(at), ending_values(lead, self.catalogue)
        lead.status, lead.outcome = status, outcome
        lead.closed = when if status.closed else None
        lead.stays.append(Stay(None if status.closed else lead.stage, when))
        changes = differences(before, ending_values(lead, self.catalogue))
        self._diary.happened(lead, "outcomechange", when, by, *changes)
