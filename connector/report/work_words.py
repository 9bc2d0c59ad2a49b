"""The words of a list of work orders: what to do, where, and how an order ended."""

from connector.model import PipelineState
from connector.reconcile.drift import Drift, DriftKind, DriftValue
from connector.reconcile.work_orders import Namesake
from connector.reconcile.work_review import Closed, Ending
from connector.reconcile.work_steps import Act, Move, Step
from connector.report.document import (
    Cell,
    Count,
    CrmText,
    Items,
    Phrase,
    Share,
    Term,
    Tone,
    phrase,
)
from connector.report.hands import when
from connector.report.plan_words import page

_DEALS = {"nutshell": ("lead", "leads")}

_DO = {
    Act.CREATE_PIPELINE: 'Create the pipeline "{after}", make it active, and give it these stages',
    Act.ACTIVATE_PIPELINE: 'Make the pipeline "{pipeline}" active; it is {before}',
    Act.RENAME_STAGE: 'Rename the stage "{before}" to "{after}"',
    Act.ADD_STAGE: 'Add the stage "{after}" {place}',
    Act.SET_PROBABILITY: 'Set the probability of "{stage}" from {before} to {after}',
    Act.ORDER_STAGES: "Drag the stages into their order",
    Act.DELETE_STAGE: 'Delete the stage "{before}", or add it to the process file',
    Act.RENAME_PIPELINE: 'Rename the pipeline "{before}" to "{after}"',
}
_FOR_NOW = "{do}, for now, so that the name is free"
_WITH_PROBABILITY = "{do}, with a probability of {weight}"
_ACTS = {
    Act.CREATE_PIPELINE: "create the pipeline",
    Act.ACTIVATE_PIPELINE: "make the pipeline active",
    Act.RENAME_STAGE: "rename the stage",
    Act.ADD_STAGE: "add the stage",
    Act.SET_PROBABILITY: "set the probability",
    Act.ORDER_STAGES: "order the stages",
    Act.DELETE_STAGE: "delete the stage",
    Act.RENAME_PIPELINE: "rename the pipeline",
}
_MOVE = 'drag "{stage}" right behind "{behind}"'
_TO_THE_TOP = 'drag "{stage}" to the top'
_FIRST = "move the {deals} {things} in it to other stages; without that it cannot go"
_FIRST_ONE = "move the one {thing} in it to another stage; without that it cannot go"
_FIRST_UNKNOWN = "move the {things} in it, if any, to other stages; connector never counted them"
_BLOCKED = '"{holder}" is to keep that name; decide which of the two is right first'

_DONE = {
    DriftKind.PIPELINE_MISSING: 'create the pipeline "{wanted}"',
    DriftKind.PIPELINE_LABEL: 'rename the pipeline to "{wanted}"',
    DriftKind.PIPELINE_INACTIVE: "make the pipeline active",
    DriftKind.STAGE_MISSING: 'add the stage "{wanted}"',
    DriftKind.STAGE_UNKNOWN: 'delete the stage "{stage}"',
    DriftKind.LABEL: 'rename the stage "{stage}" to "{wanted}"',
    DriftKind.PROBABILITY: 'set the probability of "{stage}" to {wanted}',
    DriftKind.ORDER: "drag the stages into their order",
}
_ENDINGS = {
    Ending.DONE: Term(Ending.DONE, "done", Tone.GOOD),
    Ending.ACCEPTED: Term(Ending.ACCEPTED, "withdrawn: the drift was accepted"),
    Ending.UNWANTED: Term(Ending.UNWANTED, "withdrawn: the process wants something else by now"),
    Ending.UNBOUND: Term(Ending.UNBOUND, "withdrawn: no process is bound to the pipeline"),
    Ending.OBSOLETE: Term(Ending.OBSOLETE, "withdrawn: no longer for an admin to do"),
}
_NAME_STAGE = (
    'The stage "{label}" is there under its name. Name its id in the process file: connector'
    " process pin {process} {account} {pipeline} --stage {key}={id}"
)
_NAME_PIPELINE = (
    'The pipeline "{label}" is there under its name. Bind the process to it: connector process pin'
    " {process} {account} {id}, and take the binding to {pipeline} out of the file"
)


