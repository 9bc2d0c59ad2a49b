"""What kind of request an endpoint answers, of whichever CRM."""

from connector.sandbox.http import Request
from connector.sandbox.hubspot import kinds as hubspot
from connector.sandbox.nutshell import kinds as nutshell
from connector.sandbox.nutshell.paths import is_nutshell

Kind = hubspot.Kind | nutshell.Kind


def kind_of(request: Request) -> Kind:
    """The kind of a request."""
    return nutshell.kind_of(request) if is_nutshell(request) else hubspot.kind_of(request)
