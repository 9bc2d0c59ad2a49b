"""The records beside leads: outcomes, products, sources, and companies."""

from itertools import count

from connector.sandbox.nutshell.records import STEP, Named, Outcome, Status


class Catalogue:
    """Outcomes, products, sources and accounts by number."""

    def __init__(self) -> None:
        self.outcomes: dict[int, Outcome] = {}
        self.products: dict[int, Named] = {}
        self.sources: dict[int, Named] = {}
        self.accounts: dict[int, Named] = {}
        self._outcome_ids = count(3, STEP)
        self._product_ids = count(255, STEP)
        self._source_ids = count(7, STEP)
        self._account_ids = count(3, STEP)

    def add_outcome(self, name: str, type: Status) -> Outcome:
        """Add a way to end a lead: won, lost or cancelled."""
        outcome = Outcome(next(self._outcome_ids), name, Status(type))
        self.outcomes[outcome.id] = outcome
        return outcome

    def add_product(self, name: str) -> Named:
        """Add a product."""
        product = Named(next(self._product_ids), name, "products")
        self.products[product.id] = product
        return product

    def add_source(self, name: str) -> Named:
        """Add a source."""
        source = Named(next(self._source_ids), name, "sources")
        self.sources[source.id] = source
        return source

    def add_account(self, name: str) -> Named:
        """Add a company."""
        account = Named(next(self._account_ids), name, "accounts")
        self.accounts[account.id] = account
        return account
