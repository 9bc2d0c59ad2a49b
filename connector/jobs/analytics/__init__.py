"""The reports of the history: what each asks of the database, in which frame."""
