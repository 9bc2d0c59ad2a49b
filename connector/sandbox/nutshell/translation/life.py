"""A deal's history as edits of a lead, in the order they happened."""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import NamedTuple

from connector.sandbox.hubspot.portal import Portal
from connector.sandbox.hubspot.records import Deal, Version, parse_instant
from connector.sandbox.nutshell.instance import AUTOMATION, Instance
from connector.sandbox.nutshell.records import STEP, Lead, Named, Outcome, Stage, Status
from connector.sandbox.nutshell.translation.people import Actors
from connector.sandbox.nutshell.translation.stages import Place

_TOLD = ("amount", "closedate", "hubspot_owner_id", "hs_forecast_probability")
_PRODUCTS, _SOURCES = ("product_line", "product"), ("hs_analytics_source", "source")
_BY_HAND = 5  # one in so many leads has a confidence that a person has set
_IN_A_COMPANY = 10  # one in so many leads comes with a company, which is no lead


class Edit(NamedTuple):
    """One version of one property of a deal."""

    property: str
    version: Version


class Translator:
    """Tells deals to an instance, one at a time."""

    def __init__(
        self, portal: Portal, instance: Instance, actors: Actors, places: Mapping[str, Place]
    ) -> None:
        self._portal = portal
        self._instance = instance
        self._actors = actors
        self._places = places
        self._chances = {place.stage: place.chance for place in places.values() if not place.ends}
        self._outcomes: dict[tuple[Status, str], Outcome] = {}
        self._forecast_by_hand: set[int] = set()
        self._named: dict[tuple[str, str], Named] = {}

    def confidence(self, lead: Lead, stage: Stage) -> int | None:
        """What the automation makes of a stage: its probability in percent, a little off."""
        chance = self._chances.get(stage.id)
        if chance is None or lead.id in self._forecast_by_hand:
            return None
        return min(99, max(1, round(chance * 100) + lead.id % 7 - 3))

    def tell(self, deal: Deal) -> None:
        """Live the deal's life as a lead; one that was never in a known stage has none."""
        stays = [each for each in deal.history.get("dealstage", ()) if each.value in self._places]
        if not stays:
            return
        lead = self._begin(deal, stays[0])
        for edit in self._edits(deal, stays[0], lead.created):
            self._apply(lead, deal, edit)
        self._by_hand(lead)
        self._end(lead, deal)

    def _begin(self, deal: Deal, entered: Version) -> Lead:
        """Create the lead with what the deal had in its first second."""
        began = min(deal.created, entered.at) // 1000
        first = {
            name: version.value
            for name, version in ((name, _as_of(deal, name, began)) for name in _TOLD)
            if version
        }
        place = self._places[entered.value]
        lead = self._instance.add_lead(
            deal.value("dealname") or "",
            place.stage,
            amount=_amount(first.get("amount")),
            currency=deal.value("deal_currency_code"),
            owner=self._actors.owners.get(first.get("hubspot_owner_id", "")),
            expected=_expected(first.get("closedate")),
            products=self._pointers(deal, _PRODUCTS),
            sources=self._pointers(deal, _SOURCES),
            by=self._actor(entered),
            at=_instant(began * 1000),
        )
        if lead.number % _IN_A_COMPANY == 0:
            self._instance.add_account(lead.name, by=lead.creator, at=_instant(began * 1000))
        if "hs_forecast_probability" in deal.history:
            self._forecast_by_hand.add(lead.id)
        chosen = _percent(first.get("hs_forecast_probability"))
        if chosen is None:
            chosen = self.confidence(lead, self._instance.pipelines.stages[place.stage])
        lead.confidence = lead.confidence if chosen is None else chosen
        return lead

    def _edits(self, deal: Deal, entered: Version, began: int) -> list[Edit]:
        """Every later version, by time; the close date that a closing sets is none of ours."""
        stays = [each for each in deal.history["dealstage"] if each.value in self._places]
        closings = {each.at for each in stays if self._places[each.value].ends is not None}
        later = [
            Edit(name, version)
            for name in _TOLD
            for version in deal.history.get(name, ())
            if version.at // 1000 > began and not (name == "closedate" and version.at in closings)
        ]
        first = 0 if entered.at in closings else 1
        moves = [Edit("dealstage", version) for version in stays[first:]]
        return sorted((*moves, *later), key=lambda edit: edit.version.at)

    def _apply(self, lead: Lead, deal: Deal, edit: Edit) -> None:
        value, at, by = edit.version.value, _instant(edit.version.at), self._actor(edit.version)
        instance = self._instance
        match edit.property:
            case "dealstage":
                self._go(lead, deal, self._places[value], edit.version)
            case "amount":
                instance.set_value(lead.id, _amount(value), by=by, at=at)
            case "closedate":
                instance.set_expected_close(lead.id, _expected(value), by=by, at=at)
            case "hubspot_owner_id":
                instance.assign(lead.id, self._actors.owners.get(value), by=by, at=at)
            case "hs_forecast_probability" if (percent := _percent(value)) is not None:
                instance.set_confidence(lead.id, percent, by=by, at=at)

    def _go(self, lead: Lead, deal: Deal, place: Place, version: Version) -> None:
        """Move, close or reopen the lead; one that ends elsewhere goes to that pipeline first."""
        at, by = _instant(version.at), self._actor(version)
        if place.ends is None and lead.status.closed:
            self._instance.reopen(lead.id, by=by, at=at)
        if place.ends is None or lead.stage not in place.siblings:
            self._instance.move(lead.id, place.stage, by=by, at=at)
        if place.ends is not None:
            outcome = self._outcome(place.ends, place.label, deal, version.at)
            self._instance.close(lead.id, outcome.id, by=by, at=at)

    def _outcome(self, ends: Status, label: str, deal: Deal, at: int) -> Outcome:
        """How a lead ends: a lost one by the reason of that second where there is one."""
        reason = _as_of(deal, "closed_lost_reason", at // 1000)
        name = reason.value if ends is Status.LOST and reason and reason.value else label
        if (ends, name) not in self._outcomes:
            self._outcomes[ends, name] = self._instance.catalogue.add_outcome(name, ends)
        return self._outcomes[ends, name]

    def _pointers(self, deal: Deal, names: tuple[str, ...]) -> list[int]:
        """The products or the sources of a deal, one or none."""
        value = next(filter(None, map(deal.value, names)), None)
        if value is None:
            return []
        if (names[0], value) not in self._named:
            catalogue = self._instance.catalogue
            add = catalogue.add_product if names is _PRODUCTS else catalogue.add_source
            self._named[names[0], value] = add(value)
        return [self._named[names[0], value].id]

    def _actor(self, version: Version) -> str | None:
        """Who made a version: a user, the automation, or None for the lead's owner."""
        if version.user_id is not None:
            return self._actors.users.get(version.user_id)
        return None if version.source in ("CRM_UI", "IMPORT") else AUTOMATION

    def _by_hand(self, lead: Lead) -> None:
        """Have a person set the confidence of some open leads, an hour after the last event."""
        by_hand = lead.id // STEP % _BY_HAND == 0 and not lead.status.closed
        later = lead.modified + 3600
        if by_hand and later <= self._instance.now() and lead.id not in self._forecast_by_hand:
            raised = min(100, lead.confidence + 15)
            self._instance.set_confidence(lead.id, raised, at=_instant(later * 1000))

    def _end(self, lead: Lead, deal: Deal) -> None:
        """Delete a lead whose deal was archived or merged into another."""
        gone = deal.archived
        if deal.merged_into is not None:
            gone = self._portal.deals[deal.merged_into].modified
        if gone is not None:
            self._instance.delete(lead.id, at=_instant(gone))


def _as_of(deal: Deal, name: str, second: int) -> Version | None:
    """The version of a property at the end of a second."""
    known = [each for each in deal.history.get(name, ()) if each.at // 1000 <= second]
    return known[-1] if known else None


def _instant(ms: int) -> datetime:
    return datetime.fromtimestamp(ms // 1000, UTC)


def _amount(text: str | None) -> str | None:
    """An amount that is a number; anything else counts as none."""
    try:
        return text if text and Decimal(text).is_finite() else None
    except InvalidOperation:
        return None


def _percent(text: str | None) -> int | None:
    amount = _amount(text)
    return None if amount is None else min(100, max(0, round(Decimal(amount) * 100)))


def _expected(text: str | None) -> datetime | None:
    try:
        return parse_instant(text) if text else None
    except ValueError:
        return None
