"""A process file as a person keeps it, with comments of their own, for the tests that edit it."""

from pathlib import Path

import pytest

COMMENTED = """\
# Our process. Agreed on 3 May.
version = 1
key = "new-business"
label = "Nysalg"            # as on the wall
language = "nb"

# Kari wants this one first.
[[stage]]
key = "meeting-booked"
label = "Møte avtalt"       # not "Møte"
labels = { en = "Meeting booked" }
probability = 0.2           # measured in spring

# Still debated:
[[stage]]
key = "offer"
label = "Tilbud"
probability = 0.5
# was 0.6 before

[[stage]]
key = "won"
label = "Vunnet"
probability = 1.0
outcome = "won"             # closed

[[stage]]
key = "lost"
label = "Tapt"
probability = 0.0
outcome = "lost"

# --- where it lives ---
[[bindings]]
account = "norge"
pipeline = "default"        # the only one
language = "nb"
stages = { meeting-booked = "appointmentscheduled" }  # more to come
# The end.
"""


@pytest.fixture
def path(tmp_path) -> Path:
    """The commented process file on disk."""
    path = tmp_path / "new-business.toml"
    path.write_text(COMMENTED, encoding="utf-8")
    return path
