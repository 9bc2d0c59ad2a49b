"""How many cases it takes before a number says something."""

# Below so many, a report shows counts only.
ENOUGH_TO_TELL = 10
# From so many on, groups may be held against each other and probabilities suggested.
ENOUGH_TO_JUDGE = 30
