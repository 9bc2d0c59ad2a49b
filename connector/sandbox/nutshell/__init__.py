"""Nutshell as its published facts describe it: one instance, REST and JSON-RPC on top of it."""
