"""What several threads want to know is asked for once."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from connector.crm.nutshell.shared import Shared
from connector.errors import NotAuthorised


def test_threads_that_want_the_same_ask_once():
    """The first asks, the others wait for its answer; later ones have it at once."""
    asked, go_on = [], threading.Event()

    def ask() -> int:
        asked.append(1)
        go_on.wait(5)
        return 7

    shared = Shared(ask)
    with ThreadPoolExecutor(4) as threads:
        waiting = [threads.submit(shared.get) for _ in range(4)]
        go_on.set()
        assert [each.result(5) for each in waiting] == [7] * 4
    assert (shared.get(), asked) == (7, [1])


def test_a_refusal_is_shared_too():
    """A key that was refused once is not tried again."""
    asked = []

    def ask() -> int:
        asked.append(1)
        raise NotAuthorised("no")

    shared = Shared(ask)
    for _ in range(3):
        with pytest.raises(NotAuthorised):
            shared.get()
    assert asked == [1]


def test_a_pull_asks_for_people_and_pipelines_once(odd):
    """Former owners come with the others, and leads are read by the pipelines that were read."""
    crm = odd.crm()
    crm.owners()
    crm.owners(former=True)
    crm.pipelines()
    odd.leads = [{"id": "1-leads"}]
    list(crm.deals(None))
    assert (odd.count("users"), odd.count("stagesets"), odd.count("findTeams")) == (1, 1, 1)
