from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connector.model import BEGINNING, Outcome, Owner, PipelineVersion, Stage, Trail, Unread
from connector.store import history
from connector.store.check import check
from connector.store.evolution import evolved
from connector.store.merge import Known
from connector.store.pipelines import trails_due


def called(sales, label):
    """The pipeline with its first stage called something else."""
    return replace(sales, stages=(replace(sales.stages[0], label=label), *sales.stages[1:]))


@pytest.fixture
def told(sales, day):
    """A trail from labels of the first stage and days; by user 7, the first made the pipeline."""

    def tell(*labels_and_days, unread=()):
        versions = (
            PipelineVersion(called(sales, label), day(at), "7") for label, at in labels_and_days
        )
        return {"sales": Trail(tuple(versions), unread)}

    return tell


@pytest.fixture
def story(norge, day):
    """The stored versions as (label, from day, seen after day or "?", by, until day)."""

    def in_days(instant):
        if instant in (None, BEGINNING):
            return instant and "?"
        return (instant - day(0)).total_seconds() / 86_400

    def tell():
        return [
            (
                v.pipeline.stages[0].label,
                in_days(v.at),
                in_days(v.not_before),
                v.by,
                in_days(v.until),
            )
            for v in history.pipeline_versions(norge.db, norge.id)["sales"]
        ]

    return tell


def test_a_trail_gives_exact_validity_and_hands(norge, sales, told, story):
    """Versions from before the first pull have their instants and their users."""
    norge.pull(at=9, pipelines=(called(sales, "C"),), trails=told(("A", 1), ("B", 3), ("C", 5)))
    assert story() == [("A", 1, None, "7", 3), ("B", 3, None, "7", 5), ("C", 5, None, "7", None)]
    assert check(norge.db) == ()


def test_reading_the_same_trail_again_adds_nothing(norge, sales, told):
    """Not a row is written anew, also when it is read by a full pull."""
    trails = told(("A", 1), ("B", 3), ("B", 4), ("A", 4), ("C", 5))
    norge.pull(at=9, pipelines=(called(sales, "C"),), trails=trails)
    before = norge.rows("SELECT * FROM pipeline_versions")
    norge.db.execute(
        "CREATE TRIGGER no BEFORE DELETE ON pipeline_versions BEGIN SELECT RAISE(FAIL, 'no'); END"
    )
    norge.pull(at=10, pipelines=(called(sales, "C"),), trails=trails)
    assert norge.rows("SELECT * FROM pipeline_versions") == before


def test_without_a_trail_a_version_keeps_its_interval(norge, sales, story):
    """What pulls saw lies between the last one without it and the first one with it."""
    for at, label in ((1, "A"), (2, "A"), (5, "B"), (6, "B")):
        norge.pull(at=at, pipelines=(called(sales, label),))
    assert story() == [("A", 1, "?", None, 5), ("B", 5, 2, None, None)]


def test_an_exact_version_replaces_the_one_that_was_seen(norge, sales, told, story):
    """Once its trail can be read, what lay between two pulls gets its instant and its user."""
    for at, label in ((1, "A"), (2, "A"), (5, "B")):
        norge.pull(at=at, pipelines=(called(sales, label),))
    trails = told(("A", 0.5), ("X", 3), ("B", 4))
    norge.pull(at=6, pipelines=(called(sales, "B"),), trails=trails)
    assert story() == [("A", 0.5, None, "7", 3), ("X", 3, None, "7", 4), ("B", 4, None, "7", None)]


def test_what_the_trail_does_not_tell_is_kept(norge, sales, told, story):
    """A version that was seen, and older ones that the trail no longer tells, stay."""
    norge.pull(at=5, pipelines=(called(sales, "B"),), trails=told(("A", 1), ("B", 3)))
    norge.pull(at=6, pipelines=(called(sales, "Y"),))
    norge.pull(at=9, pipelines=(called(sales, "D"),), trails=told(("C", 7), ("D", 8)))
    assert [row[:3] for row in story()] == [
        ("A", 1, None),
        ("B", 3, None),
        ("Y", 6, 5),
        ("C", 7, None),
        ("D", 8, None),
    ]
    assert check(norge.db) == ()


def test_an_edit_between_listing_and_trail_is_for_the_next_pull(norge, sales, told, story):
    """What the pull sees of a pipeline is what its listing said."""
    trails = told(("A", 1), ("B", 3), ("C", 9.5))
    norge.pull(at=9, pipelines=(called(sales, "B"),), trails=trails)
    assert [row[0] for row in story()] == ["A", "B"]
    norge.pull(at=10, pipelines=(called(sales, "C"),), trails=trails)
    assert story()[-1] == ("C", 9.5, None, "7", None)