def where(step: Step, crm: str) -> CrmText:
    """The page of the CRM's settings on which a step is done."""
    if step.act in (Act.CREATE_PIPELINE, Act.RENAME_PIPELINE):
        return CrmText(page(crm))
    return CrmText(f"{page(crm)} > {step.pipeline}")


def act_term(step: Step) -> Term:
    """What kind of thing is done."""
    return Term(step.act, _ACTS[step.act])


def to_do(step: Step) -> Cell:
    """A step as a sentence to an admin."""
    told: Cell = phrase(
        _DO[step.act],
        pipeline=CrmText(step.pipeline),
        stage=CrmText(step.stage or ""),
        before=told_value(step.before),
        after=told_value(step.after),
        place=_place(step.behind),
    )
    if step.temporary:
        return phrase(_FOR_NOW, do=told)
    if step.act is Act.ADD_STAGE and step.weights:
        return phrase(_WITH_PROBABILITY, do=told, weight=Share(step.weights[0]))
    return told


def told_value(value: DriftValue) -> Cell:
    """One value of a step: a label, a state, a probability or labels in order."""
    match value:
        case None:
            return None
        case tuple():
            return Items(tuple(map(CrmText, value)))
        case PipelineState():
            return Term(value, "a draft" if value is PipelineState.DRAFT else str(value))
        case str():
            return CrmText(value)
        case _:
            return Share(value)


def shape(step: Step) -> Cell:
    """The stages to reach, in order, with the probabilities of new ones."""
    if step.act is Act.CREATE_PIPELINE and step.weights:
        pairs = zip(step.stages, step.weights, strict=True)
        return Items(
            tuple(Phrase((CrmText(label), ", ", Share(weight))) for label, weight in pairs)
        )
    return Items(tuple(map(CrmText, step.stages))) if step.stages else None


def drags(step: Step) -> Cell:
    """The moves that lead to an order, one after the other."""
    return Items(tuple(map(_drag, step.moves))) if step.moves else None


def first(step: Step, crm: str) -> Cell:
    """What must be done before a step can be; of a stage that goes, its deals move."""
    if step.blocked:
        return phrase(_BLOCKED, holder=CrmText(step.blocked))
    if step.act is not Act.DELETE_STAGE:
        return None
    thing, things = _DEALS.get(crm, ("deal", "deals"))
    match step.order.deals:
        case 0:
            return None
        case None:
            return phrase(_FIRST_UNKNOWN, things=things)
        case 1:
            return phrase(_FIRST_ONE, thing=thing)
        case deals:
            return phrase(_FIRST, deals=Count(deals), things=things)


def was_asked(drift: Drift) -> Cell:
    """What an order that ended had asked for."""
    return phrase(
        _DONE.get(drift.kind, "{wanted}"),
        stage=CrmText(drift.stage_label),
        wanted=told_value(drift.desired),
    )


def ending_term(closed: Closed) -> Term:
    """How an order ended."""
    return _ENDINGS[closed.ending]


def ended_when(closed: Closed, zone: str) -> Cell:
    """When an order ended, or between which readings."""
    return when(closed.at, closed.not_before, zone)


def to_name(twin: Namesake) -> Cell:
    """What to write into the process file where a name alone is there."""
    drift = twin.missing
    return phrase(
        _NAME_STAGE if drift.kind is DriftKind.STAGE_MISSING else _NAME_PIPELINE,
        label=told_value(drift.desired),
        process=drift.process,
        account=drift.account,
        pipeline=CrmText(drift.pipeline),
        key=drift.key,
        id=CrmText(twin.id),
    )


def _place(behind: str | None) -> Cell:
    return (
        "at the top" if behind is None else phrase('right behind "{stage}"', stage=CrmText(behind))
    )


def _drag(move: Move) -> Cell:
    stage = CrmText(move.stage)
    if move.behind is None:
        return phrase(_TO_THE_TOP, stage=stage)
    return phrase(_MOVE, stage=stage, behind=CrmText(move.behind))
