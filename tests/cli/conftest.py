"""A folder as a user has it, bound to a made-up company on a sandbox of its own."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests

from connector.cli import demo
from connector.cli.main import main
from connector.sandbox import Portal, Sandbox, company


@dataclass
class Project:
    """Runs commands in the folder as the user would, and keeps what they print."""

    folder: Path
    sandbox: Sandbox
    capture: pytest.CaptureFixture[str]
    out: str = ""
    err: str = ""

    @property
    def portal(self) -> Portal:
        return self.sandbox.portal

    def run(self, *arguments: str) -> int:
        """Run one command; returns its exit code."""
        self.capture.readouterr()
        code = main(["--config", str(self.folder / "config.toml"), *arguments])
        self.out, self.err = self.capture.readouterr()
        return code

    def ok(self, *arguments: str) -> str:
        """Run one command that must end well; returns its answer."""
        assert self.run(*arguments) == 0, self.err
        return self.out

    def json(self, *arguments: str) -> Any:
        """Run one command that must end well; returns its answer, decoded."""
        return json.loads(self.ok("--json", *arguments))

    def rename(self, pipeline: str, stage: str, label: str) -> None:
        """Rename a stage in the CRM, as somebody else would."""
        place = f"/crm/pipelines/2026-09/deals/{pipeline}/stages/{stage}"
        key = {"Authorization": f"Bearer {demo.KEYS['NORDLYS_WRITE_TOKEN']}"}
        answer = requests.patch(
            self.sandbox.url + place, json={"label": label, "metadata": {}}, headers=key, timeout=10
        )
        answer.raise_for_status()

    def path(self, name: str) -> str:
        """A file in the folder, as an argument."""
        return str(self.folder / name)

    def writes(self) -> list[tuple[str, str]]:
        """Every request so far that could have changed a pipeline."""
        return [
            (method, path)
            for method, path in self.sandbox.requests
            if "/pipelines/" in path and method != "GET"
        ]


@pytest.fixture
def project(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Project]:
    for variable, key in demo.KEYS.items():
        monkeypatch.setenv(variable, key)
    with Sandbox(company(0, deals=300)) as sandbox:
        demo.set_up(tmp_path, sandbox.url)
        yield Project(tmp_path, sandbox, capsys)
