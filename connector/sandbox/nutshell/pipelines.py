"""The pipelines of an instance and their stages, as an admin edits them in Nutshell's settings."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from itertools import count

from connector.sandbox.nutshell.records import STEP, Stage, Stageset, State, epoch, number

GAP = 3  # Nutshell fact, 2026-11: recorded positions are 1, 4, 7, 10


class Pipelines:
    """Stagesets and stages by number; no API writes any of this (Nutshell fact, 2026-11)."""

    def __init__(self, now: Callable[[], int]) -> None:
        self.stagesets: dict[int, Stageset] = {}
        self.stages: dict[int, Stage] = {}
        self._now = now
        self._stageset_ids = count(1, STEP)
        self._stage_ids = count(101, STEP)

    def add_pipeline(
        self,
        name: str,
        stages: Iterable[str] = (),
        *,
        state: State = State.ACTIVE,
        at: datetime | None = None,
    ) -> Stageset:
        """Add a pipeline with stages of these names, in this order; the first is the default."""
        stageset = Stageset(
            next(self._stageset_ids),
            name,
            position=len(self.stagesets) * GAP + 1,
            modified=self._now() if at is None else epoch(at),
            state=state,
            default=not self.stagesets,
        )
        self.stagesets[stageset.id] = stageset
        for stage in stages:
            self.add_stage(stageset.id, stage)
        return stageset

    def add_stage(
        self,
        pipeline: int | str,
        name: str,
        *,
        position: int | None = None,
        description: str | None = None,
    ) -> Stage:
        """Add a stage behind all others of its pipeline, or at a position."""
        stageset = number(pipeline)
        last = max((stage.position for stage in self.stages_of(stageset)), default=1 - GAP)
        place = last + GAP if position is None else position
        stage = Stage(next(self._stage_ids), stageset, name, place, description)
        self.stages[stage.id] = stage
        return stage

    def rename_stage(self, stage: int | str, name: str) -> None:
        """Give a stage another name, as an admin does it."""
        self._put(replace(self.stages[number(stage)], name=name))

    def move_stage(self, stage: int | str, position: int) -> None:
        """Give a stage another position."""
        self._put(replace(self.stages[number(stage)], position=position))

    def retire_stage(self, stage: int | str) -> None:
        """Take a stage out of its pipeline; leads that stand in it still say so (INFERRED)."""
        self._put(replace(self.stages[number(stage)], active=False))

    def rename_pipeline(self, pipeline: int | str, name: str) -> None:
        """Give a pipeline another name."""
        known = self.stagesets[number(pipeline)]
        self.stagesets[known.id] = replace(known, name=name, modified=self._now())

    def set_state(self, pipeline: int | str, state: State) -> None:
        """Activate a draft, or retire a pipeline."""
        known = self.stagesets[number(pipeline)]
        self.stagesets[known.id] = replace(known, state=state, modified=self._now())

    def stages_of(self, stageset: int) -> list[Stage]:
        """The stages of a pipeline, by position."""
        mine = (each for each in self.stages.values() if each.stageset == stageset and each.active)
        return sorted(mine, key=lambda stage: (stage.position, stage.id))

    def _put(self, stage: Stage) -> None:
        """Store an edited stage; its rev rises (INFERRED: with every edit an admin makes)."""
        self.stages[stage.id] = replace(stage, rev=stage.rev + 1)
