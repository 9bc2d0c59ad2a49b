import json
from pathlib import Path

import pytest

from connector.config import load_config, schema
from connector.errors import FileFaults

EXAMPLE = Path(__file__).parents[2] / "config.example.toml"
HUBSPOT = 'version = 1\n[accounts.norge]\ncrm = "hubspot"\ntoken = { env = "TOKEN" }\n'


@pytest.fixture
def write(tmp_path):
    def write(text: str) -> Path:
        path = tmp_path / "config.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_the_example_loads():
    """The file people copy is free of faults and holds no secret."""
    config = load_config(EXAMPLE, {"HUBSPOT_TOKEN": "pat-1", "NUTSHELL_API_KEY": "key-2"})
    norge, usa = config.accounts
    assert (norge.name, norge.crm, norge.account_id) == ("norge", "hubspot", "1234567")
    assert norge.token.reveal() == "pat-1"
    assert norge.fields["lost_reason"] == "closed_lost_reason"
    assert norge.requests_per_10s == 100
    assert (usa.crm, usa.user, usa.key.reveal()) == ("nutshell", "admin@example.com", "key-2")
    assert (usa.token, usa.write_token, norge.user, norge.key) == (None, None, None, None)
    assert (config.home_currency, config.rates["SEK"]) == ("NOK", 0.98)


def test_paths_are_relative_to_the_file(write, tmp_path, monkeypatch):
    """Wherever connector is started, it works with the same database."""
    path = write('version = 1\ndatabase = "data/c.db"\nmappings = "/srv/mappings"\n')
    monkeypatch.chdir("/")
    config = load_config(path, {})
    assert (config.path, config.database) == (path, tmp_path / "data/c.db")
    assert config.mappings == Path("/srv/mappings")


def test_a_config_can_be_short(write, tmp_path):
    """Only the version must be said; the rest has values most people want."""
    config = load_config(write("version = 1\n"), {})
    assert config.database == tmp_path / "connector.db"
    assert config.mappings == tmp_path / "mappings"
    assert (config.fiscal_year_start, config.home_currency) == (1, None)
    assert (config.accounts, config.rates) == ((), {})


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:8080",
        "https://127.9.8.7/",
        "http://localhost",
        "http://[::1]:9",
    ],
)
def test_base_url_may_be_on_this_machine(write, url):
    """The sandbox can stand in for a CRM."""
    config = load_config(write(f'{HUBSPOT}base_url = "{url}"\n'), {})
    assert config.accounts[0].base_url == url


@pytest.mark.parametrize(
    "url",
    [
        "https://api.hubapi.com",
        "http://localhost.example.com",
        "http://127.0.0.1.example.com",
        "http://127.0.0.1@example.com",
        "http://example.com\\\\@127.0.0.1",
        "http://[::2]",
        "http://0.0.0.0",
        "ftp://127.0.0.1",
        "http://127.0.0.1\\n",
        "//127.0.0.1",
        "",
    ],
)
def test_base_url_may_be_nowhere_else(write, url):
    """A token is never sent to a machine named in a file."""
    with pytest.raises(FileFaults, match="should be on this machine"):
        load_config(write(f'{HUBSPOT}base_url = "{url}"\n'), {})


def test_no_representation_shows_a_secret():
    """Printing a whole configuration shows where secrets live, never what they are."""
    secret = "pat-eu1-very-secret"
    config = load_config(EXAMPLE, {"HUBSPOT_TOKEN": secret, "NUTSHELL_API_KEY": secret})
    assert "HUBSPOT_TOKEN" in repr(config)
    assert secret not in repr(config) + str(config)


def test_the_schema_covers_both_crms():
    """Editors learn the keys of either CRM, and that there are no others."""
    tables = schema()["$defs"]
    assert tables["HubspotTable"]["additionalProperties"] is False
    assert set(tables["NutshellTable"]["required"]) == {"crm", "user", "key"}
    assert json.loads(json.dumps(schema())) == schema()
