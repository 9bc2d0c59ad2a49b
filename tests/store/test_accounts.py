from dataclasses import replace

import pytest

from connector.errors import WrongAccount
from connector.store import accounts


def test_an_account_is_remembered_once(db, remote):
    """The same account of the CRM keeps its key, and what the CRM says of it is kept up to date."""
    key = accounts.remember(db, "norge", remote)
    assert accounts.remember(db, "norge", replace(remote, currency="EUR")) == key
    assert accounts.find(db, "norge") == key
    assert accounts.remote(db, key, remote.now) == replace(remote, currency="EUR")


def test_an_unknown_account_is_not_found(db):
    """A name nobody remembered has no key."""
    assert accounts.find(db, "norge") is None


@pytest.mark.parametrize(
    ("other", "named"),
    [({"id": "7654321"}, "hubspot account 7654321"), ({"crm": "nutshell"}, "nutshell account 1")],
)
def test_a_name_never_stands_for_another_account(db, remote, other, named):
    """A key to another account is refused, both are named, and nothing is written."""
    key = accounts.remember(db, "norge", remote)
    with pytest.raises(WrongAccount, match=rf"norge: .*hubspot account 1234567.*{named}.*config"):
        accounts.remember(db, "norge", replace(remote, **other))
    assert accounts.remote(db, key, remote.now) == remote
