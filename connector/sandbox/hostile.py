"""A portal whose deals hold what nobody should have typed, and what no CRM should have kept."""

import random
from datetime import datetime, timedelta

from connector.sandbox.hubspot.portal import Portal
from connector.sandbox.hubspot.records import Stage, epoch_ms

NAMES = (
    "x" * 10_000,
    "Avtale 🦊👩‍👩‍👧‍👦🇳🇴",
    "\u202eteser\u202c עסקה صفقة",
    "before\0after",
    "bell\a escape\x1b[31mred\x1b[0m \x9b2J\x85\u2028",
    "[/bold][link=https://example.com]link[/link]",
    "high \ud800 lone \udfff low",
    '=HYPERLINK("https://example.com")',
    "<script>alert(1)</script>",
    "'; DROP TABLE deals; --",
    " \t\r\n ",
    "",
    "Ａ\u0301\u200b\ufeff",
)
AMOUNTS = (
    "1 234,5",
    "1e30",
    "-1",
    "NaN",
    "Infinity",
    "null",
    "",
    "0",
    "-0.0",
    "12.345678901234567890123",
    "0.1000000000000000055511151231257827021181583404541015625",
    "١٢٣",
    "1_000",
    "0x10",
)
CURRENCIES = ("NOK", "XXX", "₿", "nok", "")
STAGES = ("met", "won", "no-such-stage", "", "met\0", "999999999999999999999")
PIPELINES = ("sales", "no-such-pipeline", "")
OWNERS = ("71000001", "1", "nobody", "", "9" * 40)
DATES = ("2026-10-01T00:00:00Z", "tomorrow", "0", "-1", "9" * 20, "2026-02-30", "+275760-09-13")


def hostile(now: datetime, deals: int = 400, seed: int = 0) -> Portal:
    """A portal in which every deal has some value of the lists above, in every field."""
    chance = random.Random(seed)  # noqa: S311 - odd values need no secrets
    portal, born = Portal(name="Odd & Sons\x1b[2J"), epoch_ms(now - timedelta(days=400))
    stages = [
        Stage("met", "Met\0🦊", 0, "0.5", born, born),
        Stage("won", "Won", 1, "1", born, born),
    ]
    portal.add_pipeline("Sales\u202e", stages, id="sales", at=now - timedelta(days=400))
    portal.people.add_owner("Kari", "\ud800", email="\x1b@x", at=now - timedelta(days=400))
    for number in range(deals):
        at = now - timedelta(days=chance.uniform(1, 390))
        values = {
            "dealname": NAMES[number % len(NAMES)],
            "amount": AMOUNTS[number % len(AMOUNTS)],
            "closedate": chance.choice(DATES),
            "deal_currency_code": chance.choice(CURRENCIES),
            "dealstage": chance.choice(STAGES),
            "pipeline": chance.choice(PIPELINES),
            "hubspot_owner_id": chance.choice(OWNERS),
            "hs_manual_forecast_category": chance.choice(NAMES),
        }
        deal = portal.add_deal(values, at)
        portal.set(deal.id, "amount", chance.choice(AMOUNTS), at + timedelta(hours=2))
        portal.set(deal.id, "dealstage", chance.choice(STAGES), at + timedelta(hours=3))
    return portal
