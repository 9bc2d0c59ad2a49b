"""HubSpot, through its official client as transport and authentication."""

from connector.crm.hubspot.adapter import HubSpot, connect

__all__ = ["HubSpot", "connect"]
