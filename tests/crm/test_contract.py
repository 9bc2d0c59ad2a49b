"""What every CRM must hold to; a new one joins by a world of its own in conftest.py."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import islice

import pytest

from connector.errors import CrmError, NotAuthorised, Rejected
from connector.model import (
    Capability,
    Change,
    CreateStage,
    Crm,
    Deal,
    EditStage,
    Field,
    LiveDeal,
    Page,
    Pipeline,
    StageValues,
)

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
TEN_MINUTES = timedelta(minutes=10)


@pytest.fixture
def crm(world) -> Crm:
    return world.crm()


def needs(crm: Crm, capability: Capability) -> None:
    if capability not in crm.can:
        pytest.skip(f"this CRM cannot write: {capability}")


def later(world) -> datetime:
    """Let time pass, and name an instant between what was and what comes."""
    then = world.clock.now() + TEN_MINUTES / 2
    world.clock.advance(TEN_MINUTES)
    return then


def deals_of(pages: Iterable[Page]) -> dict[str, Deal]:
    return {deal.id: deal for page in pages for deal in page.deals}


def present(deal: Deal) -> dict[str, str | None]:
    return dict.fromkeys(Field.ALWAYS) | {change.field: change.value for change in deal.changes}


def exact_since(then: datetime, deal: Deal) -> list[Change]:
    return [each for each in deal.changes if each.not_before is None and each.at >= then]


def live(crm: Crm, pipeline_id: str) -> Pipeline:
    return next(pipeline for pipeline in crm.pipelines() if pipeline.id == pipeline_id)


# --- configuration and people ---------------------------------------------------------------------


def test_the_account_says_who_it_is(world, crm):
    """An account has an identity of its own, and tells its clock."""
    account = crm.account()
    assert (account.id, account.now) == (world.account_id, world.clock.now())
    assert account.name
    assert account.time_zone
    assert account.currency


def test_pipelines_come_with_their_stages_in_order(world, crm):
    """Every pipeline and stage comes, in the account's order, with what its stages mean."""
    found = {
        pipeline.id: [
            (stage.id, stage.label, stage.probability, stage.outcome, stage.writable)
            for stage in pipeline.stages
        ]
        for pipeline in crm.pipelines()
    }
    assert found == world.pipelines


def test_versions_end_with_what_is_live(world, crm):
    """The versions of a pipeline stand oldest first, and the last is the live one."""
    needs(crm, Capability.LABEL)
    world.clock.advance(timedelta(days=1))
    change = edit(world, StageValues(label="Møte avtalt"), StageValues(label="Møte holdt"))
    crm.write(change)
    trail = crm.versions(world.pipeline)
    assert trail.unread == ()
    assert trail.versions[-1].pipeline == live(crm, world.pipeline)
    assert trail.versions[-1].at == world.clock.now()
    labels = [each.pipeline.stage(world.stage).label for each in trail.versions]
    assert labels == ["Møte avtalt", "Møte holdt"]


def test_owners_come_apart_from_former_ones(world, crm):
    """Everyone deals belong to has a name, and who has left is told when asked for."""
    owners, former = crm.owners().known, crm.owners(former=True).known
    assert [(owner.name, owner.team) for owner in owners] == world.owners
    assert [(owner.name, owner.team) for owner in former] == world.former_owners
    assert {owner.archived for owner in owners} == {False}
    assert {owner.archived for owner in former} == {True}
    assert all(owner.user_id for owner in (*owners, *former) if owner.email)


# --- reading deals --------------------------------------------------------------------------------


def test_a_full_read_is_the_state_of_the_account(world, crm):
    """Both listings give every deal as it is, active and archived, and every merge."""
    active, archived = list(crm.deals(None)), list(crm.archived())
    pages = active + archived
    assert not [unread for page in pages for unread in page.unread]
    found = deals_of(pages)
    assert deals_of(active).keys() == world.listed(archived=False)
    assert deals_of(archived).keys() == world.listed(archived=True)
    assert {d.id for d in found.values() if d.archived_at} == world.listed(archived=True)
    assert {deal: present(read) for deal, read in found.items()} == {
        deal: world.present(deal) for deal in found
    }
    assert {m.id: m.into for page in pages for m in page.merged} == world.merged()


def test_a_history_is_exact(world, crm):
    """Each stage a deal entered comes with its instant and its hand, oldest first."""
    for deal in deals_of(crm.deals(None)).values():
        stages = [c for c in deal.changes if c.field == Field.STAGE]
        assert [(c.value, c.at, c.by) for c in stages] == world.stages_of(deal.id)
        exact = [change for change in deal.changes if change.field in world.exact]
        assert all(change.not_before is None for change in exact)


def test_reading_twice_gives_the_same(crm):
    """What did not change reads the same, to the last bit."""
    assert deals_of(crm.deals(None)) == deals_of(crm.deals(None))


def test_active_deals_are_counted(world, crm):
    """The CRM may say how many active deals it has."""
    assert crm.count() in (None, len(world.listed(archived=False)))


