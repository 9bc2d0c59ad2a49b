"""The verdicts of the bench."""

from tests.bench.rows import Row, table


def test_a_figure_over_what_was_asked_is_short():
    """A figure is ok up to the most it may be, and judged only where something was asked."""
    assert [Row("", "", n, at_most=6).verdict for n in (5, 6, 7)] == ["ok", "ok", "short"]
    assert Row("", "", 7).verdict == ""


def test_the_table_names_each_case_once():
    """Figures of one case stand under one heading, with what was asked and what share it is."""
    told = table([Row("nights", "requests", 3, at_most=6), Row("nights", "time", 1.5, "s")])
    assert told.count("nights") == 1
    assert told.splitlines()[3].split()[1:] == ["≤", "6", "3", "0.50", "ok"]
