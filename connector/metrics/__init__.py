"""History -> numbers: pure, over aggregates that the store answers with one query each."""
