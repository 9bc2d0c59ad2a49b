"""The words for what a plan holds back or leaves to a person, and for what to do about it."""

from connector.reconcile.drift import Drift, DriftKind
from connector.reconcile.plan import Hazard, Held, Plan, Reason, Refusal
from connector.report.document import Cell, Count, CrmText, phrase
from connector.report.drift_words import CRMS, side
from connector.report.names import Names

_HAZARDS = {
    Hazard.OUTCOME: "deals lie in the stage, and whether they count as open, won or lost changes",
    Hazard.LEAP: "the probability moves by more than 25 points",
    Hazard.BULK: "more than half of the pipeline's stages would be edited",
    Hazard.CREATE: "a stage would be created, and connector never deletes one",
}

_PAGES = {
    "hubspot": "Settings > Objects > Deals > Pipelines",
    "nutshell": "Setup > Pipelines",
}

# What a binding must list under `manage` before connector corrects a drift of this kind.
_MANAGED_AS = {
    DriftKind.LABEL: "label",
    DriftKind.PROBABILITY: "probability",
    DriftKind.OUTCOME: "probability",
    DriftKind.ORDER: "order",
    DriftKind.STAGE_MISSING: "create",
}

_REASONS = {
    Reason.NOT_MANAGED: 'its binding does not list "{managed}" under manage',
    Reason.NOT_PINNED: "its binding names no stage ids; connector process pin proposes them",
    Reason.LABEL_TAKEN: 'the label belongs to another stage, which keeps it: "{holder}"',
    Reason.HOLDS_DEALS: "deals lie in it: {deals}",
    Reason.CANNOT_WRITE: "{crm} does not let connector write it",
    Reason.CHANGED_SINCE: "somebody has changed it since",
}
_REASONS_BY_KIND = {
    (DriftKind.PIPELINE_WITHOUT_PROCESS, Reason.NOT_MANAGED): "no process is bound to it",
    (DriftKind.PIPELINE_MISSING, Reason.CANNOT_WRITE): "connector writes stages, never pipelines",
    (DriftKind.PIPELINE_LABEL, Reason.CANNOT_WRITE): "connector writes stages, never pipelines",
    (DriftKind.PIPELINE_INACTIVE, Reason.CANNOT_WRITE): "connector writes stages, never pipelines",
    (DriftKind.STAGE_UNKNOWN, Reason.CANNOT_WRITE): "connector never deletes a stage",
    (DriftKind.OUTCOME, Reason.CANNOT_WRITE): "{crm} derives it from the probability",
}
# Where leads are won and lost by their status, which a closing stage of the process stands for by
# itself; one that is pinned to a stage of Nutshell's asks for what cannot be.
_BY_STATUS = {
    ("nutshell", DriftKind.OUTCOME): (
        "Nutshell wins and loses leads by their status, in no stage",
        "take the pin of the stage out of the process file, so that it stands for the status",
    ),
}
_NEVER_PULLED = "not known, never pulled"

_BY_HAND = {
    DriftKind.PIPELINE_MISSING: 'create the pipeline "{desired}", or bind the process to another',
    DriftKind.PIPELINE_WITHOUT_PROCESS: "nothing; connector process import makes a process of it",
    DriftKind.PIPELINE_LABEL: 'rename the pipeline to "{desired}"',
    DriftKind.PIPELINE_INACTIVE: "make the pipeline active, or bind the process to another",
    DriftKind.STAGE_MISSING: 'add the stage "{desired}"',
    DriftKind.STAGE_UNKNOWN: "move its deals and delete it, or add it to the process",
    DriftKind.LABEL: 'rename the stage to "{desired}"',
    DriftKind.PROBABILITY: "set the probability to {desired}",
    DriftKind.ORDER: "drag the stages into this order: {desired}",
    DriftKind.OUTCOME: "set the stage to {desired}",
}
_ADMIN_PAGE = "Where to do it by hand: in {crm}, {page}."

_NEXT_APPLY = "Next: connector apply {file}"
_NEXT_SAVE = "Next: connector plan --account {account} -o plan.json, then connector apply plan.json"
_NEXT_ALLOW = (
    "Next: connector plan --account {account} with the --allow options of what you want changed"
)
_NOTHING = "There is nothing to write."


def held_because(held: Held) -> str:
    """Every hazard of a held change in words."""
    return "; ".join(_HAZARDS[hazard] for hazard in held.hazards)


def allow_options(held: Held) -> Cell:
    """The options that turn a held change into one."""
    stage = next((drift.key for drift in held.drifts if drift.key), held.change.stage)
    return CrmText(" ".join(f"--allow {hazard}:{stage}" for hazard in held.hazards))


def refused_because(refusal: Refusal, crm: str) -> Cell:
    """Why connector will not correct a drift."""
    kind = refusal.drift.kind
    by_kind = _REASONS_BY_KIND.get((kind, refusal.reason), _REASONS[refusal.reason])
    holder, deals = refusal.data.get("holder_label", ""), refusal.data.get("deals")
    return phrase(
        _BY_STATUS.get((crm, kind), (by_kind, ""))[0],
        managed=_MANAGED_AS.get(kind),
        holder=CrmText(str(holder)),
        deals=_NEVER_PULLED if deals is None else Count(int(deals)),
        crm=CRMS.get(crm, crm),
    )


def by_hand(drift: Drift, names: Names, crm: str) -> Cell:
    """What an admin does in the CRM, or somebody in the process file, to end a drift."""
    _, words = _BY_STATUS.get((crm, drift.kind), ("", _BY_HAND[drift.kind]))
    return phrase(words, desired=side(drift, drift.desired, names))


def page(crm: str) -> str:
    """The page of a CRM's settings on which an admin edits pipelines."""
    return _PAGES.get(crm, "Settings")


def admin_page(crm: str) -> Cell:
    """Where in a CRM an admin edits pipelines."""
    return phrase(_ADMIN_PAGE, crm=CRMS.get(crm, crm), page=page(crm))


def next_step(plan: Plan, file: str | None) -> Cell:
    """What to do with the plan now."""
    match plan:
        case Plan(changes=(), held=(), leads=()):
            return _NOTHING
        case Plan(changes=(), leads=()):
            return phrase(_NEXT_ALLOW, account=plan.account)
        case _ if file:
            return phrase(_NEXT_APPLY, file=file)
        case _:
            return phrase(_NEXT_SAVE, account=plan.account)
