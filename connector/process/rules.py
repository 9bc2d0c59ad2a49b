"""What a process must keep to beyond its shape; each rule yields where it is broken and how.

A process with `active = false` is a draft: it may still lack open, won or lost stages, because a
pipeline taken over from a CRM can lack them. Several won stages are allowed, as HubSpot allows
them and connector never deletes a stage.
"""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from connector.errors import Fault
from connector.model import Binding, Capability, Outcome, Process
from connector.process.shape import BindingTable, ProcessTable
from connector.tomlfile import Place, Source, nearest, read

Broken = Iterator[tuple[Place, str]]

_NEEDS_PINS = ("label", "create")
_CLOSED_AT = {"won": 1.0, "lost": 0.0}
# What a CRM has nothing of; what it has but no API can write becomes work for an admin instead.
_NOT_THERE = {
    ("hubspot", Capability.CONFIDENCE): (
        "HubSpot keeps a probability with each stage and no confidence with deals;"
        ' manage "probability"'
    ),
    ("nutshell", Capability.PROBABILITY): (
        "Nutshell keeps no probability with stages, only a confidence with each lead;"
        ' manage "confidence"'
    ),
}


def check_file(process: ProcessTable) -> Broken:
    """Every rule that one file breaks by itself."""
    yield from _stage_keys(process)
    yield from _outcomes(process)
    yield from _probabilities(process)
    yield from _own_language(process)
    yield from _labels(process)
    yield from _next(process)
    yield from _key_conversions(process)
    yield from _cancelled(process)
    for index, binding in enumerate(process.bindings):
        yield from _binding(process, ("bindings", index), binding)


def check_together(files: Iterable[tuple[Source, ProcessTable]]) -> Iterator[Fault]:
    """Every rule that files break between them: keys and bound pipelines are given out once."""
    keys: dict[str, str] = {}
    bound: dict[tuple[str, str], str] = {}
    for source, process in files:
        first = keys.setdefault(process.key, source.file)
        if first != source.file:
            yield source.fault(("key",), f'"{process.key}" is already the key of {first}')
        for index, binding in enumerate(process.bindings if process.active else []):
            first = bound.setdefault((binding.account, binding.pipeline), source.file)
            if first != source.file:
                yield source.fault(
                    ("bindings", index, "pipeline"), f"is already bound by {first}, active too"
                )


def check_bindings(processes: Iterable[Process], crms: Mapping[str, str]) -> tuple[Fault, ...]:
    """What active processes ask of accounts that those cannot be; `crms` is account name to CRM."""
    faults: list[Fault] = []
    for process in processes:
        if process.active and (broken := tuple(_misbound(process, crms))):
            # A process does not know its lines; its file is read again, as this is seldom.
            faults += read(Path(process.file)).faults(broken)
    return tuple(faults)


def _misbound(process: Process, crms: Mapping[str, str]) -> Broken:
    for index, binding in enumerate(process.bindings):
        if binding.account not in crms:
            hint = nearest(binding.account, crms)
            yield ("bindings", index, "account"), f'no account "{binding.account}"{hint}'
        yield from _not_there(("bindings", index, "manage"), binding, crms.get(binding.account, ""))
    if any(crms.get(binding.account) == "hubspot" for binding in process.bindings):
        for index, stage in enumerate(process.stages):
            if stage.outcome is Outcome.OPEN and stage.probability in (0, 1):
                yield (
                    ("stage", index, "probability"),
                    "HubSpot closes every deal in a stage at 0 or 1, and this one is open; "
                    "take a value between, or give it an outcome",
                )


def _not_there(place: Place, binding: Binding, crm: str) -> Broken:
    for capability in sorted(binding.manage):
        if why := _NOT_THERE.get((crm, capability)):
            yield place, f'"{capability}": {why}'


def _stage_keys(process: ProcessTable) -> Broken:
    seen = set()
    for index, stage in enumerate(process.stage):
        if stage.key in seen:
            yield ("stage", index, "key"), f'"{stage.key}" is already the key of another stage'
        seen.add(stage.key)


def _outcomes(process: ProcessTable) -> Broken:
    present = {stage.outcome for stage in process.stage}
    for outcome in ("open", "won", "lost") if process.active else ():
        if outcome not in present:
            article = "an" if outcome == "open" else "a"
            yield (
                ("stage",),
                f"{article} {outcome} stage is missing; add one, or set active = false",
            )


def _probabilities(process: ProcessTable) -> Broken:
    for index, stage in enumerate(process.stage):
        expected = _CLOSED_AT.get(stage.outcome, stage.probability)
        if stage.probability != expected:
            place = ("stage", index, "probability")
            yield place, f"should be {expected}, because the outcome is {stage.outcome}"


