"""Truncates one page of deals at byte after byte and prints what connector made of each.

python -m tests.faults.cut_pages FRAMING STEP
"""

import json
import sys
from collections import Counter

from connector.crm.hubspot import HubSpot
from connector.crm.hubspot.client import open_transport
from connector.crm.hubspot.deals import PROPERTY_OF
from connector.crm.transport import Bounds
from connector.errors import CrmError
from connector.sandbox import Fault, Hits, Kind, Portal, Sandbox, wire
from connector.sandbox.faults import Strike
from connector.sandbox.http import Response
from connector.sandbox.hubspot.records import Stage
from connector.sandbox.wire import Framing
from tests.faults.account import NOW, TOKEN


class Cuts:
    """Cuts the listing's page at a byte that the caller moves."""

    def __init__(self, framing: Framing) -> None:
        self.at = 0
        self.length = 1
        self._framing = framing

    def __call__(self, strike: Strike) -> Response:
        self.length = len(strike.answer().body)
        return wire.cut(self.at, self._framing)(strike)


def main(framing: Framing, step: int) -> None:
    cuts = Cuts(framing)
    counts: Counter[str] = Counter()
    taken = []
    with Sandbox(_portal(), faults=[Fault(cuts, Hits((Kind.LISTING,)))]) as sandbox:
        transport = open_transport(
            TOKEN, sandbox.url, requests_per_10s=100_000, bounds=Bounds(attempts=1)
        )
        while cuts.at < cuts.length:
            try:
                # A new one each time, because one keeps to five searches a second.
                list(HubSpot(transport, PROPERTY_OF).deals(None, None))
            except CrmError as fault:
                counts["asked_again" if "ried" in str(fault) else "refused"] += 1
            else:
                taken.append(cuts.at)
            cuts.at += step
    told = {"cuts": cuts.at // step, "taken": taken, "refused": 0, "asked_again": 0}
    sys.stdout.write(json.dumps(told | counts))


def _portal() -> Portal:
    portal = Portal()
    portal.add_pipeline("Sales", [Stage("met", "Met", 0, "0.5", 0, 0)], id="sales", at=NOW)
    for name in ("Avtale", "Å 🦊"):
        first = {"dealname": name, "dealstage": "met", "pipeline": "sales", "amount": "100"}
        portal.add_deal(first, NOW)
    return portal


if __name__ == "__main__":
    main(Framing(sys.argv[1]), int(sys.argv[2]))
