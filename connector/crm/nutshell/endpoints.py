"""Nutshell's paths (2026-11)."""

HOST = "https://app.nutshell.com"

RPC = "/api/v1/json"
REST = "/rest"
LEADS = f"{REST}/leads"
STAGES = f"{REST}/stages"
STAGESETS = f"{REST}/stagesets"
OUTCOMES = f"{REST}/outcomes"
USERS = f"{REST}/users"
EVENTS = f"{REST}/events"
DELETED = f"{REST}/events/deleted"
