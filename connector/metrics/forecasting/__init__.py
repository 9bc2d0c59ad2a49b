"""What open deals are worth, what forecasts were worth, and what became of the pipeline."""
