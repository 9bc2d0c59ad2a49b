"""REST endpoints that read leads: the listing, leads by id, the time one spent in each stage."""

from typing import Any

from connector.sandbox.http import Response
from connector.sandbox.nutshell.call import MOST, Call, Missing, envelope
from connector.sandbox.nutshell.filters import wanted
from connector.sandbox.nutshell.records import Lead
from connector.sandbox.nutshell.shapes import lead_shape, stage_shape, stageset_shape

PAGE = 50  # INFERRED: how many without page[limit]


def list_leads(call: Call) -> Response:
    """List leads of every status, a page at a time, from page 0.

    Nutshell fact, 2026-11: `count` is not the number on the page, and past the end it stays.
    """
    page = call.whole("page[page]", 0)
    limit = call.whole("page[limit]", PAGE, MOST)
    found = wanted(call, call.instance.visible(call.user))
    shown = found[page * limit : (page + 1) * limit]
    meta = {"count": len(found), "total": len(found)}
    return envelope(call, "leads", [lead_shape(call.instance, lead) for lead in shown], meta)


def get_leads(call: Call) -> Response:
    """Answer leads by id; INFERRED: of several those that are there, 404 where none is."""
    instance = call.instance
    found = [instance.leads[each] for each in call.ids() if each in instance.leads]
    seen = [lead for lead in found if instance.sees(call.user, lead)]
    if not seen:
        raise Missing
    return envelope(call, "leads", [lead_shape(instance, lead) for lead in seen])


def lead_stages(call: Call) -> Response:
    """Tell how long a lead was in each stage of its pipeline.

    INFERRED: `timeSpent` goes with `stages`, in seconds, stays in one stage summed.
    """
    lead, pipelines = call.lead(), call.instance.pipelines
    stageset = pipelines.stagesets[pipelines.stages[lead.stage].stageset]
    stages = pipelines.stages_of(stageset.id)
    spent = _spent(lead, call.instance.now())
    meta = {
        "timeSpent": [_span(spent.get(stage.id, 0)) for stage in stages],
        "stageset": stageset_shape(call.instance, stageset),
    }
    shapes = [
        stage_shape(stage) | {"numSteps": 0, "canAdvanceStage": stage.id == lead.stage}
        for stage in stages
    ]
    return envelope(call, "stages", shapes, meta)


def _spent(lead: Lead, now: int) -> dict[int, int]:
    spent: dict[int, int] = {}
    ends = [stay.since for stay in lead.stays[1:]] + [now]
    for stay, end in zip(lead.stays, ends, strict=True):
        if stay.stage is not None:
            spent[stay.stage] = spent.get(stay.stage, 0) + end - stay.since
    return spent


def _span(seconds: int) -> dict[str, Any]:
    days = round(seconds / 86_400, 1)
    return {
        "formatted": f"{days} days",
        "prefix": "",
        "suffix": " days",
        "value": seconds,
        "unit": "seconds",
    }
