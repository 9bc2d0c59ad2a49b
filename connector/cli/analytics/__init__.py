"""The reports of the history as commands, and the options they share."""
