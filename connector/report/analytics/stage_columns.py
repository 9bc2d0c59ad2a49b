"""The columns that say which stage of which funnel a row is about."""

from typing import Protocol

from connector.report.analytics.head import Head
from connector.report.document import Column, CrmText, Place
from connector.report.layout import Row

STAGE = (
    Column("funnel", place=Place.DATA),
    Column("funnel_label", place=Place.HEADING),
    Column("stage", place=Place.DATA),
    Column("stage_label", "Stage"),
)


class Placed(Protocol):
    """Whatever belongs to one stage of a funnel, by their positions."""

    @property
    def funnel(self) -> int:
        """The funnel."""

    @property
    def step(self) -> int:
        """The stage in it."""


def stage_cells(head: Head, placed: Placed) -> Row:
    """Keys and labels of funnel and stage."""
    funnel = head.scope.funnels[placed.funnel]
    stage = funnel.stages[placed.step]
    return CrmText(funnel.key), CrmText(funnel.label), CrmText(stage.key), CrmText(stage.label)
