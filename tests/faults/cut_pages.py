"""Truncates one page of deals at byte after byte and prints what connector made of each.

python -m tests.faults.cut_pages CRM FRAMING STEP
"""

import json
import sys
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

from connector.crm.transport import Bounds
from connector.errors import CrmError
from connector.sandbox import Fault, Hits, Instance, Portal, wire
from connector.sandbox.faults import Strike
from connector.sandbox.http import Response
from connector.sandbox.hubspot.records import Stage
from connector.sandbox.wire import Framing
from tests.faults.account import Account
from tests.faults.worlds import NOW, InHubSpot, InNutshell, World

NAMES = ("Avtale", "Å 🦊")


class Cuts:
    """Cuts the listing's page at a byte that the caller moves."""

    def __init__(self, framing: Framing) -> None:
        self.at = 0
        self.length = 1
        self._framing = framing

    def __call__(self, strike: Strike) -> Response:
        self.length = len(strike.answer().body)
        return wire.cut(self.at, self._framing)(strike)


def main(world: World, framing: Framing, step: int, folder: Path) -> None:
    cuts = Cuts(framing)
    counts: Counter[str] = Counter()
    taken = []
    account = Account(folder, world)
    always = Hits(world.a_page.kinds, when=world.a_page.when)
    with account.served([Fault(cuts, always)]) as sandbox:
        while cuts.at < cuts.length:
            try:
                # A new one each time, because one of HubSpot's keeps to five searches a second.
                crm = world.connected(account.configured, sandbox.url, Bounds(attempts=1))
                list(crm.deals(None, None))
            except CrmError as fault:
                counts["asked_again" if "ried" in str(fault) else "refused"] += 1
            else:
                taken.append(cuts.at)
            cuts.at += step
    told = {"cuts": cuts.at // step, "taken": taken, "refused": 0, "asked_again": 0}
    sys.stdout.write(json.dumps(told | counts))


def in_hubspot() -> InHubSpot:
    """Two deals on one page."""
    portal = Portal()
    portal.add_pipeline("Sales", [Stage("met", "Met", 0, "0.5", 0, 0)], id="sales", at=NOW)
    for name in NAMES:
        first = {"dealname": name, "dealstage": "met", "pipeline": "sales", "amount": "100"}
        portal.add_deal(first, NOW)
    return InHubSpot(portal)


def in_nutshell() -> InNutshell:
    """Two leads on one page."""
    instance = Instance()
    instance.pipelines.add_pipeline("Sales", ["Met"], at=NOW)
    (stage,) = instance.pipelines.stages
    for name in NAMES:
        instance.add_lead(name, stage, amount="100", at=NOW)
    return InNutshell(instance)


if __name__ == "__main__":
    asked, framing, step = sys.argv[1:]
    made = {InHubSpot.name: in_hubspot, InNutshell.name: in_nutshell}[asked]
    with TemporaryDirectory() as folder:
        main(made(), Framing(framing), int(step), Path(folder))
