"""What people call the pipelines and stages that everything else knows by id."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from connector.model import Pipeline
from connector.report.document import CrmText


@dataclass(frozen=True, slots=True)
class Names:
    """Labels of pipelines by id, and of stages by the ids of pipeline and stage.

    Where nobody knows a label, the id stands in.
    """

    pipelines: Mapping[str, str]
    stages: Mapping[tuple[str, str], str]

    def pipeline(self, pipeline: str) -> CrmText:
        """The label of a pipeline."""
        return CrmText(self.pipelines.get(pipeline, pipeline))

    def stage(self, pipeline: str, stage: str) -> CrmText:
        """The label of a stage."""
        return CrmText(self.stages.get((pipeline, stage), stage))


def names_in(pipelines: Iterable[Pipeline]) -> Names:
    """The names these pipelines and their stages go by."""
    known = tuple(pipelines)
    return Names(
        {pipeline.id: pipeline.label for pipeline in known},
        {(pipeline.id, stage.id): stage.label for pipeline in known for stage in pipeline.stages},
    )
