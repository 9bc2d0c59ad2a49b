"""One company in two CRMs: a HubSpot portal, and the Nutshell instance of the same deals."""

import io
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from math import isclose
from pathlib import Path
from typing import Any, NamedTuple

from connector.cli.main import main
from connector.sandbox import Instance, Portal, Sandbox
from connector.sandbox.hubspot.records import Pipeline
from connector.sandbox.nutshell.instance import ADMIN, ADMIN_KEY
from connector.sandbox.nutshell.translation import translated
from tests.cli.poorer import is_cancelled

WHICH = ("hubspot", "nutshell", "both")
KEYS = {"TWIN_TOKEN": "pat-sandbox-read", "TWIN_KEY": ADMIN_KEY}
# Cells of words that say what stands in other cells of the row.
_TOLD = {"most_often", "kind_label", "new_told"}
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


@dataclass(frozen=True, slots=True)
class Served:
    """A portal and its twin on one port, and the folders in which each and both are accounts."""

    folder: Path
    portal: Portal
    instance: Instance

    def pull(self) -> None:
        """Pull each by itself and both together."""
        for which in WHICH:
            assert main(["--config", str(self.folder / which / "config.toml"), "pull"]) == 0

    def twins(self, before: str, as_of: str) -> Twins:
        """The databases as they are, for reports of two days."""
        return Twins(self.folder, _names(self.portal, self.instance), before, as_of)


@contextmanager
def serving(folder: Path, portal: Portal) -> Iterator[Served]:
    """Serve a portal and its twin, with a folder for each and for both."""
    instance = translated(portal)
    with Sandbox(portal, instance=instance, clock=portal.clock) as sandbox:
        _write(folder, portal, instance, sandbox.url)
        yield Served(folder, portal, instance)


def _write(folder: Path, portal: Portal, instance: Instance, url: str) -> None:
    """The configuration and the processes of the three folders."""
    given = {"url": url, "user": ADMIN, "zone": portal.time_zone, "currency": portal.currency}
    hubspot, nutshell = (text.format(name="twin", **given) for text in (_HUBSPOT, _NUTSHELL))
    other = _NUTSHELL.format(name="other", **given)
    own = {pipeline: pipeline for pipeline in portal.pipelines}
    ids = dict(zip(own, _pipelines(instance), strict=True))
    accounts = (hubspot, nutshell, hubspot + other)
    bound = ([("twin", own)], [("twin", ids)], [("twin", own), ("other", ids)])
    for which, account, places in zip(WHICH, accounts, bound, strict=True):
        mappings = folder / which / "mappings"
        mappings.mkdir(parents=True)
        text = _CONFIG.format(accounts=account, currency=portal.currency)
        (folder / which / "config.toml").write_text(text, "utf-8")
        for pipeline in portal.pipelines.values():
            bindings = [(name, of[pipeline.id]) for name, of in places]
            (mappings / f"p{pipeline.id}.toml").write_text(_process(pipeline, bindings), "utf-8")


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
        case list(), list():
            yield from _of_rows(one, other, place)
        case _ if not _same(one, other):
            yield Difference(place, one, other)


def _of_rows(one: list[Any], other: list[Any], place: str) -> Iterator[Difference]:
    """Row by row where they are about the same; else those that the other has not."""
    if _named(one) == _named(other):
        for row, twin in zip(_in_order(one), _in_order(other), strict=True):
            kind = row.get("kind", "") if isinstance(row, dict) else ""
            yield from differences(row, twin, f"{place}[{kind}]")
        return
    for row in [each for each in one if each not in other]:
        yield Difference(f"{place}[]", row, None)
    for row in [each for each in other if each not in one]:
        yield Difference(f"{place}[]", None, row)


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
