"""Random accounts: live pipelines, processes bound to them, and what may be done about them."""

from dataclasses import dataclass, replace
from functools import partial
from itertools import accumulate

from hypothesis import strategies as st

from connector.model import (
    Binding,
    Capability,
    Outcome,
    Pipeline,
    PipelineState,
    Process,
    ProcessStage,
    Stage,
)
from connector.reconcile.comparison import compare
from connector.reconcile.drift import Drift
from connector.reconcile.plan import EVERY_STAGE, Allowance, Hazard, Plan
from connector.reconcile.planner import plan
from tests.reconcile.portal import Portal, with_probability

ACCOUNT, REMOTE = "norge", "1234567"
EVERYTHING = frozenset((hazard, EVERY_STAGE) for hazard in Hazard)

WORDS = tuple("ABCDEFGHIJKLMNOP")
PROBABILITIES = (0.0, 0.1, 0.2, 0.35, 0.5, 0.6, 0.8, 0.9, 1.0)


@dataclass(frozen=True)
class World:
    """One account and everything a plan for it depends on."""

    processes: tuple[Process, ...]
    pipelines: tuple[Pipeline, ...]
    can: frozenset[Capability]
    deals: dict[tuple[str, str], int] | None
    allow: frozenset[Allowance]

    def portal(self) -> Portal:
        return Portal.of(self.pipelines)

    def drifts(self, portal: Portal) -> tuple[Drift, ...]:
        return compare(self.processes, ACCOUNT, portal.live())

    def plan(self, portal: Portal, allow: frozenset[Allowance] | None = None) -> Plan:
        return plan(
            self.drifts(portal),
            self.processes,
            ACCOUNT,
            REMOTE,
            portal.live(),
            self.can,
            self.deals,
            self.allow if allow is None else allow,
        )


SPELLING = st.sampled_from(("{}", "{}", "{}", " {}", "{} "))
WORD_LIST = st.lists(st.sampled_from(WORDS), min_size=1, max_size=12, unique=True)
PROBABILITY = st.sampled_from(PROBABILITIES)
PROBABILITY_OR_NONE = st.sampled_from((*PROBABILITIES, None))
CAPABILITIES = st.sampled_from((True, True, True, False)).flatmap(
    lambda all_of_them: (
        st.just(frozenset(Capability))
        if all_of_them
        else st.frozensets(st.sampled_from(list(Capability)))
    )
)
PIN = st.sampled_from(("live", "live", "live", "live", "live", "live", "gone", "made"))
ONCE_IN_TEN = st.integers(0, 9).map(lambda number: number == 9)
HAZARDS = st.frozensets(st.sampled_from(list(Hazard)))
NAMES = st.sampled_from(("key-0", "key-1", "key-2", "sales-0", "sales-1", EVERY_STAGE))
ALLOWANCES = st.one_of(
    st.just(EVERYTHING),
    HAZARDS.map(lambda hazards: frozenset((hazard, EVERY_STAGE) for hazard in hazards)),
    st.frozensets(st.tuples(st.sampled_from(list(Hazard)), NAMES), max_size=8),
)


STATES = st.sampled_from(PipelineState)


def statuses(pipeline: str) -> tuple[Stage, ...]:
    """What stands for the statuses of deals, as the Nutshell adapter gives them."""
    status = partial(Stage, slot=None, writable=False, weighted=False, configured=False)
    return (
        status(f"{pipeline}:won", "Won", 1.0, Outcome.WON),
        status(f"{pipeline}:lost", "Lost", 0.0, Outcome.LOST),
        status(f"{pipeline}:cancelled", "Cancelled", 0.0, Outcome.LOST, cancelled=True),
    )


