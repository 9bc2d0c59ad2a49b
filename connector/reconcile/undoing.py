"""Taking back what a run wrote, through the same planning as every other correction."""
