"""Random accounts: live pipelines, processes bound to them, and what may be done about them."""

from dataclasses import dataclass, replace

from hypothesis import strategies as st

from connector.model import (
    Binding,
    Capability,
    Outcome,
    Pipeline,
    Process,
    ProcessStage,
    Stage,
)
from connector.reconcile import EVERY_STAGE, Allowance, Drift, Hazard, Plan, compare, plan
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


def subsets(kind: type) -> st.SearchStrategy[frozenset]:
    return st.frozensets(st.sampled_from(list(kind))) | st.just(frozenset(kind))


def spelled(draw: st.DrawFn, word: str) -> str:
    """A label as people type it; all spellings of a word are one label to the CRM."""
    return draw(st.sampled_from((word, word, word.lower(), f" {word}", f"{word.lower()} ")))


@st.composite
def pipelines(draw: st.DrawFn, name: str, writable: bool) -> Pipeline:
    words = draw(st.lists(st.sampled_from(WORDS), min_size=1, max_size=12, unique=True))
    size = len(words)
    slots = draw(
        st.just(range(size))
        | st.lists(st.integers(0, 2 * size), min_size=size, max_size=size, unique=True).map(sorted)
    )
    stages = []
    for number, (word, slot) in enumerate(zip(words, slots, strict=True)):
        blank = Stage(f"{name}-{number}", spelled(draw, word), None, Outcome.OPEN, slot)
        probability = draw(st.sampled_from((*PROBABILITIES, None)))
        stage = blank if probability is None else with_probability(blank, probability)
        locked = not writable and draw(st.integers(0, 5)) == 0
        stages.append(replace(stage, writable=not locked))
    return Pipeline(name, draw(st.sampled_from(("New business", "Renewal"))), tuple(stages))


@st.composite
def stages_of_process(draw: st.DrawFn, least: int) -> tuple[ProcessStage, ...]:
    words = draw(st.lists(st.sampled_from(WORDS), min_size=least, max_size=12, unique=True))
    stages = []
    for number, word in enumerate(words):
        stage = with_probability(
            Stage("", "", None, Outcome.OPEN), draw(st.sampled_from(PROBABILITIES))
        )
        assert stage.probability is not None
        label = spelled(draw, word)
        stages.append(ProcessStage(f"key-{number}", label, stage.probability, stage.outcome))
    return tuple(stages)


@st.composite
def pins(
    draw: st.DrawFn, stages: tuple[ProcessStage, ...], pipeline: Pipeline, all_live: bool
) -> dict[str, str]:
    """Stage ids by key: live ones, ones that are gone, and keys left without a pin."""
    live = draw(st.permutations([stage.id for stage in pipeline.stages]))
    keys = draw(st.permutations([stage.key for stage in stages]))
    paired = dict(zip(keys, live, strict=False))
    if all_live:
        return paired
    pinned = {}
    for key in keys:
        choice = draw(st.sampled_from(("live", "live", "live", "gone", "made")))
        if choice == "live" and key in paired:
            pinned[key] = paired[key]
        elif choice == "gone":
            pinned[key] = f"gone-{pipeline.id}-{key}"
    return pinned


@st.composite
def processes(draw: st.DrawFn, pipeline: Pipeline, tame: bool) -> Process:
    stages = draw(stages_of_process(len(pipeline.stages) if tame else 1))
    pinned = tame or draw(st.booleans()) or draw(st.booleans())
    binding = Binding(
        ACCOUNT,
        pipeline.id,
        "nb",
        frozenset(Capability) if tame else draw(subsets(Capability)),
        draw(pins(stages, pipeline, tame)) if pinned else {},
    )
    active = tame or draw(st.integers(0, 9)) > 0
    return Process(f"of-{pipeline.id}", "New business", "nb", stages, {}, (binding,), active)


@st.composite
def allowances(draw: st.DrawFn) -> frozenset[Allowance]:
    names = st.sampled_from((EVERY_STAGE, "key-0", "key-1", "key-2", "sales-0", "sales-1"))
    return draw(
        st.frozensets(st.tuples(st.sampled_from(list(Hazard)), names), max_size=6)
        | st.frozensets(st.sampled_from(list(Hazard))).map(
            lambda hazards: frozenset((hazard, EVERY_STAGE) for hazard in hazards)
        )
    )


@st.composite
def worlds(draw: st.DrawFn, tame: bool = False) -> World:
    """Any account; a tame one has no strangers, all is pinned, managed, writable and allowed."""
    names = ("sales",) if draw(st.booleans()) else ("sales", "renewals")
    live = tuple(draw(pipelines(name, writable=tame)) for name in names)
    bound = tuple(draw(processes(pipeline, tame)) for pipeline in live)
    if not tame and draw(st.integers(0, 4)) == 0:
        bound, live = draw(st.sampled_from(((bound, live[1:]), (bound[1:], live))))
    counts = {(pipeline.id, s.id): draw(st.integers(0, 2)) for pipeline in live for s in pipeline.stages}
    return World(
        bound,
        live,
        frozenset(Capability) if tame else draw(subsets(Capability)),
        draw(st.sampled_from((counts, counts, None))),
        EVERYTHING if tame else draw(allowances()),
    )
