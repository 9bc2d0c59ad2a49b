"""A deal's history as edits of a lead, in the order they happened."""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import NamedTuple

from connector.sandbox.hubspot.portal import Portal
from connector.sandbox.hubspot.records import Deal, Version, parse_instant
from connector.sandbox.nutshell.instance import AUTOMATION, Instance
from connector.sandbox.nutshell.records import STEP, Lead, Stage, Status
from connector.sandbox.nutshell.translation.lists import Lists
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
        self._lists = Lists(instance.catalogue)
        self._forecast_by_hand: set[int] = set()

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
        for edit in self._edits(deal, stays, lead.created):
            self._apply(lead, deal, edit)
        self._by_hand(lead)
        self._end(lead, deal)

    def _begin(self, deal: Deal, entered: Version) -> Lead:
        """Create the lead with what the deal had in its first second, its first stage included."""
        began = min(deal.created, entered.at) // 1000
        first = {name: _as_of(deal, name, began) for name in _TOLD}
        lead = self._instance.add_lead(
            deal.value("dealname") or "",
            self._places[entered.value].stage,
            amount=_amount(first["amount"]),
            currency=deal.value("deal_currency_code"),
            owner=self._actors.owners.get(first["hubspot_owner_id"] or ""),
            expected=_expected(first["closedate"]),
            products=self._lists.products(_either(deal, _PRODUCTS)),
            sources=self._lists.sources(_either(deal, _SOURCES)),
            by=self._actor(entered),
            at=_instant(began * 1000),
        )
        if lead.number % _IN_A_COMPANY == 0:
            self._instance.add_account(lead.name, by=lead.creator, at=_instant(began * 1000))
        if "hs_forecast_probability" in deal.history:
            self._forecast_by_hand.add(lead.id)
            lead.confidence = _percent(first["hs_forecast_probability"]) or 0
        else:
            stage = self._instance.pipelines.stages[lead.stage]
            lead.confidence = self.confidence(lead, stage) or lead.confidence
        return lead

    def _edits(self, deal: Deal, stays: list[Version], began: int) -> list[Edit]:
        """Every later version, by time; the close date that a closing sets is none of ours."""
        closings = {each.at for each in stays if self._places[each.value].ends is not None}
        later = [
            Edit(name, version)
            for name in _TOLD
            for version in deal.history.get(name, ())
            if version.at // 1000 > began and not (name == "closedate" and version.at in closings)
        ]
        first = 0 if stays[0].at in closings else 1
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
        """Move, close or reopen the lead; one that ends elsewhere goes to that pipeline first.

        It is lost for the reason that the deal has at the end of that second, where it has one.
        """
        at, by = _instant(version.at), self._actor(version)
        if place.ends is None and lead.status.closed:
            self._instance.reopen(lead.id, by=by, at=at)
        if place.ends is None or lead.stage not in place.siblings:
            self._instance.move(lead.id, place.stage, by=by, at=at)
        if place.ends is not None:
            reason = _as_of(deal, "closed_lost_reason", version.at // 1000)
            lost_for = reason if place.ends is Status.LOST else None
            outcome = self._lists.outcome(place.ends, lost_for or place.label)
            self._instance.close(lead.id, outcome, by=by, at=at)

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


def _as_of(deal: Deal, name: str, second: int) -> str | None:
    """The value of a property at the end of a second; an empty one counts as none."""
    known = [each.value for each in deal.history.get(name, ()) if each.at // 1000 <= second]
    return known[-1] or None if known else None


def _either(deal: Deal, names: tuple[str, ...]) -> str | None:
    """The present value of the first of these properties that has one."""
    return next(filter(None, map(deal.value, names)), None)


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
