"""The reports of the history in words: one document each, under a head they share."""
