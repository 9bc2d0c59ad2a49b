import json
from datetime import time
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from connector.config import Job, Step, load_config, schema
from connector.config.config import NUTSHELL_FIELDS
from connector.errors import FileFaults
from connector.metrics.outcomes.targets import Target
from connector.metrics.periods import named
from connector.metrics.privacy import Naming, Privacy
from connector.model import Capability

EXAMPLE = Path(__file__).parents[2] / "config.example.toml"
NUTSHELL = (
    'version = 1\n[accounts.usa]\ncrm = "nutshell"\nuser = "kari@example.com"\n'
    'key = { env = "KEY" }\n'
)
HUBSPOT = 'version = 1\n[accounts.norge]\ncrm = "hubspot"\ntoken = { env = "TOKEN" }\n'


@pytest.fixture
def write(tmp_path):
    def write(text: str) -> Path:
        path = tmp_path / "config.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_the_example_loads():
    """config.example.toml is right as it stands, and its secrets come from where it says."""
    config = load_config(EXAMPLE, {"HUBSPOT_TOKEN": "pat-1", "NUTSHELL_API_KEY": "key-2"})
    norge, usa = config.accounts
    assert (norge.name, norge.crm, norge.account_id) == ("norge", "hubspot", None)
    assert (norge.requests_per_10s, norge.daily_reserve) == (100, 0.1)
    assert norge.token is not None
    assert norge.token.reveal() == "pat-1"
    assert norge.fields["product"] == "product_line"
    assert (usa.crm, usa.user, usa.currency) == ("nutshell", "sync@example.com", "USD")
    assert usa.key is not None
    assert usa.key.reveal() == "key-2"


def test_targets_are_kept_by_period(write):
    """Money becomes whole hundredths, so that no sum of it is off by a cent."""
    text = "[targets.2026Q4]\ntotal = 12_000_000.10\nteams = { Norge = 7 }\n"
    text += '[targets."2026-07"]\nowners = { "Kari Hauge" = 0.5 }\n'
    config = load_config(write("version = 1\n" + text), {})
    assert config.targets == {
        "2026Q4": Target(1_200_000_010, {"Norge": 700}),
        "2026-07": Target(owners={"Kari Hauge": 50}),
    }
    assert load_config(write("version = 1\n"), {}).targets == {}


@pytest.mark.parametrize("fiscal_year_start", [1, 7])
@pytest.mark.parametrize(
    "period", ["2026", "2026H1", "2026H2", "2026Q1", "2026Q4", "2026-07", "2026-12", "2026W53"]
)
def test_a_period_has_one_name(write, period, fiscal_year_start):
    """What names a target in the file is what reports call that period."""
    config = load_config(write(f"version = 1\n[targets.{period}]\ntotal = 1\n"), {})
    assert named(period, ZoneInfo("UTC"), fiscal_year_start).label in config.targets


def test_privacy_is_names_and_five_without_a_word(write):
    """Reps stand by name, and figures about people take five deals."""
    assert load_config(write("version = 1\n"), {}).privacy == Privacy(Naming.NAMES, 5)
    text = 'version = 1\n[privacy]\nowners = "off"\nminimum_group = 12\n'
    assert load_config(write(text), {}).privacy == Privacy(Naming.OFF, 12)


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


def test_a_nutshell_account_has_a_user_and_a_key(tmp_path):
    """A Nutshell account names its user and where the key lives, and has no token."""
    path = tmp_path / "config.toml"
    path.write_text(
        'version = 1\ndatabase = "c.db"\nmappings = "m"\n[accounts.usa]\ncrm = "nutshell"\n'
        'user = "admin@example.com"\nkey = { env = "KEY" }\n'
    )
    (usa,) = load_config(path, {"KEY": "key-2"}).accounts
    assert (usa.crm, usa.user, usa.token, usa.write_token) == (
        "nutshell", "admin@example.com", None, None,
    )  # fmt: skip
    assert usa.key is not None
    assert usa.key.reveal() == "key-2"
    assert (usa.time_zone, usa.currency, usa.daily_reserve) == (None, None, 0.0)


def test_what_nutshell_does_not_tell_stands_in_the_file(write):
    """Time zone and currency are said by the user; fields of theirs go before those of ours."""
    text = NUTSHELL + 'time_zone = "America/New_York"\ncurrency = "USD"\n'
    fields = '[accounts.usa.fields]\nsource = "tags"\nregion = "territory"\n'
    (usa,) = load_config(write(text + fields), {}).accounts
    assert (usa.time_zone, usa.currency) == ("America/New_York", "USD")
    assert usa.fields == {**NUTSHELL_FIELDS, "source": "tags", "region": "territory"}


def test_every_nutshell_account_tracks_what_leads_have(write):
    """Confidence, products, sources and outcomes are kept without a word on them."""
    (usa,) = load_config(write(NUTSHELL), {}).accounts
    assert set(usa.fields) == {"confidence", "product", "source", "lost_reason"}
    (norge,) = load_config(write(HUBSPOT), {}).accounts
    assert norge.fields == {}


def test_a_job_takes_what_it_does_not_say_from_the_rest(write, tmp_path):
    """Without a zone a job goes by this machine's clock; without accounts it serves all."""
    from tzlocal import get_localzone

    job = '[[jobs]]\nname = "nightly"\nat = "23:05"\ndo = ["drift", "pull"]\n'
    (nightly,) = load_config(write(HUBSPOT + job), {}).jobs
    assert nightly == Job(
        "nightly",
        time(23, 5),
        get_localzone(),
        (Step.DRIFT, Step.PULL),
        ("norge",),
        folder=tmp_path / "reports",
    )


def test_the_jobs_in_the_manual_load(write):
    """What docs/scheduling.md tells people to write is right as it stands."""
    manual = (EXAMPLE.parent / "docs" / "scheduling.md").read_text("utf-8")
    jobs = manual.partition("```toml\n")[2].partition("```")[0]
    nightly, labels = load_config(write(HUBSPOT + jobs), {}).jobs
    assert str(nightly.zone) == "Europe/Oslo"
    assert labels.auto == {Capability.LABEL}


@pytest.mark.parametrize(("told", "reserve"), [("", 0.1), ("0", 0.0), ("0.25", 0.25), ("1", 1.0)])
def test_a_share_of_the_daily_quota_is_left_to_others(write, told, reserve):
    """A tenth of the day's requests is not ours, unless the file says another share."""
    line = f"daily_reserve = {told}\n" if told else ""
    (norge,) = load_config(write(HUBSPOT + line), {}).accounts
    assert norge.daily_reserve == reserve


@pytest.mark.parametrize("told", ["1.5", "-0.1", "nan", "10", '"0.1"', "true"])
def test_a_reserve_is_a_share(write, told):
    """What is no number from 0 to 1 is a fault of the file."""
    with pytest.raises(FileFaults, match="daily_reserve"):
        load_config(write(f"{HUBSPOT}daily_reserve = {told}\n"), {})