def test_a_read_by_id_says_what_each_deal_is_now(world, crm):
    """Active, archived or not there: nothing asked for goes without an answer, in any number."""
    active, archived = world.listed(archived=False), world.listed(archived=True)
    pages = list(crm.by_id([*active, *archived, world.nobody]))
    assert {page.bookmark for page in pages} == {None}
    found = deals_of(pages)
    assert {d.id for d in found.values() if d.archived_at is None} == active
    assert {d.id for d in found.values() if d.archived_at} == archived
    assert [missing for page in pages for missing in page.missing] == [world.nobody]
    assert found == deals_of([*crm.deals(None), *crm.archived()])


def test_a_read_since_an_instant_gives_what_changed(world, crm):
    """A later read gives the deals changed since, with what is new of them, and no others."""
    then = later(world)
    touched = sorted(world.listed(archived=False))[5:200:60]
    for deal in touched:
        world.raise_amount(deal)
    found = deals_of(crm.deals(then))
    assert sorted(found) == touched
    everything = deals_of(crm.deals(None))
    for deal, read in found.items():
        assert present(read) == world.present(deal)
        assert exact_since(then, read) == exact_since(then, everything[deal]) != []
        assert read == everything[deal] or not read.whole


def test_a_deal_that_went_is_told_as_such(world, crm):
    """A deal archived since comes as archived, a deleted one as missing; absence says nothing."""
    later(world)
    deal = min(world.listed(archived=False))
    world.archive(deal)
    pages = list(crm.archived())
    gone = {each.id: each.archived_at for each in deals_of(pages).values()}
    gone |= {missing: world.clock.now() for page in pages for missing in page.missing}
    assert gone[deal] == world.clock.now()
    assert deal not in deals_of(crm.deals(None))


def test_a_quiet_read_is_complete_and_empty(world, crm):
    """Nothing changed: no deals, and still a last page."""
    then = later(world)
    pages = list(crm.deals(then))
    assert deals_of(pages) == {}
    assert pages[-1].bookmark is None


WALKS = {
    "everything": lambda crm, bookmark: crm.deals(None, bookmark),
    "what changed": lambda crm, bookmark: crm.deals(LONG_AGO, bookmark),
    "archived": lambda crm, bookmark: crm.archived(bookmark),
}


@pytest.mark.parametrize("walk", WALKS.values(), ids=WALKS)
def test_only_the_last_page_has_no_bookmark(crm, walk):
    """A reader that stops early can tell, whichever way the read goes."""
    bookmarks = [page.bookmark for page in walk(crm, None)]
    assert [bookmark is None for bookmark in bookmarks] == [False] * (len(bookmarks) - 1) + [True]


@pytest.mark.parametrize("walk", WALKS.values(), ids=WALKS)
def test_a_read_can_go_on_behind_every_bookmark(world, crm, walk):
    """Stopped behind any page and taken up by another process, a read gives the same deals."""
    whole = deals_of(walk(crm, None))
    for read in range(1, 20):
        begun = list(islice(walk(crm, None), read))
        if begun[-1].bookmark is None:
            return
        rest = list(walk(world.crm(), begun[-1].bookmark))
        assert deals_of(begun + rest) == whole


def test_a_read_that_was_stopped_ends_at_once(crm):
    """Whoever stops a CRM gets no further answer from it."""
    crm.stop()
    with pytest.raises(CrmError):
        crm.account()


# --- writing --------------------------------------------------------------------------------------


def edit(world, before: StageValues, after: StageValues) -> EditStage:
    return EditStage(world.pipeline, world.stage, before, after)


def test_a_label_is_corrected(world, crm):
    """A new label is seen by the next read, and nothing else changes."""
    needs(crm, Capability.LABEL)
    before = live(crm, world.pipeline)
    crm.write(edit(world, StageValues(label="Møte avtalt"), StageValues(label="Møte holdt")))
    after = live(crm, world.pipeline)
    assert after.stage(world.stage).label == "Møte holdt"
    assert [(s.id, s.probability, s.slot) for s in after.stages] == [
        (s.id, s.probability, s.slot) for s in before.stages
    ]


def test_a_probability_is_corrected(world, crm):
    """A new probability is seen by the next read, at full precision, and nothing else changes."""
    needs(crm, Capability.PROBABILITY)
    crm.write(edit(world, StageValues(probability=0.2), StageValues(probability=0.35)))
    stage = live(crm, world.pipeline).stage(world.stage)
    assert (stage.probability, stage.label) == (0.35, "Møte avtalt")


def test_a_stage_is_moved(world, crm):
    """A stage written to a free slot changes the order of the pipeline."""
    needs(crm, Capability.ORDER)
    crm.write(edit(world, StageValues(slot=0), StageValues(slot=5)))
    order = [stage.id for stage in live(crm, world.pipeline).stages]
    assert order == ["examined", "met", "signed", "lost"]


