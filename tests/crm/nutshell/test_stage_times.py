"""Nutshell's own account of the time in each stage, wherever it can be read."""

import pytest
import responses

from connector.crm.nutshell import connect
from connector.crm.nutshell.stage_times import StageTime, StageTimes
from tests.crm.nutshell.conftest import HOST, KEY, USER

STAGES = [{"id": "101-stages", "name": "Qualify"}, {"id": 105, "name": "Demo"}]


def spent(*times: tuple[object, str]) -> list[dict]:
    return [{"formatted": "", "prefix": "", "suffix": "", "value": v, "unit": u} for v, u in times]


@pytest.fixture
def times():
    def told(status: int = 200, **body: object) -> StageTimes | None:
        with responses.RequestsMock() as mock:
            mock.get(f"{HOST}/rest/leads/1003-leads/stages", json=body, status=status)
            return connect(USER, KEY).stage_times("1003-leads")

    return told


def test_the_nth_time_is_the_nth_stages(times):
    """Published, never recorded: the order and the units are INFERRED (facts 5.2, 2026-11)."""
    found = times(meta={"timeSpent": spent((3, "days"), ("2.5", "Hours"))}, stages=STAGES)
    assert found == StageTimes(
        "1003-leads",
        (StageTime("101-stages", 259_200.0, 86_400.0), StageTime("105-stages", 9000.0, 3600.0)),
    )


@pytest.mark.parametrize(
    "body",
    [
        {"meta": {}, "stages": STAGES},
        {"meta": {"timeSpent": spent((3, "days"))}, "stages": STAGES},
        {"meta": {"timeSpent": spent((3, "moons"), (1, "day"))}, "stages": STAGES},
        {"meta": {"timeSpent": spent((None, "day"), (1, "day"))}, "stages": STAGES},
        {"meta": {"timeSpent": ["a", "b"]}, "stages": STAGES},
        {"meta": {"timeSpent": []}, "stages": []},
    ],
)
def test_what_cannot_be_read_is_none(times, body):
    """Another shape than the published one is no time at all, rather than a wrong one."""
    found = times(**body)
    assert found is None or found.times == ()


def test_a_server_that_does_not_know_the_page_tells_nothing(times):
    """It is only a cross-check."""
    assert times(404) is None