def _own_language(process: ProcessTable) -> Broken:
    """`label` is in the language of the process; a second one in `labels` could differ from it."""
    message = f'is the language of "label" itself; leave {process.language} out of "labels"'
    if process.language in process.labels:
        yield ("labels", process.language), message
    for index, stage in enumerate(process.stage):
        if process.language in stage.labels:
            yield ("stage", index, "labels", process.language), message


def _labels(process: ProcessTable) -> Broken:
    """Compared as CRMs compare them, without case and surrounding spaces."""
    seen: dict[tuple[str, str], str] = {}
    for index, stage in enumerate(process.stage):
        labels: dict[Place, tuple[str, str]] = {("label",): (process.language, stage.label)}
        labels |= {("labels", pair[0]): pair for pair in stage.labels.items()}
        for place, (language, label) in labels.items():
            holder = seen.setdefault((language, label.strip().casefold()), stage.key)
            if holder != stage.key:
                message = f'"{label.strip()}" is already the label of stage {holder}'
                yield ("stage", index, *place), message


def _next(process: ProcessTable) -> Broken:
    keys = {stage.key for stage in process.stage}
    for index, stage in enumerate(process.stage):
        for position, key in enumerate(stage.next or []):
            if key not in keys:
                yield ("stage", index, "next", position), f'no stage "{key}"{nearest(key, keys)}'


def _cancelled(process: ProcessTable) -> Broken:
    for index, stage in enumerate(process.stage):
        if stage.cancelled and stage.outcome != "lost":
            yield ("stage", index, "cancelled"), 'is for lost stages; add outcome = "lost"'


def _key_conversions(process: ProcessTable) -> Broken:
    """Few of them, each going forward: from an open stage to a later one, or to a won one."""
    pairs = process.key_conversions
    if len(pairs) > 2:
        yield ("key_conversions",), "should be two at most; who measures all measures nothing"
    stages = {stage.key: (order, stage.outcome) for order, stage in enumerate(process.stage)}
    for index, pair in enumerate(pairs):
        place: Place = ("key_conversions", index)
        if len(pair) != 2:
            yield place, 'should be two stages, like ["meeting-booked", "won"]'
        elif unknown := [key for key in pair if key not in stages]:
            yield from ((place, f'no stage "{key}"{nearest(key, stages)}') for key in unknown)
        elif pair in pairs[:index]:
            yield place, "stands here twice"
        elif wrong := _no_conversion(stages, *pair):
            yield place, wrong


def _no_conversion(stages: Mapping[str, tuple[int, str]], start: str, onto: str) -> str:
    (before, outcome), (after, ends) = stages[start], stages[onto]
    if outcome != "open":
        return f'"{start}" is no open stage, so no deal goes on from it'
    if ends == "lost":
        return f'"{onto}" is a lost stage; to lose is no conversion'
    return f'"{onto}" does not come after "{start}"' if ends == "open" and after <= before else ""


def _binding(process: ProcessTable, place: Place, binding: BindingTable) -> Broken:
    yield from _pins(process, (*place, "stages"), binding)
    yield from _binding_language(process, (*place, "language"), binding.language)
    for index, capability in enumerate(binding.manage):
        if capability in _NEEDS_PINS and not binding.stages:
            yield (
                (*place, "manage", index),
                f'"{capability}" needs to know the stage ids; '
                f"run `connector process pin {process.key} {binding.account} {binding.pipeline}`",
            )
    twins = [(other.account, other.pipeline) for other in process.bindings[: int(place[1])]]
    if (binding.account, binding.pipeline) in twins:
        yield (*place, "pipeline"), "is bound twice; keep one of the two bindings"


def _pins(process: ProcessTable, place: Place, binding: BindingTable) -> Broken:
    keys = {stage.key for stage in process.stage}
    holders: dict[str, str] = {}
    for key, stage_id in binding.stages.items():
        if key not in keys:
            yield (*place, key), f'no stage "{key}"{nearest(key, keys)}'
        holder = holders.setdefault(stage_id, key)
        if holder != key:
            yield (*place, key), f'"{stage_id}" is already the id of stage {holder}'


def _binding_language(process: ProcessTable, place: Place, language: str) -> Broken:
    if language == process.language:
        return
    bare = [stage.key for stage in process.stage if language not in stage.labels]
    if bare:
        yield (
            place,
            f'there is no label in "{language}" for {", ".join(bare)}; add them to "labels"',
        )