def test_a_listing_seen_just_after_an_edit_is_the_edit(norge, sales, told, story):
    """The clock of an answer counts whole seconds, so an edit may seem later than its listing."""
    norge.pull(at=9, pipelines=(called(sales, "B"),), trails=told(("A", 1), ("B", 9.000001)))
    assert [row[0] for row in story()] == ["A", "B"]
    assert story()[-1][2:] == (None, "7", None)


def test_a_trail_that_lags_leaves_what_is_live_live(norge, sales, told, story):
    """What is live and the trail does not tell came to be after all it tells."""
    norge.pull(at=9, pipelines=(called(sales, "C"),), trails=told(("A", 1), ("B", 3)))
    assert story()[-1] == ("C", 9, 3, None, None)


def test_a_version_that_changes_nothing_we_keep_is_none(norge, sales, told, story):
    """An edit of settings connector does not read makes no version."""
    norge.pull(
        at=9, pipelines=(called(sales, "B"),), trails=told(("A", 1), ("A", 2), ("B", 3), ("B", 4))
    )
    assert [row[:2] for row in story()] == [("A", 1), ("B", 3)]


def test_versions_of_one_instant_are_all_kept(norge, sales, told, story, day):
    """Two edits in one millisecond stand in their order, and only the last is ever in force."""
    norge.pull(at=9, pipelines=(called(sales, "C"),), trails=told(("A", 1), ("B", 3), ("C", 3)))
    assert [row[0] for row in story()] == ["A", "B", "C"]
    for at, label in ((3, "A"), (3.1, "C")):
        assert history.pipelines_at(norge.db, norge.id, day(at)) == (called(sales, label),)
    assert check(norge.db) == ()


def test_renamed_and_back_again_are_three_versions(norge, sales, told, story):
    """A value that came back came back at an instant of its own."""
    norge.pull(at=9, pipelines=(called(sales, "A"),), trails=told(("A", 1), ("B", 3), ("A", 5)))
    assert [row[:2] for row in story()] == [("A", 1), ("B", 3), ("A", 5)]


def test_a_report_as_of_an_instant_uses_the_exact_versions(norge, sales, told, day):
    """Configuration holds from when it was made, not from when a pull first saw it."""
    norge.pull(at=9, pipelines=(called(sales, "C"),), trails=told(("A", 1), ("B", 3), ("C", 5)))
    found = {
        at: [p.stages[0].label for p in history.pipelines_at(norge.db, norge.id, day(at))]
        for at in (0.5, 1, 1.1, 3, 3.1, 5.1, 20)
    }
    assert found == {0.5: [], 1: [], 1.1: ["A"], 3: ["A"], 3.1: ["B"], 5.1: ["C"], 20: ["C"]}


def test_before_a_history_without_beginning_the_first_version_stands_in(norge, sales, day):
    """Where nobody knows since when it was so, the first known version is the best there is."""
    first = PipelineVersion(called(sales, "A"), day(4), None, BEGINNING)
    later = PipelineVersion(sales, day(6), "7")
    norge.pull(at=9, trails={"sales": Trail((first, later))})
    assert history.pipelines_at(norge.db, norge.id, day(1)) == (called(sales, "A"),)


def test_a_pipeline_that_an_earlier_pull_did_not_see_was_not_there(norge, sales, day):
    """It may have been there since that pull, but never before."""
    other = replace(sales, id="other")
    norge.pull(at=2)
    norge.pull(at=5, pipelines=(sales, other))
    seen = {at: other in history.pipelines_at(norge.db, norge.id, day(at)) for at in (1, 2, 3, 6)}
    assert seen == {1: False, 2: False, 3: True, 6: True}


def test_stages_deleted_before_the_first_pull_have_their_names(norge, sales, deal, day):
    """A deal's visit of a stage that is long gone is called by its last label, in its pipeline."""
    gone = Stage("demo", "Vist fram", 0.3, Outcome.OPEN, 5)
    older = PipelineVersion(
        replace(sales, stages=(*sales.stages, replace(gone, label="Demo"))), day(1)
    )
    old = PipelineVersion(replace(sales, stages=(*sales.stages, gone)), day(2))
    trail = Trail((older, old, PipelineVersion(sales, day(3))))
    norge.pull(deal("1", ("demo", 1), ("met", 2)), at=9, trails={"sales": trail})
    assert norge.rows("SELECT stage, pipeline FROM stage_visits") == [
        ("Vist fram", "Sales"),
        ("Met", "Sales"),
    ]


