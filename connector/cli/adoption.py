"""`connector report adoption`."""

import click

from connector.cli.reporting import Question, report_options


@click.command("adoption")
@report_options
def adoption(question: Question, /) -> int:
    """Say how far deals are worked as the process asks, by team and rep.

    Until most are, the numbers of every other report are of little worth. It looks at the deals
    that were open in the period; in the last 90 days, where none is named.
    """
    from connector.jobs.adoption import read_adoption
    from connector.report.adoption import adoption_document

    return question.answer(read_adoption, adoption_document)
