"""`connector report adoption`."""

import click

from connector.cli.analytics.reporting import Question, report_options


@click.command("adoption")
@report_options
def adoption(question: Question, /) -> int:
    """Say how far deals are worked as the process asks, by team and rep.

    Until most are, the numbers of every other report are of little worth. It looks at the deals
    that were open in the period; in the last 90 days, where none is named.
    """
    from connector.report.analytics.adoption import adoption_document

    # The head of every report has it already.
    return question.answer(
        lambda frame, db: None, lambda head, _: adoption_document(head), people=True
    )
