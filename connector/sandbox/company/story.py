"""One deal's invented life, told to the portal edit by edit."""

import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from connector.sandbox.company import names
from connector.sandbox.company.pipelines import Track
from connector.sandbox.hubspot.portal import Portal
from connector.sandbox.hubspot.records import Owner, epoch_ms, iso

CURRENCIES = {"Norge": ("NOK", 1.0), "Sverige": ("SEK", 0.98), "Finland": ("EUR", 11.6)}
_CATEGORIES = ("OMIT", "PIPELINE", "PIPELINE", "BEST_CASE", "COMMIT")


@dataclass(slots=True)
class Story:
    """A deal on its way: where it stands, and when the last thing happened."""

    portal: Portal
    rng: random.Random
    track: Track
    owner: Owner
    heirs: tuple[Owner, ...]
    at: datetime
    now: datetime
    deal: int = 0
    step: int = 0
    closes: datetime = field(init=False)

    @property
    def team(self) -> str:
        """The owner's team."""
        return self.owner.teams[0].name

    def tell(self) -> int:
        """Live the deal until it ends or the present comes; answer its id."""
        self._open()
        while self._wait():
            if self._moved_on():
                break
        return self.deal

    def _open(self) -> None:
        rng = self.rng
        firm, product = rng.choice(names.FIRMS[self.team]), rng.choice(names.PRODUCTS)
        self.step = int(rng.random() < 0.15)
        self.closes = self.at + timedelta(days=round(self.track.days * 4))
        currency, rate = CURRENCIES[self.team] if rng.random() < 0.8 else ("NOK", 1.0)
        amount = round(self.track.size / rate * rng.lognormvariate(0, 0.7), -2)
        values = {
            "dealname": f"{firm} – {product}, {rng.choice(names.NEED)}",
            "dealstage": self.track.steps[self.step],
            "pipeline": self.track.pipeline,
            "hubspot_owner_id": str(self.owner.id),
            "amount": f"{amount:.0f}",
            "deal_currency_code": currency,
            "dealtype": rng.choice(("newbusiness", "newbusiness", "existingbusiness")),
            "product_line": product,
            "region": self.team,
            "hs_analytics_source": rng.choice(names.SOURCES),
            "hs_next_step": rng.choice(names.NEXT_STEPS),
            "hs_manual_forecast_category": _CATEGORIES[self.step],
            "closedate": iso(epoch_ms(self.closes)),
        }
        if rng.random() < 0.08:
            del values["amount"]
        self.deal = self.portal.add_deal(values, self.at, user_id=self.owner.user_id).id

    def _wait(self) -> bool:
        """Let time pass; False when the present is reached first."""
        days = self.track.days * self.rng.lognormvariate(0, 0.9)
        self.at = in_office_hours(self.rng, self.at + timedelta(days=days))
        return self.at < self.now

    def _moved_on(self) -> bool:
        """Take the next turn; True when the deal has ended for good."""
        self._small_changes()
        self._stay_in_touch()
        turn = self.rng.random()
        if turn < 0.17 + 0.03 * len(self.track.lost):
            return self._lose()
        if turn < 0.28 and self.step > 0:
            self.step -= 1
        elif turn < 0.36:
            self.step += 2
        else:
            self.step += 1
        if self.step >= len(self.track.steps):
            self._go(self.track.won, "CLOSED")
            return True
        self._go(self.track.steps[self.step], _CATEGORIES[self.step])
        return False

    def _lose(self) -> bool:
        """End the deal, unless the customer comes back."""
        self._go(self.rng.choice(self.track.lost), "OMIT")
        self._set("closed_lost_reason", self.rng.choice(names.LOST_REASONS))
        if self.rng.random() > 0.06 or not self._wait():
            return True
        self.step = min(self.step, len(self.track.steps) - 1)
        self._go(self.track.steps[self.step], _CATEGORIES[self.step])
        self._set("closed_lost_reason", "")
        return False

    def _go(self, stage: str, category: str) -> None:
        self.portal.move(self.deal, stage, self.at, user_id=self.owner.user_id)
        self.portal.set(
            self.deal,
            "hs_manual_forecast_category",
            category,
            self.at,
            source="AUTOMATION_PLATFORM",
        )

    def _set(self, name: str, value: str) -> None:
        self.portal.set(self.deal, name, value, self.at, user_id=self.owner.user_id)

    def _small_changes(self) -> None:
        if self.at > self.closes:
            self.closes = self.at + timedelta(days=self.rng.choice((14, 30, 30, 60)))
            self._set("closedate", iso(epoch_ms(self.closes)))
        amount = self.portal.deal(self.deal).value("amount")
        if amount and self.rng.random() < 0.25:
            changed = round(float(amount) * self.rng.uniform(0.7, 1.25), -2)
            self._set("amount", f"{changed:.0f}")
        if self.rng.random() < 0.4:
            self._set("hs_next_step", self.rng.choice(names.NEXT_STEPS))
        if self.rng.random() < 0.04:
            self.owner = self.rng.choice(self.heirs)
            self._set("hubspot_owner_id", str(self.owner.id))

    def _stay_in_touch(self) -> None:
        """What activities leave behind on the deal itself."""
        self._set("notes_last_contacted", iso(epoch_ms(self.at)))
        if self.rng.random() < 0.5:
            meeting = self.at + timedelta(days=self.rng.randrange(1, 15))
            self._set("engagements_last_meeting_booked", iso(epoch_ms(meeting)))
            self._set("notes_next_activity_date", iso(epoch_ms(meeting)))


def in_office_hours(rng: random.Random, at: datetime) -> datetime:
    """The next instant of a working day after `at`, between seven and four o'clock UTC."""
    day = at + timedelta(days=7 - at.weekday() if at.weekday() > 4 else 0)
    midnight = day.replace(hour=0, minute=0, second=0, microsecond=0)
    hours = timedelta(milliseconds=rng.randrange(7 * 3_600_000, 16 * 3_600_000))
    later = midnight + hours
    return later if later > at else in_office_hours(rng, midnight + timedelta(days=1))
