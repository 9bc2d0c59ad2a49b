"""What stands in an answer for an account that could not be asked."""

from connector.errors import ConnectorError
from connector.report.document import CrmText, Document, Fact


def failure_document(account: str, error: ConnectorError) -> Document:
    """Why there is no report of one account, so that its absence is not taken for silence."""
    return Document(
        name="failure",
        version=1,
        title=f"No answer for {account}",
        facts=(
            Fact("account", "Account", account),
            Fact("error", "Error", type(error).__name__),
            Fact("message", "Because", CrmText(str(error))),
        ),
        blocks=(),
    )
