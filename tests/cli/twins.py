"""One company in two CRMs: a HubSpot portal, and the Nutshell instance of the same deals."""

import io
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass
from math import isclose
from pathlib import Path
from typing import Any, NamedTuple

from connector.cli.main import main
from connector.sandbox import Instance, Portal, Sandbox
from connector.sandbox.hubspot.records import Pipeline, Stage, Version
from connector.sandbox.nutshell.instance import ADMIN, ADMIN_KEY
from connector.sandbox.nutshell.translation import translated

KEYS = {"TWIN_TOKEN": "pat-sandbox-read", "TWIN_KEY": ADMIN_KEY}
# Cells of words that say what stands in other cells of the row.
_TOLD = {"most_often", "kind_label", "new_told"}
_FRACTION = re.compile(r"(\d\d:\d\d:\d\d)\.\d+Z")
_CONFIG = """\
version = 1
home_currency = "{currency}"
{accounts}
[rates]
SEK = 0.98
EUR = 11.6
[privacy]
minimum_group = 1
"""
_HUBSPOT = """
[accounts.{name}]
crm = "hubspot"
token = {{ env = "TWIN_TOKEN" }}
base_url = "{url}"
requests_per_10s = 100000
[accounts.{name}.fields]
product = "product_line"
source = "hs_analytics_source"
lost_reason = "closed_lost_reason"
confidence = "hs_forecast_probability"
"""
_NUTSHELL = """
[accounts.{name}]
crm = "nutshell"
user = "{user}"
key = {{ env = "TWIN_KEY" }}
base_url = "{url}"
time_zone = "{zone}"
currency = "{currency}"
requests_per_10s = 100000
"""


def as_nutshell_can(portal: Portal) -> Portal:
    """The portal with no more in it than Nutshell can hold too."""
    _drop_the_gone(portal)
    _cut_to_seconds(portal)
    _price(portal)
    _drop_dates_of_closings(portal)
    _cancel_for_being_cancelled(portal)
    _be_confident(portal)
    return portal


def _cut_to_seconds(portal: Portal) -> None:
    """Cut every instant of the deals, since Nutshell keeps none finer."""
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


def _cancel_for_being_cancelled(portal: Portal) -> None:
    """Make the stage the reason of cancelled deals, as the outcome of a lead is."""
    for deal in portal.deals.values():
        for stage in deal.history["dealstage"]:
            known = portal.stage(stage.value)
            reason = deal.history.get("closed_lost_reason", [])
            if known and is_cancelled(known):
                deal.history["closed_lost_reason"] = [
                    each._replace(value=known.label) if each.at == stage.at else each
                    for each in reason
                ]


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


@dataclass(frozen=True, slots=True)
class Twins:
    """The databases of a portal, of its twin, and of both together, each in a folder of its own.

    `names` are the ids of the portal by those of the instance, `before` and `as_of` the days that
    reports are of.
    """

    folder: Path
    names: Mapping[str, str]
    before: str
    as_of: str

    def report(self, which: str, *asked: str) -> Any:
        """A report of "hubspot", "nutshell" or "both", decoded, its ids the portal's."""
        answer = io.StringIO()
        config = str(self.folder / which / "config.toml")
        days = {"before": self.before, "as_of": self.as_of, "year": self.as_of[:4]}
        filled = [each.format(**days) for each in (*asked, "--as-of", "{as_of}")]
        with redirect_stdout(answer):
            code = main(["--config", config, "--json", "report", *filled])
        assert code == 0, (which, asked)
        return self._named(json.loads(answer.getvalue()))

    def _named(self, value: Any) -> Any:
        match value:
            case dict():
                return {key: self._named(each) for key, each in value.items()}
            case list():
                return [self._named(each) for each in value]
            case str():
                return self.names.get(value, value)
        return value


