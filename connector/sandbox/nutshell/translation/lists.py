"""Outcomes, products and sources, added to the instance the first time a deal names them."""

from connector.sandbox.nutshell.catalogue import Catalogue
from connector.sandbox.nutshell.records import Named, Outcome, Status


class Lists:
    """What an instance's catalogue has by name."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._outcomes: dict[tuple[Status, str], Outcome] = {}
        self._products: dict[str, Named] = {}
        self._sources: dict[str, Named] = {}

    def outcome(self, ends: Status, name: str) -> int:
        """The outcome of this kind and name."""
        if (ends, name) not in self._outcomes:
            self._outcomes[ends, name] = self._catalogue.add_outcome(name, ends)
        return self._outcomes[ends, name].id

    def products(self, name: str | None) -> list[int]:
        """The product of this name; none of none."""
        if name is not None and name not in self._products:
            self._products[name] = self._catalogue.add_product(name)
        return [] if name is None else [self._products[name].id]

    def sources(self, name: str | None) -> list[int]:
        """The source of this name; none of none."""
        if name is not None and name not in self._sources:
            self._sources[name] = self._catalogue.add_source(name)
        return [] if name is None else [self._sources[name].id]
