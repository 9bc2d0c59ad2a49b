"""The reports of deals' ways, from the command line over the made-up company."""

import json
from pathlib import Path

import pytest

REPORTS = ("conversion", "adoption", "losses", "reps")


@pytest.fixture
def pulled(project):
    """The company, pulled, its reasons for losing with it."""
    config = Path(project.path("config.toml"))
    text = config.read_text("utf-8")
    if "lost_reason" not in text:
        fields = '[accounts.nordlys.fields]\nlost_reason = "closed_lost_reason"\n'
        config.write_text(f"{text}\n{fields}", "utf-8")
    project.ok("pull")
    return project


def test_every_report_answers_in_every_form(pulled):
    """Text, Markdown, CSV and JSON, of all of the history and of a period long gone."""
    for report in REPORTS:
        for form in ("text", "markdown", "csv"):
            assert pulled.ok("report", report, "--format", form)
        assert pulled.json("report", report)["report"] == report
        past = pulled.json("report", report, "--from", "2001-01-01", "--to", "2001-02-01")
        assert (past["adoption_share"], past["adoption_deals"]) == (None, 0)


def test_key_conversions_of_the_process_lead_the_report(pulled):
    """Named in the process file, they are the first table; a third one is refused."""
    answer = pulled.json("report", "conversion", "--pipeline", "b2b-five-steps")
    (row,) = answer["key_conversions"]
    assert (row["from"], row["to"]) == ("meeting-booked", "won")
    assert row["converted"] + row["undecided"] + row["failed"] == row["entered"] > 0
    (file,) = Path(pulled.path("mappings")).glob("b2b*.toml")
    text = file.read_text("utf-8")
    pair = '["meeting-booked", "contract-signed"]'
    file.write_text(text.replace(f"[{pair}]", f"[{pair}, {pair}, {pair}]"), "utf-8")
    assert pulled.run("report", "conversion") == 1
    assert "two at most" in pulled.err


def test_a_sheet_names_the_deals_behind_it(pulled):
    """One rep's sheet tells of them alone; an unknown name is answered with those there are."""
    reps = pulled.json("report", "reps")
    name = reps["advances"][0]["rep_label"]
    sheet = pulled.json("report", "reps", "--rep", name)
    assert {row["rep_label"] for row in sheet["advances"]} == {name}
    assert "differences" not in sheet
    assert pulled.run("report", "reps", "--rep", "Nobody At All") == 1
    assert name in pulled.err


def test_the_head_tells_adoption_as_the_report_does(pulled):
    """The one number in every head is that of the adoption report."""
    shares = {
        name: pulled.json("report", name)["adoption_share"] for name in (*REPORTS, "win-rate")
    }
    assert len(set(shares.values())) == 1
    assert shares["adoption"] is not None


def test_what_config_hides_is_in_no_report(pulled):
    """With [privacy] owners = "off", no rep is named anywhere, in JSON neither."""
    owners = {row["rep_label"] for row in pulled.json("report", "reps")["advances"]}
    config = Path(pulled.path("config.toml"))
    config.write_text(config.read_text("utf-8") + '\n[privacy]\nowners = "off"\n', "utf-8")
    for report in REPORTS:
        said = json.dumps(pulled.json("report", report), ensure_ascii=False)
        assert not [name for name in owners - {"others", "nobody"} if name in said]
    assert pulled.run("report", "reps", "--rep", next(iter(owners))) == 1
    assert "[privacy]" in pulled.err
