"""People at work in a CRM while it is read: seeded edits between the requests.

writer = Writer(portal, seed=3, every=2)
with Sandbox(portal, clock=clock, before=writer) as sandbox:
    ...                # an edit before every second request is answered
    writer.edits       # what was done, such as ("move", 22901690007)
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta

from connector.sandbox.clock import VirtualClock
from connector.sandbox.hubspot.portal import Portal
from connector.sandbox.hubspot.records import Deal
from connector.sandbox.nutshell.instance import Instance

A_SECOND = timedelta(seconds=1)


class Work:
    """Makes one edit before every so many requests; same seed, same CRM, same edits.

    A virtual clock is moved on by `step` with each edit, so that no two share an instant.
    """

    def __init__(
        self,
        place: Portal | Instance,
        kinds: Sequence[Callable[[], int]],
        *,
        seed: int = 0,
        every: int = 1,
        step: timedelta = A_SECOND,
    ) -> None:
        self.edits: list[tuple[str, int]] = []
        self._place = place
        self._kinds = kinds
        self._every = every
        self._step = step
        self._chance = random.Random(seed)  # noqa: S311 - edits that come again need no secrets

    def __call__(self, number: int) -> None:
        """Be told of a request by its number."""
        if number % self._every == 0:
            self.edit()

    def edit(self) -> None:
        """Do one thing that people do to deals all day."""
        with self._place.lock:
            if isinstance(self._place.clock, VirtualClock):
                self._place.clock.advance(self._step)
            kind = self._chance.choice(self._kinds)
            self.edits.append((kind.__name__, kind()))


class Writer(Work):
    """People at work in a portal."""

    def __init__(
        self, portal: Portal, *, seed: int = 0, every: int = 1, step: timedelta = A_SECOND
    ) -> None:
        kinds = (
            self.change,
            self.touch,
            self.move,
            self.move,
            self.create,
            self.archive,
            self.restore,
            self.merge,
            self.edit_pipeline,
        )
        super().__init__(portal, kinds, seed=seed, every=every, step=step)
        self._portal = portal

    def change(self) -> int:
        """Give a deal another amount."""
        deal = self._some_deal()
        self._portal.set(deal.id, "amount", str(self._chance.randrange(10**7) / 100))
        return deal.id

    def touch(self) -> int:
        """Change a deal where hardly anybody looks, which moves it in every order by date."""
        deal = self._some_deal()
        self._portal.set(deal.id, "description", f"Note {self._chance.random()}")
        return deal.id

    def move(self) -> int:
        """Move a deal to another stage, of whichever pipeline."""
        deal = self._some_deal()
        self._portal.move(deal.id, self._some_stage())
        return deal.id

    def create(self) -> int:
        """Create a deal."""
        deal = self._portal.add_deal({"dealname": "Made meanwhile", "amount": "100"})
        self._portal.move(deal.id, self._some_stage())
        return deal.id

    def archive(self) -> int:
        """Archive a deal, which moves all behind it one place up in the listing."""
        deal = self._some_deal()
        self._portal.archive(deal.id)
        return deal.id

    def restore(self) -> int:
        """Restore an archived deal, or archive one where there is none."""
        archived = [deal for deal in self._portal.deals.values() if deal.listed(archived=True)]
        if not archived:
            return self.archive()
        deal = self._chance.choice(archived)
        self._portal.restore(deal.id)
        return deal.id

    def merge(self) -> int:
        """Merge two deals."""
        winner, loser = self._chance.sample(self._live(), 2)
        self._portal.merge(winner.id, loser.id)
        return loser.id

    def edit_pipeline(self) -> int:
        """Rename a stage, which moves the modified date of every deal of its pipeline."""
        stage_id = self._some_stage()
        pipeline, now = self._portal.pipeline_of(stage_id), self._portal.now()
        if pipeline is None:
            raise KeyError(f"no stage {stage_id}")
        stages = tuple(
            replace(each, label=f"{each.label.split(' #')[0]} #{now}", updated=now)
            if each.id == stage_id
            else each
            for each in pipeline.stages
        )
        self._portal.put_pipeline(replace(pipeline, stages=stages, updated=now), at=now)
        return 0

    def _live(self) -> list[Deal]:
        return [deal for deal in self._portal.deals.values() if deal.listed()]

    def _some_deal(self) -> Deal:
        return self._chance.choice(self._live())

    def _some_stage(self) -> str:
        pipelines = list(self._portal.pipelines.values())
        return self._chance.choice(self._chance.choice(pipelines).stages).id
