"""The `[targets]` of config.toml: what is to be won in which period, by whom."""

from collections.abc import Iterator
from datetime import date

from connector.config.shape import ConfigTable, TargetTable
from connector.metrics.outcomes.targets import Target
from connector.tomlfile import Place


def check_targets(table: ConfigTable) -> Iterator[tuple[Place, str]]:
    """Every rule targets break beyond their shape, with the place where they do."""
    for period, target in table.targets.items():
        if not (target.total or target.teams or target.owners):
            yield ("targets", period), "should say a total, teams or owners"
        if period[4:5] == "W" and not _is_week(period):
            yield ("targets", period), f"{period[:4]} has no week {period[5:]}"


def read_target(table: TargetTable) -> Target:
    """One period's targets; money becomes whole hundredths."""
    return Target(
        _hundredths(table.total) if table.total else None,
        {team: _hundredths(amount) for team, amount in table.teams.items()},
        {owner: _hundredths(amount) for owner, amount in table.owners.items()},
    )


def _is_week(period: str) -> bool:
    try:
        date.fromisocalendar(int(period[:4]), int(period[5:]), 1)
    except ValueError:
        return False
    return True


def _hundredths(amount: float) -> int:
    return round(amount * 100)
