"""One account with everything in it, and the reports about it."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from connector.errors import NotAuthorised
from connector.model import (
    BEGINNING,
    Binding,
    CreateStage,
    EditStage,
    Outcome,
    Pipeline,
    PipelineVersion,
    Process,
    ProcessStage,
    Remote,
    Stage,
    StageValues,
)
from connector.reconcile.acceptance import Acceptance, Accepted, Lapsed, Standing
from connector.reconcile.drift import Drift, DriftKind
from connector.reconcile.fights import Fight
from connector.reconcile.origin import Origin, Origins
from connector.reconcile.plan import (
    Hazard,
    Held,
    Impact,
    Plan,
    Planned,
    Reason,
    Refusal,
    Weighted,
)
from connector.reconcile.revisions import Write, revisions
from connector.reconcile.sightings import Seen, Status, mark_of
from connector.report.application import application_document
from connector.report.doctor import doctor_document
from connector.report.drift import drift_document
from connector.report.drift_standing import History, accepted_document
from connector.report.failure import failure_document
from connector.report.findings import Check, Code, Level, finding
from connector.report.history import history_document, moment_document
from connector.report.plan import plan_document
from connector.report.processes import process_document, processes_document
from connector.report.runs import FightLine, JobLine, RunLine, StepLine, jobs_document, run_document
from tests.report import (
    flow_world,
    forecast_world,
    lead_report_world,
    outcome_world,
    stay_world,
    work_world,
)

AT = datetime(2026, 11, 21, 2, 10, tzinfo=UTC)


@pytest.fixture
def remote():
    return Remote("hubspot", "1234567", "Acme Norge AS", "STANDARD", "Europe/Oslo", "NOK", AT)


@pytest.fixture
def live():
    new = Pipeline(
        "default",
        "Nysalg",
        (
            Stage("appointmentscheduled", "Appointment Scheduled", 0.4, Outcome.OPEN, 0),
            Stage("examined", "Vurdert av teamet", 0.4, Outcome.OPEN, 1),
            Stage("evaluated", "Produkt undersøkt", 0.6, Outcome.OPEN, 2),
            Stage("decisionmakerboughtin", "Venter på svar", 0.6, Outcome.OPEN, 4),
            Stage("closedwon", "Closed won", 0.5, Outcome.OPEN, 6),
        ),
    )
    return (new, Pipeline("778899", "Old pipeline", ()))


def drift(kind, desired, live, stage=None, key=None, label="", **place):
    place = {"pipeline": "default", "pipeline_label": "Nysalg", "process": "new-business"} | place
    return Drift(
        kind,
        "norge",
        desired=desired,
        live=live,
        stage=stage,
        key=key,
        stage_label=label,
        **place,
    )


@pytest.fixture
def drifts():
    """One drift of every kind."""
    first = {
        "stage": "appointmentscheduled",
        "key": "meeting-booked",
        "label": "Appointment Scheduled",
    }
    key_account = {
        "pipeline": "9912345",
        "pipeline_label": "Nøkkelkunder",
        "process": "key-account",
    }
    old = {"pipeline": "778899", "pipeline_label": "Old pipeline", "process": None}
    order = ("appointmentscheduled", "evaluated", "examined", "closedwon")
    shuffled = ("appointmentscheduled", "examined", "evaluated", "closedwon")
    return {
        each.kind: each
        for each in (
            drift(DriftKind.PIPELINE_LABEL, "New business", "Nysalg"),
            drift(DriftKind.LABEL, "Møte avtalt", "Appointment Scheduled", **first),
            drift(DriftKind.PROBABILITY, 0.25, 0.4, **first),
            drift(
                DriftKind.STAGE_MISSING,
                "Kontrakt mottatt",
                None,
                stage="new-business-contract-received",
                key="contract-received",
                label="Kontrakt mottatt",
            ),
            drift(
                DriftKind.STAGE_UNKNOWN,
                None,
                "Venter på svar",
                stage="decisionmakerboughtin",
                label="Venter på svar",
            ),
            drift(DriftKind.ORDER, order, shuffled),
            drift(
                DriftKind.OUTCOME,
                "won",
                "open",
                stage="closedwon",
                key="contract-signed",
                label="Closed won",
            ),
            drift(DriftKind.PIPELINE_MISSING, "Nøkkelkunder", None, **key_account),
            drift(DriftKind.PIPELINE_WITHOUT_PROCESS, None, "Old pipeline", **old),
        )
    }


@pytest.fixture
def work_report():
    """What a plan leaves to an admin of Nutshell."""
    return work_world.work_report()


@pytest.fixture
def plan(drifts):
    """Changes with a temporary label and a move, both shapes of held ones, every refusal."""

    def edit(stage, before, after):
        return EditStage("default", stage, StageValues(**before), StageValues(**after))

    def of(*kinds):
        return tuple(drifts[kind] for kind in kinds)

    swap = drift(DriftKind.LABEL, "Produkt undersøkt", "Vurdert av teamet", stage="examined")
    back = drift(DriftKind.LABEL, "Vurdert av teamet", "Produkt undersøkt", stage="evaluated")
    to_examine = {"label": "Produkt undersøkt"}
    to_evaluate = {"label": "Vurdert av teamet"}
    parked = {"label": "Vurdert av teamet (connector 1)"}
    return Plan(
        "norge",
        "1234567",
        changes=(
            Planned(
                edit(
                    "appointmentscheduled",
                    {"label": "Appointment Scheduled", "probability": 0.4},
                    {"label": "Møte avtalt", "probability": 0.25},
                ),
                of(DriftKind.LABEL, DriftKind.PROBABILITY),
            ),
            Planned(edit("examined", to_evaluate, parked), ()),
            Planned(edit("evaluated", to_examine, to_evaluate), (back,)),
            Planned(edit("examined", parked, to_examine), (swap,)),
            Planned(edit("examined", {"slot": 1}, {"slot": 3}), of(DriftKind.ORDER)),
        ),
        held=(
            Held(
                edit(
                    "closedwon",
                    {"label": "Closed won", "probability": 0.5},
                    {"label": "Kontrakt signert", "probability": 1.0},
                ),
                of(DriftKind.OUTCOME),
                (Hazard.OUTCOME, Hazard.LEAP, Hazard.BULK),
            ),
            Held(
                CreateStage(
                    "default",
                    "new-business-contract-received",
                    StageValues("Kontrakt mottatt", 0.8, 5),
                ),
                of(DriftKind.STAGE_MISSING),
                (Hazard.CREATE,),
            ),
        ),
        refusals=(
            Refusal(drifts[DriftKind.PIPELINE_LABEL], Reason.CANNOT_WRITE),
            Refusal(drifts[DriftKind.LABEL], Reason.NOT_PINNED),
            Refusal(
                drifts[DriftKind.LABEL],
                Reason.LABEL_TAKEN,
                {"holder": "decisionmakerboughtin", "holder_label": "Møte avtalt"},
            ),
            Refusal(drifts[DriftKind.PROBABILITY], Reason.NOT_MANAGED),
            Refusal(drifts[DriftKind.PROBABILITY], Reason.CANNOT_WRITE),
            Refusal(drifts[DriftKind.PROBABILITY], Reason.CHANGED_SINCE),
            Refusal(drifts[DriftKind.STAGE_MISSING], Reason.NOT_MANAGED),
            Refusal(drifts[DriftKind.PIPELINE_MISSING], Reason.CANNOT_WRITE),
            Refusal(drifts[DriftKind.STAGE_UNKNOWN], Reason.HOLDS_DEALS, {"deals": 1037}),
            Refusal(drifts[DriftKind.STAGE_UNKNOWN], Reason.HOLDS_DEALS),
            Refusal(drifts[DriftKind.STAGE_UNKNOWN], Reason.CANNOT_WRITE),
            Refusal(drifts[DriftKind.ORDER], Reason.NOT_MANAGED),
            Refusal(drifts[DriftKind.OUTCOME], Reason.CANNOT_WRITE),
            Refusal(drifts[DriftKind.PIPELINE_WITHOUT_PROCESS], Reason.NOT_MANAGED),
        ),
    )


@pytest.fixture
def impact():
    return Impact(
        touched=37,
        opening=0,
        closing=2,
        modified=1412,
        pipelines=(Weighted("default", None, 37, 18_400_000.0, 16_100_000.4),),
        owners=(
            Weighted("default", "11", 20, 10_400_000.0, 9_100_000.0),
            Weighted("default", "12", 10, 8_000_000.0, 7_000_000.0),
            Weighted("default", None, 7, 0.0, 0.4),
        ),
    )


@pytest.fixture
def origins(drifts):
    """An origin of every sort: by name, by number, by nobody known, ours, seen and long ago."""
    then, before = datetime(2026, 10, 2, 12, 11, tzinfo=UTC), datetime(2026, 10, 1, 1, tzinfo=UTC)
    found = {
        DriftKind.LABEL: Origin(then, by="7"),
        DriftKind.PROBABILITY: Origin(then, by="4711"),
        DriftKind.PIPELINE_LABEL: Origin(then),
        DriftKind.ORDER: Origin(then, by="7", run=12),
        DriftKind.STAGE_UNKNOWN: Origin(then, before),
        DriftKind.OUTCOME: Origin(then, BEGINNING),
        DriftKind.PIPELINE_WITHOUT_PROCESS: Origin(then, before, run=12),
    }
    of = {drifts[kind].id: origin for kind, origin in found.items()}
    return Origins(of, {"7": "Kari Nordmann"})


@pytest.fixture
def drift_report(drifts, remote, live, origins):
    return drift_document(tuple(drifts.values()), "norge", remote, live, AT, origins=origins)


@pytest.fixture
def versions(live):
    """A pipeline from first known to removed, each version by another sort of hand or none."""
    new = live[0]
    first, demo = new.stages[0], Stage("demo", "Demo", 0.2, Outcome.OPEN)
    won = replace(new.stages[4], probability=1.0, outcome=Outcome.WON)
    shapes = (
        replace(new, label="Sales Pipeline", stages=(first, won)),
        replace(new, stages=(first, demo, won)),
        replace(new, stages=(demo, first, replace(won, probability=0.8, outcome=Outcome.LOST))),
        replace(new, stages=(replace(first, label="Møtt"), replace(won, writable=False))),
        replace(new, stages=(replace(first, label="Met", probability=0.3), won)),
    )
    at = [datetime(2026, month, 1, 9, 30, tzinfo=UTC) for month in range(5, 11)]
    hands = ((None, BEGINNING), ("7", None), ("4711", None), (None, at[2]), (None, None))
    rows = zip(shapes, at, at[1:], hands, strict=False)
    return tuple(
        PipelineVersion(shape, since, by, not_before, until)
        for shape, since, until, (by, not_before) in rows
    )


@pytest.fixture
def history_report(versions, remote):
    change = EditStage(
        "default",
        "appointmentscheduled",
        StageValues("Møtt", 0.4),
        StageValues("Met", 0.3),
    )
    write = Write(12, change, versions[4].at, versions[4].at)
    told = revisions(versions, [write])[::-1]
    return history_document(told, "norge", remote, {"7": "Kari Nordmann"}, AT)


@pytest.fixture
def moment_report(versions, live, remote):
    long_ago = PipelineVersion(live[1], AT, None, BEGINNING)
    odd = replace(live[1], id="9", label="Odd", stages=(Stage("o", "Odd", None, Outcome.OPEN),))
    shown = (versions[2], long_ago, PipelineVersion(odd, AT, None, BEGINNING))
    then = datetime(2026, 7, 15, tzinfo=UTC)
    return moment_document(shown, "norge", remote, {"7": "Kari Nordmann"}, then)


@pytest.fixture
def history(drifts):
    """A drift of every status, one accepted with its outcome, and one acceptance of each lapse."""
    at = {kind: drift.id for kind, drift in drifts.items()}
    early = datetime(2026, 11, 3, 23, 30, tzinfo=UTC)

    def given(kind, until):
        mark = mark_of(drifts[kind])
        return Acceptance(mark, "Legal wants the old name", "Kari", early, until)

    return History(
        seen={drift.id: Seen(Status.NEW, AT) for drift in drifts.values()}
        | {
            at[DriftKind.PROBABILITY]: Seen(Status.OPEN, early),
            at[DriftKind.ORDER]: Seen(Status.BACK, AT, early),
        },
        accepted=(
            Accepted(drifts[DriftKind.LABEL], given(DriftKind.LABEL, date(2026, 12, 31))),
            Accepted(drifts[DriftKind.OUTCOME], given(DriftKind.OUTCOME, date(2026, 11, 21))),
        ),
        lapsed={
            at[DriftKind.PROBABILITY]: Lapsed(
                given(DriftKind.PROBABILITY, date(2026, 11, 20)), Standing.EXPIRED
            ),
            at[DriftKind.ORDER]: Lapsed(
                given(DriftKind.ORDER, date(2026, 12, 1)), Standing.CHANGED
            ),
        },
    )


@pytest.fixture
def open_drifts(drifts, history):
    accepted = [each.drift for each in history.accepted]
    return tuple(drift for drift in drifts.values() if drift not in accepted)


@pytest.fixture
def standing_report(open_drifts, history, remote, live):
    return drift_document(open_drifts, "norge", remote, live, AT, history)


@pytest.fixture
def accepted_report(history):
    given = [
        (each.acceptance, stands)
        for each, stands in zip(
            (*history.accepted, *history.lapsed.values()), Standing, strict=True
        )
    ]
    return accepted_document("norge", "Europe/Oslo", given)


@pytest.fixture
def failure_report():
    return failure_document("norge", NotAuthorised("HubSpot does not accept the key."))


@pytest.fixture
def plan_report(plan, remote, live, impact):
    owners = {"11": "Kari Nordmann"}
    return plan_document(plan, remote, live, impact, "9f2b" * 16, AT, owners, "plan.json")


@pytest.fixture
def lead_plan_report():
    """A plan of leads."""
    return lead_report_world.lead_plan()


@pytest.fixture
def lead_apply_report():
    """A run that wrote leads."""
    return lead_report_world.lead_apply()


@pytest.fixture
def time_report():
    return stay_world.time_report()


@pytest.fixture
def calibration_report():
    return stay_world.calibration_report()


@pytest.fixture
def process():
    won = ProcessStage("won", "Kontrakt signert", 1.0, Outcome.WON)
    return Process("new-business", "Nysalg", "nb", (won,), bindings=(Binding("norge", "1", "nb"),))


@pytest.fixture
def processes_report(process):
    return processes_document((process,))


@pytest.fixture
def process_report(process):
    return process_document(process, "nb")


@pytest.fixture
def apply_report(plan, live):
    ended = tuple((planned.change, "done", "") for planned in plan.changes)
    return application_document("norge", 7, live, ended)


@pytest.fixture
def doctor_report():
    findings = (
        finding(Check.LOCK, Code.LOCK_FREE),
        finding(Check.LAST_PULL, Code.PULL_NEVER, Level.WARNING, account="norge"),
    )
    return doctor_document(findings, "config.toml")


@pytest.fixture
def run_report():
    """A run that served one of two accounts."""
    steps = (
        StepLine("norge", "pull", "done", 40, 61.4, "12 new deals, 230 changed"),
        StepLine("norge", "drift", "done", 2, 0.4, "3 drifts: reports/norge/drift.md"),
        StepLine("sverige", "pull", "failed", 6, 12.0, "HubSpot cannot be reached."),
        StepLine("sverige", "drift", "skipped", 0, 0.0, "the pull failed"),
    )
    reason = "sverige: pull: HubSpot cannot be reached."
    line = RunLine(date(2026, 11, 21), AT, "partly", 48, 73.8, reason)
    return run_document("nightly", line, steps)


@pytest.fixture
def jobs_report(drifts):
    """A job in order, one that failed too often, one that never ran, and a fight."""
    next_run = AT + timedelta(days=1)
    done = RunLine(date(2026, 11, 21), AT, "done", 42, 61.8, "")
    failed = RunLine(date(2026, 11, 21), AT, "failed", 6, 12.0, "sverige: pull: no answer")
    lines = (
        JobLine("nightly", "Europe/Oslo", done, AT, next_run, too_old=False),
        JobLine("sverige", "Europe/Stockholm", failed, AT - timedelta(days=3), next_run, True),
        JobLine("reports", "Europe/Oslo", None, None, next_run, too_old=False),
    )
    fight = Fight(drifts[DriftKind.LABEL], 3, AT, 1, settled=True)
    fights = [FightLine("norge", "Europe/Oslo", fight)]
    return jobs_document(lines, AT, alive=True, zone="Europe/Oslo", fights=fights)


@pytest.fixture
def win_rate_report():
    return outcome_world.win_rate_report()


@pytest.fixture
def deal_size_report():
    return outcome_world.deal_size_report()


@pytest.fixture
def cycle_report():
    return outcome_world.cycle_report()


@pytest.fixture
def velocity_report():
    return outcome_world.velocity_report()


@pytest.fixture
def conversion_report():
    return flow_world.conversion_report()


@pytest.fixture
def adoption_report():
    return flow_world.adoption_report()


@pytest.fixture
def losses_report():
    return flow_world.losses_report()


@pytest.fixture
def reps_report():
    return flow_world.reps_report()


@pytest.fixture
def sheet_report():
    return flow_world.sheet_report()


@pytest.fixture
def forecast_report():
    return forecast_world.forecast_report()


@pytest.fixture
def forecast_accuracy_report():
    return forecast_world.forecast_accuracy_report()


@pytest.fixture
def waterfall_report():
    return forecast_world.waterfall_report()
