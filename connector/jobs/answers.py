"""What jobs found, as the reports people and programs read."""

from collections.abc import Iterator
from dataclasses import replace

from connector.jobs.drift import Found
from connector.jobs.planning import Planning
from connector.reconcile.planfile import fingerprint
from connector.report.document import Block, Document
from connector.report.drift import drift_document
from connector.report.drift_standing import History, outdated_note
from connector.report.fights import fight_notes
from connector.report.lead_application import aftermath_notes
from connector.report.lead_plan import lead_blocks
from connector.report.names import names_in
from connector.report.plan import plan_document
from connector.report.what_if import what_if_document


def drift_answer(found: Found) -> Document:
    """The drift of an account, with what is known of it and what somebody turned back."""
    reading = found.reading
    document = drift_document(
        found.sifted.open,
        reading.account,
        reading.remote,
        reading.pipelines,
        reading.at,
        history_of(found),
        found.origins,
    )
    fights = (fight for fight in found.fights if fight.drift in found.sifted.open)
    notes = fight_notes(fights, reading.remote.time_zone, found.origins)
    outdated = () if found.run_since is None else (outdated_note(reading.account, found.run_since),)
    return replace(document, blocks=(*document.blocks, *outdated, *notes))


def history_of(found: Found) -> History:
    """How long the drifts of an account have been there, and which of them are accepted."""
    return History(found.seen, found.sifted.accepted, found.sifted.lapsed, found.older)


def plan_answer(made: Planning, file: str | None) -> Document:
    """A plan, with the file it was saved in and what in it somebody turned back."""
    document = plan_document(
        made.plan,
        made.reading.remote,
        made.reading.pipelines,
        made.impact,
        fingerprint(made.plan),
        made.pulled,
        made.owners,
        file,
        made.accepted,
        made.work,
        tuple(_of_leads(made)),
    )
    notes = fight_notes(made.fights, made.reading.remote.time_zone)
    return replace(document, blocks=(*document.blocks, *notes))


def _of_leads(made: Planning) -> Iterator[Block]:
    """What a plan says of leads, where it is about them."""
    if made.manages_leads:
        reading = made.reading
        names = names_in(reading.pipelines)
        yield from lead_blocks(made.leads, reading.remote, reading.account, names, made.owners)
        yield from aftermath_notes(made.aftermath)


def what_if_answer(made: Planning) -> Document:
    """What supposed probabilities would move."""
    reading = made.reading
    return what_if_document(
        made.plan, reading.remote, reading.pipelines, made.impact, made.pulled, made.owners
    )
