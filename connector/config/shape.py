"""The tables and keys of config.toml, as its reader and its JSON Schema know them."""

from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Discriminator, Field, model_validator
from pydantic_core import PydanticCustomError

from connector.model import Field as DealField
from connector.tomlfile import Table, Text, matching

AccountName = Annotated[
    str, *matching("[a-z0-9-]+", 'should be small letters, digits and hyphens, like "norge"')
]
FieldName = Annotated[
    str,
    *matching(
        f"(?!({'|'.join(DealField.ALWAYS)})$)[\\s\\S]*",
        "is the name of a field that is tracked anyway; take another name",
    ),
    *matching("[a-z][a-z0-9_]*", 'should be small letters, digits and underscores, like "region"'),
]
Currency = Annotated[str, *matching("[A-Z]{3}", 'should be a currency code, like "NOK"')]


def _known_zone(name: str) -> str:
    try:
        return ZoneInfo(name).key
    except (LookupError, ValueError, OSError):
        message = 'is no time zone this machine knows; take a name like "Europe/Oslo"'
        raise PydanticCustomError("zone", message) from None


TimeZone = Annotated[Text, AfterValidator(_known_zone)]
JobName = Annotated[
    str, *matching("[a-z0-9-]+", 'should be small letters, digits and hyphens, like "nightly"')
]
TimeOfDay = Annotated[
    str,
    *matching("([01][0-9]|2[0-3]):[0-5][0-9]", 'should be hours and minutes, like "03:10"'),
]
LoopbackUrl = Annotated[
    str,
    *matching(
        r"https?://(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d{1,5})?/?",
        'should be on this machine, like "http://127.0.0.1:8080"; leave it out for the real CRM',
    ),
]


PeriodName = Annotated[
    str,
    *matching(
        "[12][0-9]{3}(Q[1-4]|H[12]|-(0[1-9]|1[0-2])|W(0[1-9]|[1-4][0-9]|5[0-3]))?",
        "should be a period, like 2026Q3, 2026H1, 2026, 2026-07 or 2026W31",
    ),
]
Target = Annotated[float, Field(gt=0, allow_inf_nan=False)]


class SecretTable(Table):
    """Where a secret lives: one of an environment variable, a file or a command."""

    env: Text | None = None
    file: Text | None = None
    command: Annotated[list[Text], Field(min_length=1)] | None = None

    @model_validator(mode="before")
    @classmethod
    def _one_place(cls, value: Any) -> Any:
        if isinstance(value, str):
            raise PydanticCustomError(
                "secret",
                "should say where the secret lives, not be the secret itself; put it into an "
                'environment variable and write { env = "ITS_NAME" }',
            )
        places = {"env", "file", "command"}
        if isinstance(value, dict) and value.keys() <= places and len(value) != 1:
            raise PydanticCustomError("secret", "should have exactly one of env, file and command")
        return value


class _AccountTable(Table):
    account_id: Text | None = None
    requests_per_10s: Annotated[int, Field(ge=1)] | None = None
    verify_days: Annotated[int, Field(ge=1)] = 7
    fields: Annotated[dict[FieldName, Text], Field(default_factory=dict)]
    base_url: LoopbackUrl | None = None


class HubspotTable(_AccountTable):
    """One HubSpot portal."""

    crm: Literal["hubspot"]
    token: SecretTable
    write_token: SecretTable | None = None
    daily_reserve: Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)] = 0.1


class NutshellTable(_AccountTable):
    """One Nutshell instance; no API of Nutshell's tells its time zone or currency (2026-11)."""

    crm: Literal["nutshell"]
    user: Text
    key: SecretTable
    time_zone: TimeZone | None = None
    currency: Currency | None = None


AccountTable = Annotated[HubspotTable | NutshellTable, Discriminator("crm")]


class JobTable(Table):
    """What is done once a day; the machine's time zone and all accounts where it says none."""

    name: JobName
    at: TimeOfDay
    timezone: Text | None = None
    do: Annotated[list[Literal["pull", "drift", "plan", "report", "apply"]], Field(min_length=1)]
    accounts: Annotated[list[Text], Field(min_length=1)] | None = None
    auto: Annotated[list[Literal["label", "probability"]], Field(default_factory=list)]
    folder: Text = "reports"


class PrivacyTable(Table):
    """What reports may say of people, and from how many deals on."""

    owners: Literal["names", "ids", "off"] = "names"
    minimum_group: Annotated[int, Field(ge=1)] = 5


class TargetTable(Table):
    """What is to be won in one period, in the home currency, or else in that of the accounts."""

    total: Target | None = None
    teams: Annotated[dict[Text, Target], Field(default_factory=dict)]
    owners: Annotated[dict[Text, Target], Field(default_factory=dict)]


class ConfigTable(Table):
    """config.toml as a whole."""

    version: Literal[1]
    database: Text = "connector.db"
    mappings: Text = "mappings"
    fiscal_year_start: Annotated[int, Field(ge=1, le=12)] = 1
    home_currency: Currency | None = None
    accounts: Annotated[dict[AccountName, AccountTable], Field(default_factory=dict)]
    rates: Annotated[
        dict[Currency, Annotated[float, Field(gt=0, allow_inf_nan=False)]],
        Field(default_factory=dict),
    ]
    targets: Annotated[dict[PeriodName, TargetTable], Field(default_factory=dict)]
    privacy: Annotated[PrivacyTable, Field(default_factory=PrivacyTable)]
    jobs: Annotated[list[JobTable], Field(default_factory=list)]