def test_a_stage_is_created(world, crm):
    """A new stage stands under the id we chose, where and as we asked for it."""
    needs(crm, Capability.CREATE)
    after = StageValues(label="Vilkår godkjent", probability=0.8, slot=6)
    crm.write(CreateStage(world.pipeline, "terms/accepted", after))
    found = live(crm, world.pipeline)
    assert [stage.id for stage in found.stages] == [
        "met",
        "examined",
        "terms/accepted",
        "signed",
        "lost",
    ]
    stage = found.stage("terms/accepted")
    assert (stage.label, stage.probability, stage.slot) == ("Vilkår godkjent", 0.8, 6)
    edit_it = EditStage(
        world.pipeline, stage.id, StageValues(probability=0.8), StageValues(probability=0.9)
    )
    crm.write(edit_it)
    assert live(crm, world.pipeline).stage(stage.id).probability == 0.9


def test_a_taken_label_is_refused(world, crm):
    """Two stages of one label are refused by the CRM, and nothing changed."""
    needs(crm, Capability.LABEL)
    before = crm.pipelines()
    taken = StageValues(label=" produkt UNDERSØKT", probability=0.4)
    with pytest.raises(Rejected, match="already exists"):
        crm.write(edit(world, StageValues("Møte avtalt", 0.2), taken))
    assert crm.pipelines() == before


@pytest.mark.parametrize("stage", ["none", "", ".", "..", "met/../lost", "a?b#c", "%2e%2e"])
def test_an_unknown_stage_is_refused(world, crm, stage):
    """A stage that is not there cannot be edited, and its id leads nowhere else."""
    needs(crm, Capability.LABEL)
    before = crm.pipelines()
    for pipeline in (world.pipeline, stage):
        change = EditStage(pipeline, stage, StageValues(label="A"), StageValues(label="B"))
        with pytest.raises(Rejected) as caught:
            crm.write(change)
        assert caught.value.status == 404
    assert crm.pipelines() == before


def test_a_stage_closed_to_us_is_not_tried(world, crm):
    """A stage the CRM keeps read-only is refused on this side, before anything is sent."""
    needs(crm, Capability.LABEL)
    change = EditStage(
        world.pipeline, world.closed_to_us, StageValues(label="A"), StageValues(label="B")
    )
    before = crm.pipelines()
    with pytest.raises(Rejected, match="read-only"):
        crm.write(change)
    assert crm.pipelines() == before


# --- the confidence of deals ----------------------------------------------------------------------


def an_open_deal(world, crm: Crm) -> LiveDeal:
    deal = crm.live_deal(min(world.listed(archived=False)))
    assert deal is not None
    return deal


def test_a_confidence_is_corrected(world, crm):
    """A new confidence is seen by the next read, and the deal is in another state than before."""
    needs(crm, Capability.CONFIDENCE)
    before = an_open_deal(world, crm)
    crm.set_confidence(before.id, before.rev, 75)
    after = an_open_deal(world, crm)
    assert (after.confidence, after.stage) == (75, before.stage)
    assert after.rev != before.rev


def test_a_confidence_for_another_state_is_refused(world, crm):
    """Where somebody touched the deal meanwhile nothing is written, and the refusal says why."""
    needs(crm, Capability.CONFIDENCE)
    seen = an_open_deal(world, crm)
    world.raise_amount(seen.id)
    with pytest.raises(Rejected) as caught:
        crm.set_confidence(seen.id, seen.rev, 75)
    assert caught.value.status == 409
    assert an_open_deal(world, crm).confidence == seen.confidence


def test_a_deal_as_it_is_now_stands_in_a_stage_of_its_pipeline(world, crm):
    """Open or closed, the live stage is the one a pull would find; nobody is None."""
    needs(crm, Capability.CONFIDENCE)
    for deal in sorted(world.listed(archived=False))[:10]:
        assert crm.live_deal(deal).stage == world.present(deal)[Field.STAGE]
    assert crm.live_deal(world.nobody) is None


# --- keys -----------------------------------------------------------------------------------------


def test_a_key_that_may_only_read_cannot_write(world):
    """A key without the scope for writing reads everything, and is told the scope it lacks."""
    reader = world.reading_crm()
    needs(reader, Capability.LABEL)
    before = reader.pipelines()
    assert deals_of(reader.deals(None))
    with pytest.raises(NotAuthorised, match=world.write_scope):
        reader.write(edit(world, StageValues(label="Møte avtalt"), StageValues(label="B")))
    assert reader.pipelines() == before


def test_an_unknown_key_is_refused(world):
    """A key nobody knows opens nothing, and the error does not repeat it."""
    stranger = world.crm("pat-unknown")
    for ask in (stranger.account, stranger.pipelines, stranger.owners):
        with pytest.raises(NotAuthorised, match="Check the key") as caught:
            ask()
        assert "pat-unknown" not in str(caught.value)
    with pytest.raises(NotAuthorised):
        next(stranger.deals(None))
