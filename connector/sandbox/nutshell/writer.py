"""People at work in an instance while it is read; `connector.sandbox.writer` says how."""

from datetime import timedelta

from connector.sandbox.nutshell.instance import Instance
from connector.sandbox.nutshell.records import Lead
from connector.sandbox.writer import A_SECOND, Work


class Writer(Work):
    """People at work in an instance."""

    def __init__(
        self, instance: Instance, *, seed: int = 0, every: int = 1, step: timedelta = A_SECOND
    ) -> None:
        kinds = (
            self.change,
            self.trust,
            self.move,
            self.move,
            self.hand_over,
            self.create,
            self.close,
            self.reopen,
            self.delete,
        )
        super().__init__(instance, kinds, seed=seed, every=every, step=step)
        self._instance = instance

    def change(self) -> int:
        """Give a lead another value."""
        lead = self._some_lead()
        self._instance.set_value(lead.id, str(self._chance.randrange(10**7) / 100))
        return lead.id

    def trust(self) -> int:
        """Give a lead another confidence."""
        lead = self._some_lead()
        self._instance.set_confidence(lead.id, self._chance.randrange(101))
        return lead.id

    def move(self) -> int:
        """Move an open lead to another stage, of whichever pipeline."""
        lead = self._some_lead(closed=False)
        self._instance.move(lead.id, self._some_stage())
        return lead.id

    def hand_over(self) -> int:
        """Give a lead to another user."""
        lead = self._some_lead()
        self._instance.assign(lead.id, self._chance.choice(self._users()))
        return lead.id

    def create(self) -> int:
        """Create a lead."""
        lead = self._instance.add_lead(
            "Made meanwhile", self._some_stage(), amount="100", owner=self._users()[0]
        )
        return lead.id

    def close(self) -> int:
        """Win, lose or cancel an open lead."""
        lead = self._some_lead(closed=False)
        self._instance.close(lead.id, self._chance.choice(list(self._instance.catalogue.outcomes)))
        return lead.id

    def reopen(self) -> int:
        """Open an ended lead again."""
        lead = self._some_lead(closed=True)
        self._instance.reopen(lead.id)
        return lead.id

    def delete(self) -> int:
        """Delete a lead, which moves all behind it one place up in the listing."""
        lead = self._some_lead()
        self._instance.delete(lead.id)
        return lead.id

    def _some_lead(self, *, closed: bool | None = None) -> Lead:
        """A lead that is there, of those open or closed where that is asked for."""
        there = [lead for lead in self._instance.leads.values() if lead.deleted is None]
        return self._chance.choice(
            [lead for lead in there if closed is None or lead.status.closed is closed]
        )

    def _some_stage(self) -> int:
        """A stage of a pipeline that leads are in."""
        used = sorted({lead.stage for lead in self._instance.leads.values()})
        return self._chance.choice(used)

    def _users(self) -> list[str]:
        return [user.ref for user in self._instance.people.users.values() if user.enabled]
