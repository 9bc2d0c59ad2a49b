"""What of a faulty config.toml is still used."""

import pytest

from connector.config import load_config, usable_config
from connector.errors import FileFaults

SOUND = """\
version = 1
database = "data.db"
[accounts.norge]
crm = "hubspot"
token = { env = "TOKEN" }
account_id = "1234567"
[[jobs]]
name = "nightly"
at = "03:10"
timezone = "Europe/Oslo"
do = ["pull"]
"""


@pytest.fixture
def salvage(tmp_path):
    def salvage(text: str):
        path = tmp_path / "config.toml"
        path.write_text(text, "utf-8")
        return path, usable_config(path, {})

    return salvage


def test_a_file_without_faults_is_used_whole(salvage):
    """Salvaging changes nothing where nothing is wrong."""
    path, config = salvage(SOUND)
    assert config == load_config(path, {})


@pytest.mark.parametrize(
    ("old", "new", "lost"),
    [
        ('"data.db"', "7", "database"),
        ('account_id = "1234567"', "account_id = 7", "account_id"),
        ('account_id = "1234567"', "nonsense = 7", "account_id"),
        ('"03:10"', '"3 am"', "jobs"),
        ('"Europe/Oslo"', '"Mars/Olympus"', "jobs"),
        ('"hubspot"', '"hubspit"', "accounts"),
        ("version = 1", "version = 2", None),
        ("version = 1", "wersion = 1", None),
    ],
)
def test_only_what_is_faulty_is_left_out(salvage, old, new, lost):
    """One fault costs its own key, its job or its account, and nothing else of them."""
    path, config = salvage(SOUND.replace(old, new))
    with pytest.raises(FileFaults):
        load_config(path, {})
    assert (config.database.name == "data.db") == (lost != "database")
    assert [each.name for each in config.accounts] == ["norge"] * (lost != "accounts")
    ids = [each.account_id for each in config.accounts]
    assert ids == ([None if lost == "account_id" else "1234567"] if lost != "accounts" else [])
    assert [each.name for each in config.jobs] == ["nightly"] * (lost != "jobs")


@pytest.mark.parametrize("text", ["", "version = ", "accounts = 3\njobs = 3", "\x00"])
def test_a_file_that_says_nothing_gives_defaults(salvage, text):
    """However broken the file, the database's usual place is still looked at."""
    _, config = salvage(text)
    assert (config.database.name, config.accounts, config.jobs) == ("connector.db", (), ())


def test_an_account_with_a_faulty_address_is_left_out(salvage):
    """A key is never sent elsewhere because its address had a fault."""
    _, config = salvage(
        SOUND.replace("account_id =", 'base_url = "http://elsewhere"\naccount_id =')
    )
    assert config.accounts == ()


def test_jobs_before_their_accounts(salvage):
    """The order of tables in the file does not matter."""
    head, job = SOUND.split("[[jobs]]")
    text = f'version = 1\n[[jobs]]{job}accounts = ["norge"]\n' + head.removeprefix("version = 1\n")
    _, config = salvage(text.replace('database = "data.db"\n', ""))
    assert [job.accounts for job in config.jobs] == [("norge",)]
