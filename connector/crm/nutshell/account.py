"""The Nutshell instance a key opens, as the `meta` of every listing tells it."""

from connector.crm.answers import Answer
from connector.crm.nutshell import endpoints, shapes
from connector.crm.nutshell.attributes import currency_of
from connector.crm.transport import Query, Transport
from connector.model import Remote

_ONE: Query = [("page[page]", "0"), ("page[limit]", "1")]


def one_lead(transport: Transport) -> Answer:
    """The shortest listing of leads there is."""
    return transport.read("GET", endpoints.LEADS, _ONE)


def read_account(
    transport: Transport, time_zone: str | None = None, currency: str | None = None
) -> Remote:
    """The instance behind a key; it tells no time zone, and a currency only with its leads."""
    answer = one_lead(transport)
    remote = _instance(answer) or _instance_of_events(transport)
    leads = shapes.records(shapes.rows(answer, "leads"))
    return Remote(
        crm="nutshell",
        id=remote,
        name=f"Nutshell {remote}",
        kind="Nutshell",
        time_zone=time_zone or "UTC",
        currency=currency or next(map(currency_of, leads), "") or "USD",
        now=answer.now,
    )


def _instance(answer: Answer) -> str:
    return shapes.text(shapes.meta(shapes.body_of(answer)).get("instanceId"))


def _instance_of_events(transport: Transport) -> str:
    """The instance as the log of events names it, for a listing of leads without an envelope."""
    answer = transport.read("GET", endpoints.EVENTS, [("limit", "1")])
    if remote := _instance(answer):
        return remote
    raise answer.bad("no meta.instanceId, which tells one account from another")


def read_total(transport: Transport) -> int | None:
    """How many leads there are; None where the listing does not say."""
    return shapes.number(shapes.meta(shapes.body_of(one_lead(transport))).get("total"))
