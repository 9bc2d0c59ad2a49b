"""History -> numbers: pure, over aggregates that the store answers with one query each."""

from connector.metrics.stays import Stays
from connector.metrics.time_in_stage import (
    Estimate,
    Naive,
    Survival,
    TimeInStage,
    time_in_stage,
)

__all__ = ["Estimate", "Naive", "Stays", "Survival", "TimeInStage", "time_in_stage"]