def pulled(folder: Path, portal: Portal, before: str, as_of: str) -> Twins:
    """Serve a portal and its twin on one port, and pull each and both."""
    instance = translated(portal)
    with Sandbox(portal, instance=instance, clock=portal.clock) as sandbox:
        given = {
            "url": sandbox.url,
            "user": ADMIN,
            "zone": portal.time_zone,
            "currency": portal.currency,
        }
        hubspot = _HUBSPOT.format(name="twin", **given)
        nutshell = _NUTSHELL.format(name="twin", **given)
        both = hubspot + _NUTSHELL.format(name="other", **given)
        ids = dict(zip(portal.pipelines, _pipelines(instance), strict=True))
        for which, accounts, bound in (
            ("hubspot", hubspot, [("twin", {each: each for each in ids})]),
            ("nutshell", nutshell, [("twin", ids)]),
            ("both", both, [("twin", {each: each for each in ids}), ("other", ids)]),
        ):
            home = folder / which
            (home / "mappings").mkdir(parents=True)
            (home / "config.toml").write_text(
                _CONFIG.format(accounts=accounts, currency=portal.currency)
            )
            for pipeline in portal.pipelines.values():
                bindings = [(account, of[pipeline.id]) for account, of in bound]
                text = _process(pipeline, bindings)
                (home / "mappings" / f"p{pipeline.id}.toml").write_text(text, "utf-8")
            assert main(["--config", str(home / "config.toml"), "pull"]) == 0
    return Twins(folder, _names(portal, instance), before, as_of)


def _pipelines(instance: Instance) -> list[str]:
    return [f"{number}-stagesets" for number in instance.pipelines.stagesets]


def _process(pipeline: Pipeline, bindings: Sequence[tuple[str, str]]) -> str:
    """The pipeline's own process, so that nothing has drifted in the portal."""
    lines = ["version = 1", f'key = "p{pipeline.id}"', f"label = {_text(pipeline.label)}"]
    lines.append('language = "nb"')
    for number, stage in enumerate(sorted(pipeline.stages, key=lambda each: each.order)):
        lines += ["[[stage]]", f'key = "s{number}"', f"label = {_text(stage.label)}"]
        lines.append(f"probability = {stage.chance}")
        if stage.closed:
            lines.append(f'outcome = "{"won" if stage.chance else "lost"}"')
        elif number == 1:
            lines.append("mandatory = true")
        elif number == 3:
            lines.append("ask = true")
        if is_cancelled(stage):
            lines.append("cancelled = true")
    for account, id_ in bindings:
        lines += ["[[bindings]]", f'account = "{account}"', f'pipeline = "{id_}"']
        lines.append('language = "nb"')
    return "\n".join(lines) + "\n"


def _text(label: str) -> str:
    return json.dumps(label, ensure_ascii=False)


def _names(portal: Portal, instance: Instance) -> dict[str, str]:
    """The portal's ids of deals and owners by the instance's; leads were made in this order."""
    deals = sorted(portal.deals.values(), key=lambda deal: (deal.created, deal.id))
    leads = {
        f"{lead}-leads": str(deal.id) for lead, deal in zip(instance.leads, deals, strict=True)
    }
    owners = {owner.email: str(owner.id) for owner in portal.people.owners.values()}
    users = {
        user.ref: owners[user.email]
        for user in instance.people.users.values()
        if user.email in owners
    }
    return leads | users


class Difference(NamedTuple):
    """Where two reports differ, rows of tables not told apart, and what each says there."""

    place: str
    hubspot: Any
    nutshell: Any


def differences(one: Any, other: Any, place: str = "") -> Iterator[Difference]:
    """Every cell in which two reports differ; rows of equal names belong together."""
    match one, other:
        case dict(), dict():
            for key in {**one, **other}:
                path = f"{place}.{key}" if place else key
                yield from differences(one.get(key), other.get(key), path)
        case list(), list() if _named(one) == _named(other):
            for each, twin in zip(_in_order(one), _in_order(other), strict=True):
                kind = each.get("kind", "") if isinstance(each, dict) else ""
                yield from differences(each, twin, f"{place}[{kind}]")
        case list(), list():
            for row in [each for each in one if each not in other]:
                yield Difference(f"{place}[]", row, None)
            for row in [each for each in other if each not in one]:
                yield Difference(f"{place}[]", None, row)
        case _ if not _same(one, other):
            yield Difference(place, one, other)


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, float | int) and isinstance(other, float | int):
        return isclose(one, other, rel_tol=1e-9)
    return bool(one == other)


def _named(rows: list[Any]) -> list[str]:
    """What the rows of a table are about; a number alone is about nothing."""
    return [_name(row) for row in _in_order(rows)]


def _in_order(rows: list[Any]) -> list[Any]:
    """Rows by their names: groups of one size stand in the order of ids, which the twins lack."""
    return sorted(rows, key=_name) if all(isinstance(row, dict) for row in rows) else rows


def _name(row: Any) -> str:
    if not isinstance(row, dict):
        return ""
    told = [
        value for key, value in row.items() if key not in _TOLD and isinstance(value, str | bool)
    ]
    return json.dumps(told)
