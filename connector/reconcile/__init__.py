"""Desired against live: what differs, what to do about it, and what that would move. Pure."""
