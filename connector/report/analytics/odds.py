"""What reports call the kinds of probability, and where those of stages come from."""

from collections.abc import Iterator

from connector.metrics.forecasting.odds import Kind
from connector.metrics.scope import Scope
from connector.report.document import Block, Note
from connector.report.drift_words import CRMS

_TITLES = {
    Kind.CONFIGURED: "Configured",
    Kind.DEAL: "Deal's own",
    Kind.OVERALL: "Overall",
    Kind.EVIDENCE: "Evidence",
}
_UNWEIGHTED = (
    "{crm} keeps no probabilities of stages. Those of the process bound to a pipeline are used, as"
    " they are now; the stages of a pipeline without a process have none."
)


def kind_title(scope: Scope, kind: Kind) -> str:
    """The name of a kind; Nutshell's own forecasts are by the confidence of leads."""
    return "Nutshell's rule" if kind is Kind.DEAL and is_nutshell(scope) else _TITLES[kind]


def is_nutshell(scope: Scope) -> bool:
    """Whether all accounts of a report are Nutshell's."""
    return set(scope.crms.values()) == {"nutshell"}


def unweighted_note(scope: Scope) -> Iterator[Block]:
    """Whose probabilities stand for the stages of a CRM that keeps none."""
    for crm in sorted({scope.crms[account] for account in scope.unweighted}):
        yield Note(_UNWEIGHTED.format(crm=CRMS.get(crm, crm)))
