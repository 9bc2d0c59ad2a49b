"""The confidence of open leads: what it should be, who set it, and whether it may be written."""
