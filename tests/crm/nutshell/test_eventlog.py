"""The log of events by lead, packed."""

from connector.crm.nutshell.attributes import Attributes
from connector.crm.nutshell.client import open_transport
from connector.crm.nutshell.eventlog import EventLog
from connector.crm.nutshell.events import EventReader, Told
from connector.crm.nutshell.names import Names
from tests.crm.nutshell.conftest import BORN, DAY, FIELDS, KEY, USER, a_stage, an_event


def a_log() -> EventLog:
    names = Names(open_transport(USER, KEY))
    return EventLog(EventReader(Attributes(FIELDS, names), names))


def test_an_event_that_comes_twice_counts_once():
    """`max_id` is inclusive, and a walk may be made again (Nutshell facts 5.1, 2026-11)."""
    log = a_log()
    moved = an_event(40, 0, ("stage", a_stage(101), a_stage(105)))
    assert log.add(moved) == log.add(moved) == ("1003-leads",)
    (told,) = log.of("1003-leads")
    assert told == Told(
        40, BORN * 1000, "23-origins", (("before stage", "101-stages"), ("stage", "105-stages"))
    )


def test_a_log_knows_how_far_it_reaches():
    """Also by events of others; what has no date does not count."""
    log = a_log()
    for number, day in ((7, 3), (5, 1), (9, 2)):
        log.add(an_event(number, day * DAY, lead=number))
    log.add({**an_event(99, 0), "createdTime": None})
    assert (log.newest, log.reaches_back_to) == (9, (BORN + DAY) * 1000)
    assert log.of("1003-leads") == []
    assert [unread.field for unread in log.unread("1003-leads")] == ["events"]


def test_a_log_is_packed():
    """A hundred thousand leads fit into memory beside everything else."""
    log = a_log()
    for number in range(1000):
        log.add(an_event(number, number, ("stage", a_stage(101), a_stage(105)), lead=number % 200))
    assert sum(len(packed) for packed in log._packed.values()) < 1000 * 110
    assert len(log.of("7-leads")) == 5