@st.composite
def pipelines(draw: st.DrawFn, name: str, tame: bool) -> Pipeline:
    """A live pipeline; all spellings of a word are one label to the CRM, so words are unique."""
    words = draw(WORD_LIST)
    gaps = draw(st.lists(st.integers(1, 3), min_size=len(words), max_size=len(words)))
    slots = range(len(words)) if draw(st.booleans()) else [n - 1 for n in accumulate(gaps)]
    stages = []
    for number, (word, slot) in enumerate(zip(words, slots, strict=True)):
        label = draw(SPELLING).format(word)
        stage = Stage(f"{name}-{number}", label, None, Outcome.OPEN, slot)
        probability = draw(PROBABILITY_OR_NONE)
        if probability is not None:
            stage = with_probability(stage, probability)
        stages.append(replace(stage, writable=tame or not draw(ONCE_IN_TEN)))
    label = draw(st.sampled_from(("New business", "Renewal")))
    if not tame and draw(ONCE_IN_TEN):
        return closing_by_status(Pipeline(name, label, tuple(stages), state=draw(STATES)))
    return Pipeline(name, label, tuple(stages))


def closing_by_status(pipeline: Pipeline) -> Pipeline:
    """The pipeline as a CRM has it whose stages are all open and weigh nothing."""
    stages = (
        replace(stage, probability=None, outcome=Outcome.OPEN, writable=False, weighted=False)
        for stage in pipeline.stages
    )
    return replace(pipeline, stages=(*stages, *statuses(pipeline.id)))


@st.composite
def process_stages(draw: st.DrawFn, pipeline: Pipeline, tame: bool) -> tuple[ProcessStage, ...]:
    """Stages that share words with the live ones, so that labels are swapped and passed on."""
    live = draw(st.permutations([stage.label.strip() for stage in pipeline.stages]))
    own = [word for word in draw(WORD_LIST) if word not in live]
    words = (live if tame else live[draw(st.integers(0, 2)) :]) + own
    stages = []
    for number, word in enumerate(draw(st.permutations(words or ["A"]))[:12]):
        stage = with_probability(Stage("", "", None, Outcome.OPEN), draw(PROBABILITY))
        label = draw(SPELLING).format(word)
        stages.append(ProcessStage(f"key-{number}", label, stage.probability or 0.0, stage.outcome))
    return tuple(stages)


@st.composite
def pins(
    draw: st.DrawFn, stages: tuple[ProcessStage, ...], pipeline: Pipeline, tame: bool
) -> dict[str, str]:
    """Stage ids by key: live ones, and in wild worlds ones that are gone, and keys without."""
    live = draw(st.permutations([stage.id for stage in pipeline.stages]))
    keys = draw(st.permutations([stage.key for stage in stages]))
    paired = dict(zip(keys, live, strict=False))
    if tame:
        return paired
    choices = {key: draw(PIN) for key in keys}
    gone = {key: f"gone-{pipeline.id}-{key}" for key in keys if choices[key] == "gone"}
    return {key: paired[key] for key in paired if choices[key] == "live"} | gone


@st.composite
def processes(draw: st.DrawFn, pipeline: Pipeline, tame: bool) -> Process:
    stages = draw(process_stages(pipeline, tame))
    pinned = tame or not draw(ONCE_IN_TEN)
    binding = Binding(
        ACCOUNT,
        pipeline.id,
        "nb",
        frozenset(Capability) if tame else draw(CAPABILITIES),
        draw(pins(stages, pipeline, tame)) if pinned else {},
    )
    active = tame or not draw(ONCE_IN_TEN)
    return Process(f"of-{pipeline.id}", "New business", "nb", stages, {}, (binding,), active)


@st.composite
def worlds(draw: st.DrawFn, tame: bool = False) -> World:
    """Any account; a tame one has no strangers, all is pinned, managed, writable and allowed."""
    names = ("sales",) if draw(st.booleans()) else ("sales", "renewals")
    live = tuple(draw(pipelines(name, tame)) for name in names)
    bound = tuple(draw(processes(pipeline, tame)) for pipeline in live)
    if not tame and draw(ONCE_IN_TEN):
        bound, live = draw(st.sampled_from(((bound, live[1:]), (bound[1:], live))))
    places = [(pipeline.id, stage.id) for pipeline in live for stage in pipeline.stages]
    counts = {place: draw(st.integers(0, 2)) for place in places}
    return World(
        bound,
        live,
        frozenset(Capability) if tame else draw(CAPABILITIES),
        draw(st.sampled_from((counts, counts, None))),
        EVERYTHING if tame else draw(ALLOWANCES),
    )
