"""Open leads with the confidences they are known to have had."""

from dataclasses import replace

from connector.model import Change, Page
from connector.store.lead_confidences import open_leads

FIELDS = ("stage", "pipeline", "amount", "close_date", "owner", "forecast_category", "confidence")


def pull(norge, *deals, at=100):
    run = norge.begin(at, fields=FIELDS)
    norge.promote(run, Page(deals))


def test_a_lead_comes_with_its_place_and_history(norge, deal, day):
    """Where it stands since when, what it is worth at home, and every confidence in order."""
    told = deal("1-leads", ("met", 1), ("offered", 7), amount="1500.5", owner="1-users")
    said = (
        Change("confidence", "0.42", day(1)),
        Change("confidence", "0.3", day(8), by="1-users"),
        Change("confidence", "0.5", day(9), day(8.5)),
    )
    pull(norge, deal_with(told, said), deal("2-leads", ("won", 2)))
    (lead,) = open_leads(norge.db, norge.id, ["met", "offered"])
    place = (lead.id, lead.name, lead.pipeline, lead.stage)
    assert place == ("1-leads", "Deal 1-leads", "sales", "offered")
    assert (lead.owner, lead.amount) == ("1-users", 1500.5)
    assert (lead.created, lead.entered, lead.entered_after) == (day(1), day(7), None)
    assert lead.confidences == said


def test_whether_events_tell_of_confidences_at_all_is_known_by_any_lead(norge, deal, day):
    """What a lead was made with, and what a pull saw, tell nothing of that."""
    made = Change("confidence", "0.2", day(1))
    seen = Change("confidence", "0.5", day(9), day(1))
    closed = deal("2-leads", ("won", 2))
    pull(norge, deal_with(deal("1-leads", ("met", 1)), (made, seen)), closed)
    assert [lead.told for lead in open_leads(norge.db, norge.id, ["met"])] == [False]
    set_later = Change("confidence", "0.9", day(2.5))
    pull(norge, deal_with(closed, (set_later,)), at=101)
    assert [lead.told for lead in open_leads(norge.db, norge.id, ["met"])] == [True]


def test_an_entry_of_which_only_an_interval_is_known_says_so(norge, deal, day):
    """Somewhere in (entered_after, entered]."""
    known = deal("1-leads", ("met", 1))
    moved = deal_with(known, (Change("stage", "offered", day(7), day(5)),))
    pull(norge, moved)
    (lead,) = open_leads(norge.db, norge.id, ["offered"])
    assert (lead.entered, lead.entered_after, lead.confidences) == (day(7), day(5), ())


def test_other_accounts_stages_and_leads_that_are_gone_are_not_asked_for(norge, deal, day):
    """Only what is open and lies in one of the stages."""
    pull(norge, deal("1-leads", ("met", 1)), deal("2-leads", ("met", 1), archived_at=day(3)))
    assert [lead.id for lead in open_leads(norge.db, norge.id, ["met"])] == ["1-leads"]
    assert open_leads(norge.db, norge.id, []) == ()
    assert open_leads(norge.db, norge.id + 1, ["met"]) == ()


def deal_with(known, changes):
    return replace(known, changes=(*known.changes, *changes))


def test_a_lead_opened_again_where_it_lay_had_not_left_its_stage(norge, deal, day, sales):
    """Being won is a status here, no stage; a stage it came back to from another one is entered."""
    stages = tuple(replace(each, configured=each.id != "won") for each in sales.stages)
    reopened = deal("1-leads", ("met", 1), ("offered", 3), ("won", 5), ("offered", 8))
    back = deal("2-leads", ("offered", 1), ("met", 3), ("won", 5), ("offered", 8))
    norge.pull(reopened, back, pipelines=(replace(sales, stages=stages),))
    leads = open_leads(norge.db, norge.id, ["offered"])
    assert [(lead.id, lead.entered) for lead in leads] == [
        ("1-leads", day(3)),
        ("2-leads", day(8)),
    ]
