"""REST endpoints about what leads point to: stages, pipelines, users, outcomes, products, sources.

Nutshell fact, 2026-11: none of them is paged, lists come wrapped, and nothing here is written.
"""

from collections.abc import Callable, Iterable
from typing import Any, Protocol, TypeVar

from connector.sandbox.http import Response
from connector.sandbox.nutshell.call import Call, Missing, envelope
from connector.sandbox.nutshell.records import Stageset
from connector.sandbox.nutshell.shapes import (
    named_shape,
    outcome_shape,
    stage_shape,
    stageset_shape,
    user_shape,
)


class _Numbered(Protocol):
    @property
    def id(self) -> int: ...


Record = TypeVar("Record", bound=_Numbered)


def stages(call: Call) -> Response:
    """All stages of all pipelines, drafts and retired ones too, or some by id."""
    pipelines = call.instance.pipelines
    listed = [stage for each in pipelines.stagesets for stage in pipelines.stages_of(each)]
    return _answer(call, "stages", listed, pipelines.stages.values(), stage_shape)


def stagesets(call: Call) -> Response:
    """All pipelines, or some by id; one hidden from the user says so with `canAccess`."""
    known = list(call.instance.pipelines.stagesets.values())

    def shape(stageset: Stageset) -> dict[str, Any]:
        hidden = (call.user.id, stageset.ref) in call.instance.people.hidden
        return stageset_shape(call.instance, stageset, access=not hidden)

    return _answer(call, "stagesets", known, known, shape)


def users(call: Call) -> Response:
    """All users, those who have left too, or some by id."""
    known = list(call.instance.people.users.values())
    return _answer(call, "users", known, known, user_shape)


def outcomes(call: Call) -> Response:
    """All ways to end a lead, or some by id."""
    known = list(call.instance.catalogue.outcomes.values())
    return _answer(call, "outcomes", known, known, outcome_shape)


def products(call: Call) -> Response:
    """All products, or some by id."""
    known = list(call.instance.catalogue.products.values())
    return _answer(call, "products", known, known, named_shape)


def sources(call: Call) -> Response:
    """All sources, or some by id."""
    known = list(call.instance.catalogue.sources.values())
    return _answer(call, "sources", known, known, named_shape)


def _answer(
    call: Call,
    resource: str,
    listed: Iterable[Record],
    known: Iterable[Record],
    shape: Callable[[Record], dict[str, Any]],
) -> Response:
    if "ids" not in call.names:
        return envelope(call, resource, [shape(each) for each in listed])
    ids = call.ids()
    found = [each for each in known if each.id in ids]
    if not found:
        raise Missing
    return envelope(call, resource, [shape(each) for each in found])
