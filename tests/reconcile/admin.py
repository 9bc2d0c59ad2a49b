"""An admin who does what a checklist says, in a CRM that gives every new stage an id of its own."""

from dataclasses import dataclass, field, replace

from connector.model import Binding, Outcome, Pipeline, PipelineState, Process, Stage
from connector.reconcile.checklist import checklist
from connector.reconcile.matching import closes_by_status, folded
from connector.reconcile.plan import Plan
from connector.reconcile.work_orders import namesakes, work_orders
from connector.reconcile.work_steps import Act, Step
from tests.reconcile.portal import with_probability
from tests.reconcile.worlds import closing_by_status


def steps_of(
    plan: Plan, processes: tuple[Process, ...], live: tuple[Pipeline, ...]
) -> tuple[Step, ...]:
    """The list an admin gets of a plan."""
    return checklist(work_orders(plan.refusals, processes), processes, live)


@dataclass
class Settings:
    """The pipelines as an admin sees them: by their names, top to bottom; `deals` by stage id."""

    pipelines: dict[str, Pipeline]
    deals: dict[str, int] = field(default_factory=dict)
    made: int = 0

    @classmethod
    def of(cls, pipelines: tuple[Pipeline, ...], deals: dict[str, int] | None = None) -> "Settings":
        return cls({pipeline.id: pipeline for pipeline in pipelines}, dict(deals or {}))

    def live(self) -> tuple[Pipeline, ...]:
        return tuple(self.pipelines.values())

    def work_through(self, steps: tuple[Step, ...]) -> "Settings":
        """Do every step that nothing stands in the way of; no two stages ever share a label."""
        for step in steps:
            if not step.blocked:
                self._do(step)
                self._check_labels()
        return self

    def _do(self, step: Step) -> None:
        if step.act is Act.CREATE_PIPELINE:
            new = self._new_id()
            weights = step.weights or [None] * len(step.stages)
            stages = tuple(map(self._stage, step.stages, weights))
            made = Pipeline(new, str(step.after), stages)
            by_status = any(map(closes_by_status, self.live()))
            self.pipelines[new] = closing_by_status(made) if by_status else made
            return
        pipeline = self.pipelines[step.order.drift.pipeline]
        assert pipeline.label == step.pipeline, "the list names a pipeline as it is called by then"
        self.pipelines[pipeline.id] = self._changed(pipeline, step)

    def _changed(self, pipeline: Pipeline, step: Step) -> Pipeline:  # noqa: C901 - an arm an act
        match step.act:
            case Act.ACTIVATE_PIPELINE:
                return replace(pipeline, state=PipelineState.ACTIVE)
            case Act.RENAME_PIPELINE:
                return replace(pipeline, label=str(step.after))
            case Act.RENAME_STAGE:
                return self._edited(pipeline, str(step.before), label=str(step.after))
            case Act.SET_PROBABILITY:
                stage = _named(pipeline, str(step.stage))
                new = with_probability(stage, float(str(step.after)))
                return self._edited(pipeline, stage.label, **_values(new))
            case Act.ADD_STAGE:
                new = self._stage(str(step.after), *step.weights)
                weighted = not closes_by_status(pipeline)
                return _put(pipeline, replace(new, weighted=weighted), step.behind)
            case Act.ORDER_STAGES:
                for move in step.moves:
                    pipeline = _put(pipeline, _named(pipeline, move.stage), move.behind)
                own = [s.label for s in pipeline.stages if s.configured]
                ours = [label for label in own if label in step.stages]
                assert ours == list(step.stages), "the drags lead to the order that is shown"
                return pipeline
            case Act.DELETE_STAGE:
                return self._deleted(pipeline, step)
        raise AssertionError(step)

    def _edited(self, pipeline: Pipeline, known_as: str, **values: object) -> Pipeline:
        stage = _named(pipeline, known_as)
        stages = (replace(s, **values) if s is stage else s for s in pipeline.stages)
        return replace(pipeline, stages=tuple(stages))

    def _deleted(self, pipeline: Pipeline, step: Step) -> Pipeline:
        stage = _named(pipeline, str(step.before))
        if step.order.deals != 0:
            self.deals.pop(stage.id, None)
        assert not self.deals.get(stage.id), "nothing is deleted while deals lie in it unannounced"
        return replace(pipeline, stages=tuple(s for s in pipeline.stages if s is not stage))

    def _stage(self, label: str, probability: float | None = None) -> Stage:
        stage = Stage(self._new_id(), label, None, Outcome.OPEN)
        return stage if probability is None else with_probability(stage, probability)

    def _new_id(self) -> str:
        self.made += 1
        return f"made-{self.made}"

    def _check_labels(self) -> None:
        for pipeline in self.live():
            labels = [folded(stage.label) for stage in pipeline.stages if stage.configured]
            assert len(labels) == len(set(labels)), f"two stages of one label: {labels}"


def name_new_ids(processes: tuple[Process, ...], plan: Plan) -> tuple[Process, ...]:
    """The processes once `connector process pin` has named what is there under its label."""
    for twin in namesakes(refusal.drift for refusal in plan.refusals):
        place = (twin.missing.account, twin.missing.pipeline)
        processes = tuple(
            replace(
                process,
                bindings=tuple(
                    _repinned(binding, twin.missing.key, twin.id)
                    if (binding.account, binding.pipeline) == place and process.active
                    else binding
                    for binding in process.bindings
                ),
            )
            for process in processes
        )
    return processes


def _repinned(binding: Binding, key: str | None, new: str) -> Binding:
    if key is None:
        return replace(binding, pipeline=new, stages={})
    return replace(binding, stages={**binding.stages, key: new})


def _named(pipeline: Pipeline, label: str) -> Stage:
    return next(stage for stage in pipeline.stages if stage.label == label and stage.configured)


def _values(stage: Stage) -> dict[str, object]:
    return {"probability": stage.probability, "outcome": stage.outcome}


def _put(pipeline: Pipeline, stage: Stage, behind: str | None) -> Pipeline:
    others = [other for other in pipeline.stages if other is not stage]
    at = 0 if behind is None else others.index(_named(pipeline, behind)) + 1
    return replace(pipeline, stages=(*others[:at], stage, *others[at:]))
