"""Deal properties that HubSpot works out itself, always from the present configuration."""

from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING

from connector.sandbox.hubspot.records import Deal, Stage, epoch_ms, iso, parse_instant

if TYPE_CHECKING:
    from connector.sandbox.hubspot.portal import Portal

DAY_MS = 86_400_000
Formula = Callable[["Portal", Deal], str | None]


def exact(number: float) -> str:
    """A number as HubSpot prints it: the binary value in full, 0.1 with its 55 decimals.

    HubSpot fact, 2026-11: hs_deal_stage_probability comes as such an expansion.
    """
    return f"{Decimal(number):f}"


def plain(number: float) -> str:
    """A number as people write it, without a needless fraction."""
    return f"{round(number, 2):.2f}".rstrip("0").rstrip(".")


def _stage(portal: "Portal", deal: Deal) -> Stage | None:
    return portal.stage(deal.value("dealstage") or "")


def _probability(portal: "Portal", deal: Deal) -> str | None:
    stage = _stage(portal, deal)
    return exact(stage.chance) if stage else None


def _closed_at(low: float, high: float) -> Callable[["Portal", Deal], bool]:
    def closed(portal: "Portal", deal: Deal) -> bool:
        stage = _stage(portal, deal)
        return stage is not None and stage.closed and low <= stage.chance <= high

    return closed


_is_closed, _is_won, _is_lost = _closed_at(0, 1), _closed_at(1, 1), _closed_at(0, 0)


def _flag(test: Callable[["Portal", Deal], bool]) -> Formula:
    return lambda portal, deal: "true" if test(portal, deal) else "false"


def _count(test: Callable[["Portal", Deal], bool]) -> Formula:
    return lambda portal, deal: "1" if test(portal, deal) else "0"


def _rate(portal: "Portal", deal: Deal) -> float:
    return portal.rates.get(deal.value("deal_currency_code") or portal.currency, 1.0)


def _money(share: Callable[["Portal", Deal], float], *, home: bool = False) -> Formula:
    def amount(portal: "Portal", deal: Deal) -> str | None:
        value = _number(deal.value("amount"))
        if value is None:
            return None
        return plain(value * share(portal, deal) * (_rate(portal, deal) if home else 1))

    return amount


def _number(text: str | None) -> float | None:
    """What an amount says; INFERRED: what is no number counts as none."""
    try:
        return None if text is None else float(text)
    except ValueError:
        return None


def _all(portal: "Portal", deal: Deal) -> float:
    return 1.0


def _if_won(portal: "Portal", deal: Deal) -> float:
    return 1.0 if _is_won(portal, deal) else 0.0


def _weighted(portal: "Portal", deal: Deal) -> float:
    stage = _stage(portal, deal)
    return stage.chance if stage else 0.0


def _forecast(portal: "Portal", deal: Deal) -> float:
    return float(deal.value("hs_forecast_probability") or 1)


def _days_to_close(portal: "Portal", deal: Deal) -> str | None:
    closed, created = deal.value("closedate"), deal.value("createdate")
    if not closed or not created:
        return None
    try:
        span = epoch_ms(parse_instant(closed)) - epoch_ms(parse_instant(created))
    except ValueError:
        return None
    return str(max(0, span // DAY_MS))


def _team(portal: "Portal", deal: Deal) -> str | None:
    owner = portal.people.owner(deal.value("hubspot_owner_id") or "")
    return str(owner.teams[0].id) if owner and owner.teams else None


def _entered_stage(portal: "Portal", deal: Deal) -> str | None:
    stages = deal.history.get("dealstage")
    return iso(stages[-1].at) if stages else None


FORMULAS: dict[str, Formula] = {
    "amount_in_home_currency": _money(_all, home=True),
    "days_to_close": _days_to_close,
    "hs_closed_amount": _money(_if_won),
    "hs_closed_amount_in_home_currency": _money(_if_won, home=True),
    "hs_closed_won_count": _count(_is_won),
    "hs_createdate": lambda portal, deal: iso(deal.created),
    "hs_deal_stage_probability": _probability,
    "hs_deal_stage_probability_shadow": _probability,
    "hs_exchange_rate": lambda portal, deal: str(_rate(portal, deal)),
    "hs_forecast_amount": _money(_forecast),
    "hs_is_closed": _flag(_is_closed),
    "hs_is_closed_count": _count(_is_closed),
    "hs_is_closed_lost": _flag(_is_lost),
    "hs_is_closed_won": _flag(_is_won),
    "hs_is_open_count": _count(lambda portal, deal: not _is_closed(portal, deal)),
    "hs_lastmodifieddate": lambda portal, deal: iso(deal.modified),
    "hs_merged_object_ids": lambda portal, deal: ";".join(map(str, deal.merged)) or None,
    "hs_object_id": lambda portal, deal: str(deal.id),
    "hs_projected_amount": _money(_weighted),
    "hs_projected_amount_in_home_currency": _money(_weighted, home=True),
    "hs_v2_date_entered_current_stage": _entered_stage,
    "hubspot_team_id": _team,
}
