"""The reports of how pipelines changed, and of how they were at an instant."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from connector.model import BEGINNING, Outcome, Pipeline, PipelineVersion, Remote
from connector.reconcile.revisions import Edit, EditKind, EditValue, Placed, Revision
from connector.report.document import (
    Cell,
    Column,
    Count,
    CrmText,
    Document,
    Fact,
    Instant,
    Items,
    Missing,
    Note,
    Place,
    Share,
    Table,
    Term,
    Tone,
    phrase,
)
from connector.report.drift_words import crm_term
from connector.report.hands import after, certainty, name_of, number_of, when, who
from connector.report.layout import Row

_HAND = (
    Column("when", place=Place.HEADING),
    Column("at", place=Place.DATA),
    Column("after", place=Place.DATA),
    Column("known", place=Place.DATA),
    Column("who", place=Place.HEADING),
    Column("by", place=Place.DATA),
    Column("by_name", place=Place.DATA),
    Column("run", place=Place.DATA),
)
_EDITS = (
    Column("pipeline", place=Place.DATA),
    Column("pipeline_label", place=Place.HEADING),
    *_HAND,
    Column("source", place=Place.HEADING),
    Column("stage", place=Place.DATA),
    Column("stage_label", "Stage"),
    Column("kind", "What"),
    Column("from", "From"),
    Column("to", "To"),
)
_STAGES = (
    Column("pipeline", place=Place.DATA),
    Column("pipeline_label", place=Place.HEADING),
    *_HAND,
    Column("place", "Place"),
    Column("stage_label", "Stage"),
    Column("probability", "Probability"),
    Column("outcome", "Outcome"),
    Column("stage", "Id"),
)
_KINDS = {
    EditKind.FIRST_KNOWN: "first known",
    EditKind.PIPELINE_ADDED: "pipeline added",
    EditKind.PIPELINE_REMOVED: "pipeline removed",
    EditKind.PIPELINE_LABEL: "pipeline label",
    EditKind.PIPELINE_STATE: "pipeline state",
    EditKind.STAGE_ADDED: "stage added",
    EditKind.STAGE_REMOVED: "stage removed",
    EditKind.STAGE_MOVED: "moved",
    EditKind.LABEL: "label",
    EditKind.PROBABILITY: "probability",
    EditKind.OUTCOME: "outcome",
    EditKind.WRITABLE: "open to edits",
}
_TRAIL = Term("audit-trail", "audit trail")
_PULLS = Term("pulls", "seen between pulls")
_JOURNAL = Term("journal", "our journal")
_NO_EDITS = "Nothing is known to have changed."
_NO_PIPELINES = "There was no pipeline then."
_STANDS_IN = (
    "Nobody knows how {pipeline} was then, or whether it was there. "
    "This is how it was first known, at {known}."
)


def history_document(
    told: Sequence[Revision],
    account: str,
    remote: Remote,
    people: Mapping[str, str],
    pulled: datetime,
) -> Document:
    """Every edit of the revisions given, in their order; `people` are names by user id."""
    zone = remote.time_zone
    rows = tuple(
        row
        for revision in told
        for edit in revision.edits
        for row in _rows(revision.version, edit, people, zone)
    )
    return Document(
        name="history",
        version=1,
        title=f"History of {account}",
        facts=(
            *_facts(account, remote),
            Fact("last_pull", "Last pull", Instant(pulled, zone)),
        ),
        blocks=(Table("edits", _EDITS, rows, empty=_NO_EDITS),),
    )


def moment_document(
    versions: Sequence[PipelineVersion],
    account: str,
    remote: Remote,
    people: Mapping[str, str],
    at: datetime,
) -> Document:
    """The pipelines as they were at an instant, in the versions then in force."""
    zone = remote.time_zone
    rows = tuple(row for version in versions for row in _stages(version, people, zone))
    guessed = (version for version in versions if version.at >= at)
    return Document(
        name="pipelines-then",
        version=1,
        title=f"Pipelines of {account} as they were",
        facts=(*_facts(account, remote), Fact("as_of", "As of", Instant(at, zone))),
        blocks=(
            Table("stages", _STAGES, rows, empty=_NO_PIPELINES),
            *(_stands_in(version, zone) for version in guessed),
        ),
    )


def _facts(account: str, remote: Remote) -> tuple[Fact, ...]:
    return Fact("account", "Account", account), Fact("crm", "CRM", crm_term(remote.crm))


def _stands_in(version: PipelineVersion, zone: str) -> Note:
    label, known = CrmText(version.pipeline.label), Instant(version.at, zone)
    return Note(phrase(_STANDS_IN, pipeline=label, known=known), Tone.CAUTION)


def _rows(
    version: PipelineVersion, edit: Edit, people: Mapping[str, str], zone: str
) -> Iterator[Row]:
    for kind, before, now in _values(edit):
        yield (
            CrmText(version.pipeline.id),
            CrmText(version.pipeline.label),
            *_hand(version, edit.run, people, zone),
            _source(version, edit),
            CrmText(edit.stage) if edit.stage is not None else None,
            CrmText(edit.label) if edit.stage is not None else Missing("(pipeline)"),
            Term(kind, _KINDS[kind]),
            _cell(kind, before),
            _cell(kind, now),
        )


def _values(edit: Edit) -> Iterator[tuple[EditKind, EditValue, EditValue]]:
    """An edit value by value; a stage that comes or goes brings its probability and outcome."""
    match edit.before, edit.after:
        case (None, Placed(stage)) | (Placed(stage), None):
            kinds = {edit.kind: stage.label, EditKind.PROBABILITY: stage.probability}
            if stage.outcome is not Outcome.OPEN:
                kinds[EditKind.OUTCOME] = stage.outcome
            for kind, value in kinds.items():
                yield (kind, None, value) if edit.before is None else (kind, value, None)
        case before, now:
            yield edit.kind, before, now


def _cell(kind: EditKind, value: EditValue) -> Cell:  # noqa: C901 - one arm for each kind of value
    match value:
        case None:
            return None
        case Pipeline(stages=stages):
            return Items(tuple(CrmText(stage.label) for stage in stages))
        case bool():
            return value
        case str() if kind is EditKind.OUTCOME:
            return Term(value, str(Outcome(value)))
        case str():
            return CrmText(value)
        case int():
            return Count(value)
        case float():
            return Share(value)
        case Placed():
            return Count(value.place)


def _hand(
    version: PipelineVersion, run: int | None, people: Mapping[str, str], zone: str
) -> tuple[Cell, ...]:
    # That nobody is known to have made what pulls saw goes without saying.
    nobody = run is None and version.not_before is not None
    return (
        when(version.at, version.not_before, zone),
        Instant(version.at, zone),
        after(version.not_before, zone),
        certainty(version.not_before),
        None if nobody else who(version.by, run, people),
        CrmText(version.by) if version.by is not None else None,
        name_of(version.by, people),
        number_of(run),
    )


def _source(version: PipelineVersion, edit: Edit) -> Term | None:
    if edit.run is not None:
        return _JOURNAL
    if version.not_before is None:
        return _TRAIL
    return None if version.not_before == BEGINNING else _PULLS


def _stages(version: PipelineVersion, people: Mapping[str, str], zone: str) -> Iterator[Row]:
    words = "first known {when}" if version.not_before == BEGINNING else "since {when}"
    since = phrase(words, when=Instant(version.at, zone))
    for place, stage in enumerate(version.pipeline.stages, 1):
        yield (
            CrmText(version.pipeline.id),
            CrmText(version.pipeline.label),
            since,
            *_hand(version, None, people, zone)[1:],
            Count(place),
            CrmText(stage.label),
            Missing("none") if stage.probability is None else Share(stage.probability),
            Term(stage.outcome, str(stage.outcome)),
            CrmText(stage.id),
        )
