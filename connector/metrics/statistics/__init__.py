"""Estimators and tests, in plain Python; each names its source."""
