"""Nutshell: REST for reading, JSON-RPC for what REST lacks and for writing (2026-11)."""

from connector.crm.nutshell.adapter import Nutshell, connect

__all__ = ["Nutshell", "connect"]
