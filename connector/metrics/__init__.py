"""History -> numbers: pure, over aggregates that the store answers with one query each."""

from connector.metrics.stays import LeftOut, Stays
from connector.metrics.time_in_stage import (
    Estimate,
    Naive,
    Survival,
    TimeInStage,
    time_in_stage,
)

__all__ = ["Estimate", "LeftOut", "Naive", "Stays", "Survival", "TimeInStage", "time_in_stage"]
