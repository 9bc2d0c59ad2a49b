"""How many cases it takes before a number says something."""

# Below so many, a report shows counts only.
ENOUGH_TO_TELL = 10
