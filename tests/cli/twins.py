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
from connector.sandbox.hubspot.records import Pipeline
from connector.sandbox.nutshell.instance import ADMIN, ADMIN_KEY
from connector.sandbox.nutshell.translation import translated

KEYS = {"TWIN_TOKEN": "pat-sandbox-read", "TWIN_KEY": ADMIN_KEY}
_FRACTION = re.compile(r"(\d\d:\d\d:\d\d)\.\d+Z")
_CONFIG = 'version = 1\nhome_currency = "{currency}"\n{accounts}\n[rates]\nSEK = 0.98\nEUR = 11.6\n'
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


def in_whole_seconds(portal: Portal) -> Portal:
    """The portal with every instant of its deals cut, since Nutshell keeps none finer."""
    for deal in portal.deals.values():
        deal.created, deal.modified = _cut(deal.created), _cut(deal.modified)
        for name, versions in deal.history.items():
            deal.history[name] = [
                each._replace(at=_cut(each.at), value=_FRACTION.sub(r"\1Z", each.value))
                for each in versions
            ]
    return portal


def without_the_gone(portal: Portal) -> Portal:
    """The portal without archived and merged deals: Nutshell tells no values of deleted leads."""
    for deal in [each for each in portal.deals.values() if not each.listed()]:
        portal.purge(deal.id)
    for deal in portal.deals.values():
        deal.merged = ()
    return portal


def _cut(ms: int) -> int:
    return ms // 1000 * 1000


@dataclass(frozen=True, slots=True)
class Twins:
    """The databases of a portal, of its twin, and of both together, each in a folder of its own.

    `names` are the ids of the portal by those of the instance.
    """

    folder: Path
    names: Mapping[str, str]
    as_of: str

    def report(self, which: str, *asked: str) -> Any:
        """A report of "hubspot", "nutshell" or "both", decoded, its ids the portal's."""
        answer = io.StringIO()
        config = str(self.folder / which / "config.toml")
        when = () if "--from" in asked and "waterfall" in asked else ("--as-of", self.as_of)
        with redirect_stdout(answer):
            code = main(["--config", config, "--json", "report", *asked, *when])
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


def pulled(folder: Path, portal: Portal, as_of: str) -> Twins:
    """Serve a portal and its twin on one port, and pull each and both."""
    instance = translated(portal)
    with Sandbox(portal, instance=instance, clock=portal.clock) as sandbox:
        given = {
            "url": sandbox.url,
            "user": ADMIN,
            "zone": portal.time_zone,
            "currency": portal.currency,
        }
        hubspot, nutshell = _HUBSPOT.format(name="twin", **given), _NUTSHELL.format(name="twin", **given)
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
    return Twins(folder, _names(portal, instance), as_of)


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
        if "cancel" in stage.label or stage.label == "Ikke aktuelt":
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
        case list(), list() if len(one) == len(other):
            for each, twin in zip(_in_order(one), _in_order(other), strict=True):
                yield from differences(each, twin, f"{place}[]")
        case list(), list():
            told, twins = ([json.dumps(row) for row in rows] for rows in (one, other))
            for row in {*told} ^ {*twins}:
                here = json.loads(row)
                yield Difference(f"{place}[]", *((here, None) if row in told else (None, here)))
        case float() | int(), float() | int():
            if not isclose(one, other, rel_tol=1e-9):
                yield Difference(place, one, other)
        case _ if one != other:
            yield Difference(place, one, other)


def _in_order(rows: list[Any]) -> list[Any]:
    """Rows by their names: groups of one size stand in the order of ids, which the twins lack."""
    if not all(isinstance(row, dict) for row in rows):
        return rows
    return sorted(rows, key=lambda row: [str(v) for v in row.values() if isinstance(v, str | bool)])
