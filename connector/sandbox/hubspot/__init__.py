"""An emulated HubSpot account: its state, its rules and its JSON."""
