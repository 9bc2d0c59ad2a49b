"""Reading the audit trails of pipelines; a pull does without those that cannot be read."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from connector.errors import BadAnswer, CrmError, Rejected
from connector.model import Crm, Pipeline, Trail


@dataclass(slots=True)
class Trails:
    """The trails that were read, by pipeline id, and why others were not."""

    read: dict[str, Trail] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)


def read_trails(crm: Crm, pipelines: Iterable[Pipeline]) -> Trails:
    """The trails of these pipelines; what concerns more than one pipeline ends the reading."""
    trails = Trails()
    for pipeline in pipelines:
        try:
            trails.read[pipeline.id] = crm.versions(pipeline.id)
        except CrmError as fault:
            trails.faults.append(f"the history of {pipeline.label!r} was not read: {fault}")
            if not isinstance(fault, Rejected | BadAnswer):
                break
    return trails
