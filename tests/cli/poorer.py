"""A HubSpot portal with no more in it than Nutshell can hold, so that the two can be compared."""

import re
from dataclasses import replace

from connector.sandbox import Portal
from connector.sandbox.hubspot.records import Stage, Version

_FRACTION = re.compile(r"(\d\d:\d\d:\d\d)\.\d+Z")


def as_nutshell_can(portal: Portal) -> Portal:
    """The portal with no more in it than Nutshell can hold too."""
    _drop_the_gone(portal)
    _cut_to_seconds(portal)
    _price(portal)
    _drop_dates_of_closings(portal)
    _give_reasons(portal)
    _be_confident(portal)
    return portal


def _cut_to_seconds(portal: Portal) -> None:
    """Cut every instant of the deals, since Nutshell keeps none finer; pipelines come before."""
    for pipeline, trail in portal.audit.items():
        portal.audit[pipeline] = [replace(entry, at=_cut(entry.at) - 1000) for entry in trail]
    for deal in portal.deals.values():
        deal.created, deal.modified = _cut(deal.created), _cut(deal.modified)
        for name, versions in deal.history.items():
            deal.history[name] = [
                each._replace(at=_cut(each.at), value=_FRACTION.sub(r"\1Z", each.value))
                for each in versions
            ]


def _drop_the_gone(portal: Portal) -> None:
    """Purge archived and merged deals: Nutshell tells no values of deleted leads."""
    for deal in [each for each in portal.deals.values() if not each.listed()]:
        portal.purge(deal.id)
    for deal in portal.deals.values():
        deal.merged = ()


def _price(portal: Portal) -> None:
    """Give deals without an amount one of 0, as a lead without a value has."""
    for deal in portal.deals.values():
        amounts = deal.history.setdefault("amount", [])
        if not amounts or amounts[0].at > deal.created:
            amounts.insert(0, Version("0", deal.created))


def _drop_dates_of_closings(portal: Portal) -> None:
    """Take back the close dates that a closing set, as no closing of a lead does."""
    for deal in portal.deals.values():
        closings = {
            each.at
            for each in deal.history["dealstage"]
            if (stage := portal.stage(each.value)) and stage.closed
        }
        dates = deal.history.get("closedate", [])
        deal.history["closedate"] = [each for each in dates if each.at not in closings]


def _give_reasons(portal: Portal) -> None:
    """Give every lost deal the reason that its lead has as outcome: without another, the stage."""
    for deal in portal.deals.values():
        reasons = deal.history.get("closed_lost_reason", [])
        for lost in deal.history["dealstage"]:
            stage = portal.stage(lost.value)
            if stage is None or not stage.closed or stage.chance:
                continue
            told = [each for each in reasons if each.at == lost.at]
            if is_cancelled(stage) or not told:
                reasons = [each for each in reasons if each.at != lost.at]
                reasons.append(lost._replace(value=stage.label))
        deal.history["closed_lost_reason"] = sorted(reasons, key=lambda each: each.at)


def is_cancelled(stage: Stage) -> bool:
    """Whether a stage is for deals that were called off."""
    return "cancel" in stage.label or stage.label == "Ikke aktuelt"


def _be_confident(portal: Portal) -> None:
    """Give each deal a probability of its own, that of the stage it comes to."""
    for deal in portal.deals.values():
        chances = deal.history["hs_forecast_probability"] = []
        for version in deal.history["dealstage"]:
            stage = portal.stage(version.value)
            if stage and not stage.closed:
                chances.append(version._replace(value=str(stage.chance)))


def _cut(ms: int) -> int:
    return ms // 1000 * 1000
