"""The sandbox as a process of its own, which counts what it is asked and ends days on command.

It reads commands from stdin, a JSON list a line, and answers each with a line of JSON. Counting
here, on the CRM's side, is what makes the number of requests a fact and not a claim of the client.
"""

import argparse
import json
import random
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from connector.sandbox import Instance, Portal, Sandbox, SystemClock, company
from connector.sandbox.company.in_nutshell import company_in_nutshell
from connector.sandbox.http import Request, Response
from connector.sandbox.hubspot.records import epoch_ms
from tests.bench.instances import instance
from tests.bench.portals import portal
from tests.bench.timing import KEY

SIX = (
    "dealstage",
    "pipeline",
    "amount",
    "closedate",
    "hubspot_owner_id",
    "hs_manual_forecast_category",
)


class SkippingClock(SystemClock):
    """The machine's time, with nights that pass at once; rate windows know nothing of them."""

    def __init__(self) -> None:
        self.skipped = timedelta()

    def now(self) -> datetime:
        """The instant, in UTC."""
        return super().now() + self.skipped


class Counted(Sandbox):
    """A sandbox that also remembers how it answered."""

    answered: list[tuple[str, int]]

    def _answer(self, request: Request) -> Response:
        response = super()._answer(request)
        self.answered.append((request.path, response.status))
        return response


class Desk:
    """What may be told to the server between two pulls."""

    def __init__(self, sandbox: Counted, clock: SkippingClock) -> None:
        self._sandbox = sandbox
        self._clock = clock
        self._chance = random.Random(1)

    def traffic(self) -> dict[str, int]:
        """The requests since the last time this was asked; `counting` are those of the long window.

        HubSpot fact, 2026-11: search has a window of its own and is not counted in the other.
        """
        answered, self._sandbox.answered = self._sandbox.answered, []
        searches = sum(path.endswith("/search") for path, _ in answered)
        refused = sum(status == 429 for _, status in answered)
        return {"all": len(answered), "counting": len(answered) - searches, "refused": refused}

    @contextmanager
    def _day(self) -> Iterator[None]:
        """Half a day before and half a day after; so the next pull sees it, and not the second."""
        self._clock.skipped += timedelta(hours=12)
        yield
        self._clock.skipped += timedelta(hours=12)


class PortalDesk(Desk):
    """The desk of HubSpot's server."""

    def __init__(self, sandbox: Counted, clock: SkippingClock) -> None:
        super().__init__(sandbox, clock)
        self._portal: Portal = sandbox.portal

    def held(self) -> dict[str, int]:
        """What a complete first pull brings home: all deals, and the versions of the six fields."""
        deals = [deal for deal in self._portal.deals.values() if deal.merged_into is None]
        versions = (len(deal.history.get(name, ())) for deal in deals for name in SIX)
        return {"deals": len(deals), "changes": sum(versions)}

    def change(self, deals: int) -> int:
        """Let a day pass, at noon of which sellers move the price of so many deals."""
        with self._day():
            listed = [deal.id for deal in self._portal.deals.values() if deal.listed()]
            for number in self._chance.sample(listed, deals):
                before = float(self._portal.deal(number).value("amount") or 0)
                self._portal.set(number, "amount", f"{before + 1:.0f}")
        return deals

    def relabel(self) -> int:
        """Let a day pass, at noon of which an edit of every pipeline touches every deal's date."""
        with self._day():
            now = epoch_ms(self._clock.now())
            for pipeline in list(self._portal.pipelines.values()):
                self._portal.put_pipeline(pipeline, at=now)
        return len(self._portal.deals)


class InstanceDesk(Desk):
    """The desk of Nutshell's server."""

    def __init__(self, sandbox: Counted, clock: SkippingClock) -> None:
        super().__init__(sandbox, clock)
        assert sandbox.instance
        self._instance: Instance = sandbox.instance

    def held(self) -> dict[str, int]:
        """How many leads there are; what counts as a change of one is up to the reader."""
        return {"deals": len(self._instance.leads)}

    def change(self, leads: int) -> int:
        """Let a day pass, at noon of which sellers raise the value of so many leads."""
        with self._day():
            for number in self._chance.sample(sorted(self._instance.leads), leads):
                before = self._instance.lead(number).amount or 0
                self._instance.set_value(number, str(before + 1))
        return leads


def main() -> None:
    """Serve until stdin ends."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--crm", choices=("hubspot", "nutshell"), default="hubspot")
    parser.add_argument("--deals", type=int, default=0, help="0 serves the demo's company")
    parser.add_argument("--pipelines", type=int, default=1)
    parser.add_argument("--archived", type=int, default=0)
    parser.add_argument("--latency", type=float, default=0.0)
    parser.add_argument("--rate", type=int)
    asked = parser.parse_args()
    clock = SkippingClock()
    with _counted(asked, clock) as sandbox:
        sandbox.answered = []
        desk = (InstanceDesk if asked.crm == "nutshell" else PortalDesk)(sandbox, clock)
        _say(sandbox.url)
        for line in sys.stdin:
            name, *arguments = json.loads(line)
            _say(getattr(desk, name)(*arguments))


def _counted(asked: argparse.Namespace, clock: SkippingClock) -> Counted:
    if asked.crm == "nutshell":
        made = instance(asked.deals) if asked.deals else company_in_nutshell(company())
        return Counted(instance=made, clock=clock, latency=asked.latency)
    served = portal(asked.deals, asked.pipelines, asked.archived) if asked.deals else company()
    # The listing of custom objects, which some tools begin with, has a scope of its own.
    served.keys[KEY] |= {"crm.schemas.custom.read"}
    return Counted(served, clock=clock, latency=asked.latency, rate=asked.rate)


def _say(answer: object) -> None:
    print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
