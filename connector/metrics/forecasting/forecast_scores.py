"""How right forecasts were: one of a period, and many of them together.

Values are hundredths of money. E = F − A is the error of a forecast F of what was won, A.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

Rep = TypeVar("Rep")


def accuracy(forecast: float, actual: float) -> float | None:
    """HubSpot's forecast accuracy, max(0, 1 − |A − F| / A); None at A = 0."""
    return max(0.0, 1 - abs(actual - forecast) / actual) if actual else None


def ratio(forecast: float, actual: float) -> float | None:
    """Gong's F / A; None at A = 0."""
    return forecast / actual if actual else None


@dataclass(frozen=True, slots=True)
class Scored:
    """One forecast with what came of it; `naive` is None where no period was known to go by.

    `missed` is Σ|E| over the reps who were forecast something or won something.
    """

    forecast: float
    actual: float
    naive: float | None
    missed: float

    @property
    def error(self) -> float:
        """F − A."""
        return self.forecast - self.actual


@dataclass(frozen=True, slots=True)
class Scores:
    """Several forecasts of one kind and horizon; a score is None where its denominator is 0.

    `bias` is ΣE/ΣA, `wape` Σ|E|/ΣA, `rep_wape` the same with |E| taken rep by rep, `ratio` ΣF/ΣA.
    `skill` is 1 − Σ|E|/Σ|E of the naive forecast| over the `compared` periods that have one.
    """

    periods: int
    bias: float | None
    wape: float | None
    rep_wape: float | None
    ratio: float | None
    skill: float | None
    compared: int


def scores(scored: Sequence[Scored]) -> Scores:
    """The scores of forecasts together."""
    won = sum(each.actual for each in scored)
    against = [(each, each.naive) for each in scored if each.naive is not None]
    naive = sum(abs(guess - each.actual) for each, guess in against)
    ours = sum(abs(each.error) for each, _ in against)
    return Scores(
        periods=len(scored),
        bias=_over(sum(each.error for each in scored), won),
        wape=_over(sum(abs(each.error) for each in scored), won),
        rep_wape=_over(sum(each.missed for each in scored), won),
        ratio=_over(sum(each.forecast for each in scored), won),
        skill=1 - ours / naive if naive else None,
        compared=len(against),
    )


def missed(forecast: Mapping[Rep, float], actual: Mapping[Rep, float]) -> float:
    """Σ|E| over everybody with a forecast or a win."""
    return sum(abs(forecast.get(rep, 0) - actual.get(rep, 0)) for rep in {*forecast, *actual})


def _over(value: float, whole: float) -> float | None:
    return value / whole if whole else None
