"""One sales process in two CRMs: it corrects the one and asks an admin to correct the other."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from connector.cli.main import main
from connector.sandbox import Instance, Portal, Sandbox, VirtualClock
from connector.sandbox.hubspot.records import Stage, epoch_ms
from connector.sandbox.nutshell.instance import ADMIN, ADMIN_KEY
from connector.sandbox.nutshell.records import Status

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
BORN = NOW - timedelta(days=90)
CONFIG = """\
version = 1

[accounts.norge]
crm = "hubspot"
token = {{ env = "NORGE_TOKEN" }}
base_url = "{url}"

[accounts.usa]
crm = "nutshell"
user = "{user}"
key = {{ env = "USA_KEY" }}
currency = "NOK"
base_url = "{url}"
"""
PROCESS = """\
version = 1
key = "new-business"
label = "Nysalg"
language = "nb"
labels = {{ en = "New business" }}

[[stage]]
key = "met"
label = "Møte avtalt"
labels = {{ en = "Meeting booked" }}
probability = 0.2

[[stage]]
key = "examined"
label = "Produkt undersøkt"
labels = {{ en = "Product examined" }}
probability = 0.5

[[stage]]
key = "signed"
label = "Kontrakt signert"
labels = {{ en = "Contract signed" }}
probability = 1.0
outcome = "won"

[[stage]]
key = "lost"
label = "Tapt"
labels = {{ en = "Lost" }}
probability = 0.0
outcome = "lost"

[[bindings]]
account = "norge"
pipeline = "sales"
language = "nb"
manage = ["label", "probability"]
stages = {{ met = "met", examined = "examined", signed = "signed", lost = "lost" }}

[[bindings]]
account = "usa"
pipeline = "{pipeline}"
language = "en"
stages = {{ met = "{met}", examined = "{examined}" }}
"""


class Companies:
    """The two accounts behind one address, and the folder that binds one process to both."""

    def __init__(self, folder: Path, capture: pytest.CaptureFixture[str]) -> None:
        self.clock = VirtualClock(NOW)
        self.portal, self.instance = _portal(), Instance()
        names = ("Qualify", "Product examined")
        self.pipeline = self.instance.pipelines.add_pipeline("New business", names, at=BORN)
        self.met, self.examined = self.instance.pipelines.stages_of(self.pipeline.id)
        self._deals()
        self.sandbox = Sandbox(self.portal, instance=self.instance, clock=self.clock)
        self._folder, self._capture = folder, capture

    def set_up(self) -> None:
        """Write the files of the folder."""
        config = CONFIG.format(url=self.sandbox.url, user=ADMIN)
        (self._folder / "config.toml").write_text(config, "utf-8")
        (self._folder / "mappings").mkdir()
        ids = {"pipeline": f"{self.pipeline.id}-stagesets"}
        ids |= {key: f"{getattr(self, key).id}-stages" for key in ("met", "examined")}
        process = self._folder / "mappings" / "new-business.toml"
        process.write_text(PROCESS.format(**ids), "utf-8")

    def run(self, *arguments: str, code: int = 0) -> str:
        """Run one command that ends with this code; returns all it says."""
        self._capture.readouterr()
        ended = main(["--config", str(self._folder / "config.toml"), *arguments])
        out, err = self._capture.readouterr()
        assert ended == code, err
        return out + err

    def _deals(self) -> None:
        won = self.instance.catalogue.add_outcome("Won", Status.WON)
        for n in range(6):
            at = BORN + timedelta(days=n)
            deal = self.portal.add_deal({"dealname": f"Avtale {n}", "amount": "1000"}, at).id
            lead = self.instance.add_lead(f"Deal {n}", self.met.id, amount="1000", at=at)
            self.portal.move(deal, "met", at)
            if n % 2:
                self.portal.move(deal, "signed", at + timedelta(days=5))
                self.instance.close(lead.id, won.id, at=at + timedelta(days=5))


def _portal() -> Portal:
    portal, born = Portal(), epoch_ms(BORN)
    stages = [
        Stage("met", "Møte", 0, "0.4", born, born),
        Stage("examined", "Produkt undersøkt", 1, "0.5", born, born),
        Stage("signed", "Kontrakt signert", 2, "1.0", born, born),
        Stage("lost", "Tapt", 3, "0.0", born, born),
    ]
    portal.add_pipeline("Nysalg", stages, id="sales", at=BORN)
    return portal


@pytest.fixture
def companies(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Companies]:
    monkeypatch.setenv("NORGE_TOKEN", "pat-sandbox-write")
    monkeypatch.setenv("USA_KEY", ADMIN_KEY)
    made = Companies(tmp_path, capsys)
    with made.sandbox:
        made.set_up()
        yield made


def test_one_process_reads_as_one_in_both_crms(companies):
    """A report over both accounts counts the deals of both in the one funnel of the process."""
    companies.run("pull")
    text = companies.run("report", "time-in-stage")
    assert re.search(r"Accounts\s+norge\s+usa\n", text)
    assert re.search(r"Møte avtalt\s+12\s", text)


def test_drift_in_both_is_corrected_here_and_asked_for_there(companies, tmp_path):
    """HubSpot is written to; Nutshell's drift is a work order, which the pull after it closes."""
    companies.run("pull")
    drift = companies.run("drift", "--exit-code", code=3)
    assert "Qualify" in drift
    assert "Møte" in drift

    file = str(tmp_path / "plan.json")
    companies.run("plan", "--account", "norge", "-o", file)
    fingerprint = json.loads(Path(file).read_text("utf-8"))["fingerprint"]
    companies.run("apply", file, "--confirm", fingerprint)
    met = next(stage for stage in companies.portal.pipelines["sales"].stages if stage.id == "met")
    assert (met.label, met.probability) == ("Møte avtalt", "0.2")
    assert "There is nothing to write." in companies.run("plan", "--account", "norge")

    orders = companies.run("plan", "--account", "usa", "--format", "markdown")
    assert re.search(r"- \[ \] .*Qualify.*Meeting booked", orders)
    companies.clock.advance(timedelta(days=1))
    waiting = "1 work order open, the oldest since 2026-11-20"
    assert waiting in companies.run("pull", "--account", "usa")

    companies.instance.pipelines.rename_stage(companies.met.id, "Meeting booked")
    companies.clock.advance(timedelta(days=1))
    assert "1 work order done" in companies.run("pull", "--account", "usa")
    assert "No drift" in companies.run("drift", "--account", "usa")
    assert not [path for method, path in companies.sandbox.requests if method == "PUT"]
