"""The CRMs to break, each with the deals of one company, in words that serve rows for every CRM.

`account` is the account in config.toml, `secret` what no output may hold; `a_page` hits one page of
deals in a pull, `half_hidden` is what happens where half of them are not shown any more, and
`small_pages` make a listing of few deals one of several pages.
"""

from datetime import UTC, datetime
from typing import Any, Self

from connector.config import Account as Configured
from connector.crm.hubspot import HubSpot
from connector.crm.hubspot import client as hubspot
from connector.crm.hubspot.deals import PROPERTY_OF
from connector.crm.nutshell import Nutshell
from connector.crm.nutshell import client as nutshell
from connector.crm.transport import Bounds
from connector.model import Crm
from connector.sandbox import Clock, Fault, Hits, Instance, Portal, company
from connector.sandbox.company.in_nutshell import company_in_nutshell
from connector.sandbox.http import Request
from connector.sandbox.hubspot import lying as hubspot_lying
from connector.sandbox.hubspot.kinds import HISTORIES, LISTINGS
from connector.sandbox.named_faults import faults
from connector.sandbox.nutshell import kinds as nutshell_kinds
from connector.sandbox.nutshell import lying as nutshell_lying
from connector.sandbox.nutshell.instance import ADMIN, ADMIN_KEY
from connector.sandbox.nutshell.writer import Writer as NutshellWriter
from connector.sandbox.writer import Work, Writer

NOW = datetime.now(UTC).replace(microsecond=0)
DEALS = 180
TOKEN = "pat-sandbox-read"
KEYS = {"READ": TOKEN, "WRITE": "pat-sandbox-write", "NUTSHELL": ADMIN_KEY}


def _is_first_page(request: Request) -> bool:
    """Whether leads are listed from the beginning, and not just one of them."""
    asked = dict(request.query)
    return asked.get("page[page]") == "0" and asked.get("page[limit]") != "1"


class InHubSpot:
    """A portal of HubSpot's."""

    name = "HubSpot"
    account = 'crm = "hubspot"\ntoken = { env = "READ" }\nwrite_token = { env = "WRITE" }'
    secret = TOKEN
    a_page = Hits(HISTORIES, first=2, times=1)
    half_hidden = Fault(hubspot_lying.withheld(0.5), Hits(LISTINGS))
    small_pages: tuple[Fault, ...] = ()

    def __init__(self, portal: Portal) -> None:
        self.portal = portal

    @classmethod
    def of_company(cls, deals: int = DEALS, now: datetime = NOW) -> Self:
        """With the deals of an invented company."""
        return cls(company(0, now, deals))

    @property
    def served(self) -> dict[str, Any]:
        """What the sandbox is told to serve."""
        return {"portal": self.portal}

    @property
    def clock(self) -> Clock:
        """Its time."""
        return self.portal.clock

    @clock.setter
    def clock(self, clock: Clock) -> None:
        self.portal.clock = clock

    def present(self) -> set[str]:
        """The deals that are listed as active."""
        return {str(deal.id) for deal in self.portal.deals.values() if deal.listed()}

    def raise_amount(self, deal: str, amount: int) -> None:
        """Give a deal another amount."""
        self.portal.set(deal, "amount", str(amount))

    def purge(self, deal: str) -> None:
        """Delete a deal for good."""
        self.portal.purge(deal)

    def writer(self, **options: Any) -> Work:
        """People at work in it."""
        return Writer(self.portal, **options)

    @staticmethod
    def connected(account: Configured, url: str | None, bounds: Bounds | None = None) -> Crm:
        """The adapter, with bounds of the caller's choice."""
        assert account.token
        transport = hubspot.open_transport(
            account.token.reveal(), url, requests_per_10s=100_000, bounds=bounds
        )
        return HubSpot(transport, PROPERTY_OF)


class InNutshell:
    """An instance of Nutshell's."""

    name = "Nutshell"
    account = f'crm = "nutshell"\nuser = "{ADMIN}"\nkey = {{ env = "NUTSHELL" }}'
    secret = ADMIN_KEY
    a_page = Hits((nutshell_kinds.Kind.LEADS,), when=_is_first_page, times=1)
    half_hidden = Fault(nutshell_lying.hidden(0.5))
    small_pages = tuple(faults("leads-capped", "events-capped"))

    def __init__(self, instance: Instance) -> None:
        self.instance = instance

    @classmethod
    def of_company(cls, deals: int = DEALS, now: datetime = NOW) -> Self:
        """With the deals of an invented company."""
        return cls(company_in_nutshell(company(0, now, deals)))

    @property
    def served(self) -> dict[str, Any]:
        """What the sandbox is told to serve."""
        return {"instance": self.instance}

    @property
    def clock(self) -> Clock:
        """Its time."""
        return self.instance.clock

    @clock.setter
    def clock(self, clock: Clock) -> None:
        self.instance.clock = clock

    def present(self) -> set[str]:
        """The leads that are there."""
        return {lead.ref for lead in self.instance.leads.values() if lead.deleted is None}

    def raise_amount(self, deal: str, amount: int) -> None:
        """Give a lead another value."""
        self.instance.set_value(deal, str(amount))

    def purge(self, deal: str) -> None:
        """Delete a lead; no read of it tells it any more."""
        self.instance.delete(deal)

    def writer(self, **options: Any) -> Work:
        """People at work in it."""
        return NutshellWriter(self.instance, **options)

    @staticmethod
    def connected(account: Configured, url: str | None, bounds: Bounds | None = None) -> Crm:
        """The adapter, with bounds of the caller's choice."""
        assert account.user
        assert account.key
        transport = nutshell.open_transport(
            account.user, account.key.reveal(), url, requests_per_10s=100_000, bounds=bounds
        )
        return Nutshell(transport, account.fields)


World = InHubSpot | InNutshell
EVERY: tuple[type[World], ...] = (InHubSpot, InNutshell)


def connected(account: Configured, url: str | None, bounds: Bounds | None = None) -> Crm:
    """The adapter of an account's CRM."""
    world = {"hubspot": InHubSpot, "nutshell": InNutshell}[account.crm]
    return world.connected(account, url, bounds)
