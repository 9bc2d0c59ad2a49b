"""Breaks the planner on purpose, one small fault at a time, and counts the faults tests catch.

Run from the root of the repository: python tests/reconcile/mutants.py
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[2]

# File, text that occurs in it once, and the fault to put in its place.
MUTANTS = (
    (
        "comparison.py",
        "live.configured and live.label != label:",
        "live.configured and live.label.casefold() != label.casefold():",
    ),
    ("comparison.py", "live.configured and live.label", "live.label"),
    ("comparison.py", "live.weighted and ", ""),
    ("comparison.py", "live.configured and live.outcome", "live.outcome"),
    (
        "comparison.py",
        "for _, live in found.pairs if live.configured",
        "for _, live in found.pairs",
    ),
    ("comparison.py", "not in taken and pipeline.state is PipelineState.ACTIVE", "not in taken"),
    ("comparison.py", "if pipeline.state is PipelineState.RETIRED:", "if False:"),
    ("comparison.py", "pin if closes_by_status(pipeline) else id_of", "pin if False else id_of"),
    ("matching.py", "key=lambda stage: stage.key not in binding.stages", "key=lambda stage: 0"),
    ("matching.py", "if not (by_status and _may_be_status(s, binding))", "if True"),
    ("matching.py", "(live.outcome, live.cancelled) == kind", "live.outcome == kind[0]"),
    ("matching.py", "(alike if live.cancelled else [])", "[]"),
    ("matching.py", "(*paired, *lacking)", "process.stages"),
    ("comparison.py", "if live != desired:", "if set(live) != set(desired):"),
    ("comparison.py", "if binding.account == account}", "if process.active}"),
    ("matching.py", "left.pop(live.id)", "left[live.id]"),
    ("matching.py", "process.active and binding", "binding"),
    ("matching.py", "None if made in binding.stages.values() else made", "made"),
    ("matching.py", "label.strip().casefold()", "label.casefold()"),
    ("matching.py", '-{digest}"', '"'),
    ("ground.py", "can and part not in self.binding.manage:", "False:"),
    ("ground.py", "can and part not in self.binding.manage:", "part not in self.binding.manage:"),
    ("ground.py", "and not self.binding.pinned", "and False"),
    ("ground.py", "return None if can else", "return None if True else"),
    ("ground.py", "{*self.ids.values(), *self.labels()}", "self.labels()"),
    ("ground.py", "None if deals is None else deals.get(", "0 if deals is None else deals.get("),
    ("ground.py", "(EVERY_STAGE, stage, *keys)", "(EVERY_STAGE, stage)"),
    ("triage.py", "stage is not None and stage.writable", "stage is not None"),
    ("triage.py", "drift.stage not in ground.terms.taken_ids", "True"),
    ("triage.py", "if deals == 0:", "if not deals:"),
    ("triage.py", "and drift.stage not in moving:", "and False:"),
    ("proposal.py", "leap > _LEAP + _ROUNDING", "leap >= _LEAP"),
    ("proposal.py", "stage.id in strayed and ground", "ground"),
    ("proposal.py", "ground.deals_in(stage.id) != 0", "False"),
    ("proposal.py", "self.stage.probability if moves else None", "self.stage.probability"),
    ("hazards.py", "all(ground.allows(hazard, edit.id)", "any(ground.allows(hazard, edit.id)"),
    ("hazards.py", "2 * len(possible.edits) >", "2 * len(possible.edits) >="),
    ("hazards.py", "2 * len(possible.edits) >", "2 * len(possible.additions) >"),
    ("hazards.py", "all(ground.allows(Hazard.BULK", "any(ground.allows(Hazard.BULK"),
    ("hazards.py", "Proposal(possible.edits, waiting.additions", "Proposal((), waiting.additions"),
    ("hazards.py", "Proposal((), safe.additions", "Proposal(safe.edits, safe.additions"),
    ("hazards.py", "give_up_labels(safe, ground)\n", "(safe, [])\n"),
    (
        "planner.py",
        "give_up_labels(propose(sound, drifts, ground), ground)",
        "(propose(sound, drifts, ground), [])",
    ),
    ("planner.py", "if order and not layout.moves else []", "if False else []"),
    ("planner.py", "    yield from writes(ahead, ground)\n", ""),
    ("labels.py", "if stage not in moving}", "if stage not in wants}"),
    ("labels.py", "keeper.setdefault(label, stage)", "keeper.get(label, stage)"),
    ("labels.py", "if _free(waiting[stage], stage, now)", "if stage"),
    ("labels.py", "if folded(name) not in avoid", "if name"),
    ("labels.py", "yield ready, now[ready], label", "yield ready, live[ready], label"),
    ("labels.py", "if other != stage)", ")"),
    (
        "relabelling.py",
        "left = Proposal(tuple(e for e in edits if e.drifts)",
        "left = Proposal(tuple(edits)",
    ),
    ("relabelling.py", "replace(change.before, label=before)", "change.before"),
    ("layout.py", "if not stage.writable}", "if False}"),
    ("layout.py", "if stage in slots\n", ""),
    ("slots.py", "return low < high and", "return"),
    ("slots.py", "room >= len(inside) and", ""),
    ("slots.py", " and immovable.isdisjoint(inside)", ""),
    ("slots.py", "max(reaching, key=len)", "min(reaching, key=len)"),
    ("slots.py", "if slot not in taken)", ")"),
    ("slots.py", "if slot < high else max(taken) + 1", "if slot < high else max(taken)"),
    ("progress.py", "(touch.after, last[touch.place])", "(touch.after,)"),
    ("progress.py", " and new not in created:", ":"),
    ("progress.py", "if seen.pipeline in slotted:", "if False:"),
    ("progress.py", "*written.get(place, ())", ""),
    ("values.py", "<= _ROUNDING", "== 0"),
    ("planfile.py", '        "seen": msgspec.to_builtins(plan.seen),\n', ""),
    ("planfile.py", '        "remote": plan.remote,\n', ""),
    ("planfile.py", "if fingerprint(plan) != sheet.fingerprint:", "if False:"),
    ("planfile.py", "character.isprintable()", "True"),
    ("undoing.py", "for value in (former, *ours)", "for value in (former, ours[-1])"),
    ("layout.py", "or standing == sorted(standing)", "or True"),
    ("undoing.py", "yield Refusal(drift, Reason.CHANGED_SINCE)\n    elif", "yield drift\n    elif"),
    ("undoing.py", "former.get(stage.id, stage.slot)", "stage.slot"),
    ("work_orders.py", "or drift.id in settled:", ":"),
    ("work_orders.py", "drift.pipeline not in unsure and", ""),
    ("work_orders.py", " and (drift.pipeline, drift.stage) not in kept", ""),
    ("work_orders.py", "if drift.kind is DriftKind.ORDER:", "if False:"),
    ("work_orders.py", "None if deals is None else int(deals)", "int(deals or 0)"),
    ("work_review.py", "if order.wish not in there:", "if True:"),
    ("work_review.py", "max(at, order.seen)", "at"),
    ("work_review.py", "if not _wanted(order, *place, pipeline):", "if False:"),
    ("work_review.py", "pipeline is None or _rests(pipeline, drift)", "pipeline is None"),
    ("work_review.py", "return not moved and _asked", "return _asked"),
    ("work_review.py", "return by_label or any", "return any"),
    ("checklist.py", "passing = stage in leaving or after", "passing = after"),
    ("checklist.py", "leaving = _leaving({*wants.values(), *new.values()}, site)", "leaving = {}"),
    ("checklist.py", "if stage not in stuck}\n    for stage, before", "}\n    for stage, before"),
    ("checklist.py", "if not holder:", "if True:"),
    ("checklist.py", "if not closes_by_status(pipeline) else {}", "if True else {}"),
    ("checklist.py", "site.order.index(before) + 1 if before else 0", "0"),
    ("checklist.py", "yield _reordering(order, site)", "pass"),
    ("checklist.py", "sites[pipeline].label = after", "pass"),
    ("drags.py", "row[-1] < rank", "row[-1] > rank"),
    ("drags.py", "and rank[stage] not in kept:", ":"),
    ("weighing.py", "stage.outcome is Outcome.OPEN and", ""),
    ("weighing.py", "if place in after:", "if place in after and planned.drifts == ():"),
)


def caught(folder: Path, file: str, before: str, after: str) -> bool:
    """Whether the suite fails on a copy of the package with this fault in it."""
    path = folder / "connector" / "reconcile" / file
    sound = path.read_text(encoding="utf-8")
    if sound.count(before) != 1:
        raise SystemExit(f"{file}: {before!r} occurs {sound.count(before)} times, not once")
    faulty = sound.replace(before, after)
    compile(faulty, file, "exec")
    path.write_text(faulty, encoding="utf-8")
    command = [sys.executable, "-B", "-m", "pytest", "tests/reconcile", "-x", "-q"]
    command += ["--hypothesis-profile=quick", "-p", "no:cacheprovider"]
    suite = subprocess.run(command, cwd=folder, capture_output=True, check=False)
    path.write_text(sound, encoding="utf-8")
    return suite.returncode != 0


def main() -> int:
    """Try every fault and name those that nothing catches."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        ignore = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / "connector", folder / "connector", ignore=ignore)
        shutil.copytree(ROOT / "tests" / "reconcile", folder / "tests/reconcile", ignore=ignore)
        shutil.copy(ROOT / "pyproject.toml", folder)
        survivors = [mutant for mutant in MUTANTS if not caught(folder, *mutant)]
    for file, before, after in survivors:
        sys.stdout.write(f"not caught: {file}: {before!r} -> {after!r}\n")
    sys.stdout.write(f"caught {len(MUTANTS) - len(survivors)} of {len(MUTANTS)}\n")
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main())
