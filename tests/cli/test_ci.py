"""The examples of docs/ci.md do what they say."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from lxml import etree

TEXT = (Path(__file__).parents[2] / "docs" / "ci.md").read_text("utf-8")
EXAMPLES = [yaml.safe_load(block) for block in re.findall(r"```yaml\n(.*?)```", TEXT, re.S)]
SCHEMA = etree.XMLSchema(etree.parse(Path(__file__).parents[1] / "data" / "junit.xsd"))


def scripts():
    """The lines of each job that run connector."""
    github, gitlab = EXAMPLES
    jobs = {f"github {name}": job["steps"] for name, job in github["jobs"].items()}
    lines = {name: [step.get("run", "") for step in steps] for name, steps in jobs.items()}
    lines |= {f"gitlab {name}": job["script"] for name, job in gitlab.items()}
    return {name: [x for x in each if x.startswith("connector ")] for name, each in lines.items()}


@pytest.mark.parametrize("job", [name for name in scripts() if "nightly" not in name])
def test_a_job_of_the_docs_reviews_a_plan(project, job):
    """Each line runs in a shell, goes on after drift, and leaves valid JUnit and a plan to read."""
    environment = os.environ | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    for line in scripts()[job]:
        command = ["bash", "-eo", "pipefail", "-c", line]
        done = subprocess.run(
            command, cwd=project.folder, env=environment, capture_output=True, check=False
        )
        assert done.returncode == 0, done.stderr
    document = etree.parse(project.folder / "drift.xml")
    SCHEMA.assertValid(document)
    assert int(document.getroot()[0].get("failures")) > 0
    assert (project.folder / "plan.md").read_text("utf-8").startswith("# Plan for nordlys")
    assert project.writes() == []


def test_the_nightly_job_may_fail_by_drift_alone(project):
    """The exit code GitLab is told to tolerate is the one that drift ends with."""
    nightly = EXAMPLES[1]["nightly drift"]
    line = scripts()["gitlab nightly drift"][0]
    assert project.run(*line.split()[1:]) in nightly["allow_failure"]["exit_codes"]


def test_junit_survives_any_name_in_the_crm(project):
    """A stage named to break XML is a case like every other one."""
    project.rename("74120663", "741206634", ']]><x a="&\x1b[31m\x07')
    document = etree.fromstring(project.ok("drift", "--format", "junit").encode())
    SCHEMA.assertValid(document)
    assert any("]]><x" in case.get("name") for case in document.iter("testcase"))
