"""A Nutshell instance whose stages nobody but an admin can set right, and the plan for it."""

from datetime import UTC, datetime

from connector.model import (
    Binding,
    Capability,
    Outcome,
    Pipeline,
    PipelineState,
    Process,
    ProcessStage,
    Remote,
    Stage,
)
from connector.reconcile.checklist import checklist
from connector.reconcile.comparison import compare
from connector.reconcile.drift import Drift, DriftKind
from connector.reconcile.planner import plan
from connector.reconcile.work_orders import namesakes, wish_of, work_orders
from connector.reconcile.work_review import Closed, Ending, Known
from connector.reconcile.work_steps import Worklist
from connector.report.document import Document
from connector.report.plan import plan_document

NOW = datetime(2026, 11, 21, 8, 10, tzinfo=UTC)
EARLY = datetime(2026, 11, 2, 7, 30, tzinfo=UTC)
REMOTE = Remote(
    "nutshell", "379104", "Acme Inc.", "Nutshell instance", "America/New_York", "USD", NOW
)


def _own(number: int, label: str) -> Stage:
    id = f"{number}-stages"
    return Stage(id, label, None, Outcome.OPEN, number, writable=False, weighted=False)


def _statuses(pipeline: str) -> tuple[Stage, ...]:
    of = {"writable": False, "weighted": False, "configured": False}
    return (
        Stage(f"{pipeline}:won", "Won", 1.0, Outcome.WON, **of),
        Stage(f"{pipeline}:lost", "Lost", 0.0, Outcome.LOST, **of),
        Stage(f"{pipeline}:cancelled", "Cancelled", 0.0, Outcome.LOST, cancelled=True, **of),
    )


def _live() -> tuple[Pipeline, ...]:
    labels = ("New lead", "Offer sent", "Demo held", "Contract sent", "Parked", "Old stage")
    sales = tuple(_own(101 + at, label) for at, label in enumerate(labels))
    return (
        Pipeline("1-stagesets", "Default pipeline", (*sales, *_statuses("1-stagesets"))),
        Pipeline(
            "2-stagesets",
            "Renewals",
            (_own(201, "Due"), _own(202, "*Agreed*"), *_statuses("2-stagesets")),
            state=PipelineState.DRAFT,
        ),
    )


def _process(
    key: str, label: str, stages: tuple[tuple[str, str], ...], binding: Binding
) -> Process:
    chances = (0.1, 0.3, 0.5, 0.7, 0.8)
    own = tuple(
        ProcessStage(name, words, chance)
        for (name, words), chance in zip(stages, chances, strict=False)
    )
    ends = (
        ProcessStage("won", "Contract signed", 1.0, Outcome.WON),
        ProcessStage("lost", "Lost", 0.0, Outcome.LOST),
    )
    return Process(key, label, "en", (*own, *ends), bindings=(binding,))


def _processes() -> tuple[Process, ...]:
    pins = {
        "booked": "101-stages",
        "examined": "102-stages",
        "offered": "103-stages",
        "received": "104-stages",
    }
    sales = (
        ("booked", "Meeting booked"),
        ("evaluated", "Evaluated by team"),
        ("offered", "Offer sent"),
        ("examined", "Demo held"),
        ("received", "Contract received"),
    )
    return (
        _process(
            "new-business",
            "New business",
            sales,
            Binding("usa", "1-stagesets", "en", stages=pins),
        ),
        _process(
            "renewal",
            "Renewals",
            (("due", "Due"), ("agreed", "Agreed")),
            Binding("usa", "2-stagesets", "en", stages={"due": "201-stages"}),
        ),
        _process(
            "partners",
            "Partners",
            (("met", "Met"), ("agreed", "Agreed")),
            Binding("usa", "9-stagesets", "en", stages={"met": "901-stages"}),
        ),
    )


def _ended(processes: tuple[Process, ...]) -> tuple[Closed, ...]:
    def known(kind: DriftKind, wanted: object, stage: str, label: str) -> Known:
        place = ("usa", "1-stagesets", "Default pipeline")
        drift = Drift(kind, *place, wanted, None, "new-business", stage, "x", label)
        return Known(drift, wish_of(drift, processes), EARLY, EARLY)

    renamed = known(DriftKind.LABEL, "Contract received", "104-stages", "Contract sent")
    added = known(DriftKind.STAGE_MISSING, "Qualified", "105-stages", "Qualified")
    day, next_day = (datetime(2026, 11, day, 7, 30, tzinfo=UTC) for day in (20, 21))
    return (
        Closed(renamed, Ending.DONE, next_day, day),
        Closed(added, Ending.UNWANTED, next_day, None),
    )


def work_report() -> Document:
    """A plan with every kind of step, two orders that ended, and a stage that waits for its pin."""
    live, processes = _live(), _processes()
    deals = {("1-stagesets", "105-stages"): 12}
    can = frozenset({Capability.CONFIDENCE})
    drifts = compare(processes, "usa", live)
    made = plan(drifts, processes, "usa", REMOTE.id, live, can, deals)
    orders = work_orders(made.refusals, processes)
    work = Worklist(
        checklist(orders, processes, live),
        {order.wish: NOW if order.drift.key == "booked" else EARLY for order in orders},
        lately=_ended(processes),
        namesakes=namesakes(refusal.drift for refusal in made.refusals),
    )
    return plan_document(made, REMOTE, live, None, "9f2b" * 16, NOW, {}, work=work)