def test_the_view_of_versions_names_who_made_them(norge, told):
    """People with a SQL prompt see names, of former owners too, or the number the CRM gave."""
    former = Owner("1", "Nils Vik", user_id="7", archived=True)
    norge.pull(at=9, trails=told(("A", 1), ("Met", 3)), owners=(former,))
    norge.db.execute("UPDATE pipeline_versions SET changed_by = '8' WHERE valid_to IS NULL")
    assert norge.rows(
        "SELECT DISTINCT valid_from, changed_by, not_before FROM pipeline_history"
    ) == [
        ("2026-01-02T00:00:00.000Z", "Nils Vik", None),
        ("2026-01-04T00:00:00.000Z", "8", None),
    ]


def test_a_removed_pipeline_that_comes_back_keeps_its_gap(norge, sales, told, story):
    """A trail read after it came back does not paper over the time it was gone."""
    norge.pull(at=2, pipelines=(called(sales, "A"),), trails=told(("A", 1)))
    norge.pull(at=4, pipelines=())
    norge.pull(at=8, pipelines=(called(sales, "B"),), trails=told(("B", 7)))
    norge.pull(at=9, pipelines=(called(sales, "B"),), trails=told(("B", 7)))
    assert story() == [("A", 1, None, "7", 4), ("B", 7, None, "7", None)]
    assert check(norge.db) == ()


def test_what_was_set_aside_of_a_trail_is_counted_and_named(norge, told):
    """A bad entry stands in the view set_aside with its reason."""
    unread = (Unread("pipeline sales", "version of 2022", "is not JSON", "{"),)
    assert norge.pull(at=9, trails=told(("Met", 1), unread=unread)).quarantined == 1
    assert norge.rows("SELECT record, field, reason FROM set_aside") == [
        ("pipeline sales", "version of 2022", "is not JSON")
    ]


def test_a_trail_is_due_until_it_was_read_and_whenever_something_moved(norge, sales, told, day):
    """First sight, other values and another instant of the CRM make it due; nothing else does."""

    def due(pipeline):
        return trails_due(norge.db, norge.id, (pipeline,)) == (pipeline,)

    touched = replace(sales, updated=day(3))
    assert due(touched)
    norge.pull(at=4, pipelines=(touched,))
    assert due(touched)
    norge.pull(at=5, pipelines=(touched,), trails=told(("Met", 3)))
    assert not due(touched)
    assert due(replace(touched, updated=day(4)))
    assert due(called(touched, "Met twice"))


def test_a_crm_that_never_says_when_it_was_touched_has_its_values_to_tell(norge, sales, told):
    """Without an instant, a trail is due on first sight and when values moved."""
    assert trails_due(norge.db, norge.id, (sales,)) == (sales,)
    norge.pull(at=5, trails=told(("Met", 3)))
    assert trails_due(norge.db, norge.id, (sales,)) == ()


def test_the_instant_of_a_touch_is_no_value(norge, sales, day):
    """A pipeline that was touched and is as before gets no version."""
    assert sales == replace(sales, updated=day(1))
    norge.pull(at=1, pipelines=(replace(sales, updated=day(1)),))
    norge.pull(at=2, pipelines=(replace(sales, updated=day(2)),))
    assert norge.db.table("pipeline_versions").count == 1


LABELS = st.sampled_from("ABC")


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    edits=st.lists(st.tuples(st.integers(1, 60), LABELS), min_size=1, max_size=25),
    pulls=st.lists(st.tuples(st.integers(1, 70), st.booleans()), max_size=8),
)
def test_however_pulls_fall_the_trail_is_what_is_known_in_the_end(edits, pulls):
    """Pulls at any time, with the trail or without it, end in the trail's own versions."""
    edits = sorted(edits, key=lambda edit: edit[0])
    trail = [Known(at, label, by="7") for at, label in edits]
    stored, before = (), 0
    for seen, readable in [*sorted(pulls), (100, True)]:
        past = [known for known in trail if known.at <= seen]
        live = past[-1].value if past else None
        stored = evolved(stored, past if readable else [], live, seen, before)
        before = seen
        assert [known.at for known in stored] == sorted(known.at for known in stored)
        assert (stored[-1].value if stored else None) == live
    changed = [trail[0]]
    changed += (one for one, last in zip(trail[1:], trail, strict=False) if one.value != last.value)
    assert [(known.at, known.value) for known in stored] == [(k.at, k.value) for k in changed]
