"""What connector may write to each CRM, known without asking it."""

from collections.abc import Mapping

from connector.model import Capability

# Neither of Nutshell's APIs can rename, reorder, create or weigh a stage (Nutshell fact, 2026-11).
CAN: Mapping[str, frozenset[Capability]] = {
    "hubspot": frozenset(Capability) - {Capability.CONFIDENCE},
    "nutshell": frozenset({Capability.CONFIDENCE}),
}
