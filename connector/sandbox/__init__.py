"""A CRM on this machine that behaves like the real ones, for demos and tests."""

from connector.sandbox.clock import Clock, SystemClock, VirtualClock
from connector.sandbox.company import company
from connector.sandbox.dataset import from_csv
from connector.sandbox.faults import Fault, Hits
from connector.sandbox.hubspot.kinds import Kind
from connector.sandbox.hubspot.portal import Portal
from connector.sandbox.nutshell.instance import Instance
from connector.sandbox.sandbox import Sandbox

__all__ = [
    "Clock",
    "Fault",
    "Hits",
    "Instance",
    "Kind",
    "Portal",
    "Sandbox",
    "SystemClock",
    "VirtualClock",
    "company",
    "from_csv",
]
