"""The tables, as migrations named after the version of connector that brought them."""

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from connector.store.views import VIEWS

migrations = Migrations("connector")

# Ids of the CRM get integer keys in their account, so that a change and a visit stay narrow.
# `digest` of a deal is that of the landed text its row was made from: equal means unchanged.
# `audited` of a pipeline is when it had last been touched as its audit trail was read.
# `not_before` of a version or a change is NULL where its instant is exact.
# `horizon` of a pull is until when it surely read everything, `watermark` where the next begins,
# `verifies` until when earlier pulls should have seen what a full one finds. `counted` is how many
# live deals the CRM said it has, `live` how many the pull left live.
# `body` of a work order is its drift as found last, `told` the first list made after it was closed.
# `lead` of a journal entry is the id of the deal it is about, NULL where it is about a stage, and
# `rev` the CRM's mark of the state the deal was in when it was sent.
FIRST = """
CREATE TABLE accounts (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    crm TEXT NOT NULL,
    remote TEXT NOT NULL,
    remote_name TEXT NOT NULL,
    kind TEXT NOT NULL,
    time_zone TEXT NOT NULL,
    currency TEXT NOT NULL
);
CREATE TABLE pulls (
    id INTEGER PRIMARY KEY,
    account INTEGER NOT NULL REFERENCES accounts,
    state TEXT NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'complete', 'abandoned')),
    fields TEXT NOT NULL,
    started INTEGER NOT NULL,
    since INTEGER,
    finished INTEGER,
    horizon INTEGER NOT NULL,
    watermark INTEGER,
    verifies INTEGER,
    leg TEXT,
    bookmark TEXT,
    landed INTEGER NOT NULL DEFAULT 0,
    held INTEGER NOT NULL DEFAULT 0,
    suspect INTEGER NOT NULL DEFAULT 0,
    counted INTEGER,
    live INTEGER,
    pages INTEGER NOT NULL DEFAULT 0,
    deals_unread INTEGER NOT NULL DEFAULT 0,
    deals_new INTEGER,
    deals_changed INTEGER,
    deals_same INTEGER,
    changes_new INTEGER
);
CREATE INDEX pulls_of_account ON pulls (account, state);
CREATE UNIQUE INDEX one_open_pull ON pulls (account) WHERE state = 'open';
CREATE TABLE landing (
    pull INTEGER NOT NULL REFERENCES pulls,
    kind TEXT NOT NULL CHECK (kind IN ('deal', 'merged', 'missing')),
    remote TEXT NOT NULL,
    live INTEGER NOT NULL,
    digest INTEGER NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (pull, kind, remote)
);
CREATE TABLE quarantine (
    pull INTEGER NOT NULL REFERENCES pulls,
    record TEXT NOT NULL,
    field TEXT NOT NULL,
    reason TEXT NOT NULL,
    raw TEXT NOT NULL,
    PRIMARY KEY (pull, record, field, reason)
);
CREATE TABLE unread_deals (
    account INTEGER NOT NULL REFERENCES accounts,
    remote TEXT NOT NULL,
    PRIMARY KEY (account, remote)
) WITHOUT ROWID;
CREATE TABLE pipelines (
    id INTEGER PRIMARY KEY,
    account INTEGER NOT NULL REFERENCES accounts,
    remote TEXT NOT NULL,
    label TEXT NOT NULL DEFAULT '',
    audited INTEGER,
    UNIQUE (account, remote)
);
CREATE TABLE stages (
    id INTEGER PRIMARY KEY,
    account INTEGER NOT NULL REFERENCES accounts,
    remote TEXT NOT NULL,
    pipeline INTEGER REFERENCES pipelines,
    label TEXT NOT NULL DEFAULT '',
    UNIQUE (account, remote)
);
CREATE TABLE pipeline_versions (
    id INTEGER PRIMARY KEY,
    pipeline INTEGER NOT NULL REFERENCES pipelines,
    label TEXT NOT NULL,
    valid_from INTEGER NOT NULL,
    valid_to INTEGER,
    not_before INTEGER,
    changed_by TEXT,
    state TEXT NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'draft', 'retired'))
);
CREATE UNIQUE INDEX one_live_version ON pipeline_versions (pipeline) WHERE valid_to IS NULL;
CREATE INDEX versions_of_pipeline ON pipeline_versions (pipeline, valid_from);
CREATE TABLE version_stages (
    version INTEGER NOT NULL REFERENCES pipeline_versions,
    position INTEGER NOT NULL,
    stage INTEGER NOT NULL REFERENCES stages,
    label TEXT NOT NULL,
    probability REAL,
    outcome TEXT NOT NULL CHECK (outcome IN ('open', 'won', 'lost')),
    slot INTEGER,
    writable INTEGER NOT NULL,
    weighted INTEGER NOT NULL,
    configured INTEGER NOT NULL,
    cancelled INTEGER NOT NULL,
    PRIMARY KEY (version, position)
) WITHOUT ROWID;
CREATE TABLE owners (
    id INTEGER PRIMARY KEY,
    account INTEGER NOT NULL REFERENCES accounts,
    remote TEXT NOT NULL,
    name TEXT NOT NULL DEFAULT '',
    email TEXT NOT NULL DEFAULT '',
    user_id TEXT NOT NULL DEFAULT '',
    team TEXT NOT NULL DEFAULT '',
    archived INTEGER NOT NULL DEFAULT 0,
    UNIQUE (account, remote)
);
CREATE TABLE fields (
    id INTEGER PRIMARY KEY,
    account INTEGER NOT NULL REFERENCES accounts,
    remote TEXT NOT NULL,
    UNIQUE (account, remote)
);
CREATE TABLE deals (
    id INTEGER PRIMARY KEY,
    account INTEGER NOT NULL REFERENCES accounts,
    remote TEXT NOT NULL,
    name TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    modified_at INTEGER NOT NULL,
    stage INTEGER REFERENCES stages,
    pipeline INTEGER REFERENCES pipelines,
    owner INTEGER REFERENCES owners,
    amount TEXT,
    home_amount TEXT,
    currency TEXT NOT NULL,
    close_date TEXT,
    gone_at INTEGER,
    gone_how TEXT CHECK (gone_how IN ('archived', 'merged', 'deleted')),
    merged_into TEXT,
    digest INTEGER,
    UNIQUE (account, remote),
    CHECK ((gone_at IS NULL) = (gone_how IS NULL))
);
CREATE TABLE changes (
    deal INTEGER NOT NULL REFERENCES deals,
    field INTEGER NOT NULL REFERENCES fields,
    at INTEGER NOT NULL,
    tie INTEGER NOT NULL,
    value TEXT,
    not_before INTEGER,
    changed_by TEXT,
    PRIMARY KEY (deal, field, at, tie)
) WITHOUT ROWID;
CREATE TABLE gaps (
    deal INTEGER NOT NULL REFERENCES deals,
    field INTEGER NOT NULL REFERENCES fields,
    after INTEGER NOT NULL,
    before INTEGER NOT NULL,
    PRIMARY KEY (deal, field, after)
) WITHOUT ROWID;
CREATE TABLE visits (
    deal INTEGER NOT NULL REFERENCES deals,
    number INTEGER NOT NULL,
    stage INTEGER REFERENCES stages,
    entered_at INTEGER NOT NULL,
    left_at INTEGER,
    cut INTEGER NOT NULL,
    PRIMARY KEY (deal, number)
) WITHOUT ROWID;
CREATE TABLE plans (
    account INTEGER NOT NULL REFERENCES accounts,
    fingerprint TEXT NOT NULL,
    text TEXT NOT NULL,
    PRIMARY KEY (account, fingerprint)
);
CREATE TABLE applies (
    id INTEGER PRIMARY KEY,
    account INTEGER NOT NULL,
    fingerprint TEXT NOT NULL,
    begun INTEGER NOT NULL,
    finished INTEGER,
    FOREIGN KEY (account, fingerprint) REFERENCES plans
);
CREATE TABLE journal (
    run INTEGER NOT NULL REFERENCES applies,
    seq INTEGER NOT NULL,
    change TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('sent', 'done', 'failed', 'unknown', 'skipped')),
    note TEXT NOT NULL DEFAULT '',
    sent_at INTEGER NOT NULL,
    settled_at INTEGER,
    lead TEXT,
    rev TEXT,
    PRIMARY KEY (run, seq)
);
CREATE TABLE drift_sightings (
    id INTEGER PRIMARY KEY,
    account INTEGER NOT NULL REFERENCES accounts,
    drift TEXT NOT NULL,
    desired TEXT NOT NULL,
    live TEXT NOT NULL,
    first_seen INTEGER NOT NULL,
    last_seen INTEGER NOT NULL,
    gone INTEGER
);
CREATE INDEX sightings_of_drift ON drift_sightings (account, drift, desired, live);
CREATE UNIQUE INDEX one_open_sighting ON drift_sightings (account, drift, desired, live)
    WHERE gone IS NULL;
CREATE TABLE drift_acceptances (
    id INTEGER PRIMARY KEY,
    account INTEGER NOT NULL REFERENCES accounts,
    drift TEXT NOT NULL,
    desired TEXT NOT NULL,
    live TEXT NOT NULL,
    reason TEXT NOT NULL,
    accepted_by TEXT NOT NULL,
    at INTEGER NOT NULL,
    until TEXT NOT NULL,
    ended INTEGER
);
CREATE UNIQUE INDEX one_acceptance ON drift_acceptances (account, drift) WHERE ended IS NULL;
CREATE TABLE work_orders (
    id INTEGER PRIMARY KEY,
    account INTEGER NOT NULL REFERENCES accounts,
    drift TEXT NOT NULL,
    wanted TEXT NOT NULL,
    body TEXT NOT NULL,
    since INTEGER NOT NULL,
    seen INTEGER NOT NULL,
    closed INTEGER,
    not_before INTEGER,
    ending TEXT CHECK (ending IN ('done', 'accepted', 'unwanted', 'unbound', 'obsolete')),
    told INTEGER,
    CHECK ((closed IS NULL) = (ending IS NULL))
);
CREATE UNIQUE INDEX one_open_work_order ON work_orders (account, drift, wanted)
    WHERE closed IS NULL;
CREATE TABLE jobs (
    job TEXT PRIMARY KEY,
    since INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE runs (
    id INTEGER PRIMARY KEY,
    job TEXT NOT NULL,
    day TEXT NOT NULL,
    started INTEGER NOT NULL,
    finished INTEGER,
    outcome TEXT NOT NULL DEFAULT 'running'
        CHECK (outcome IN ('running', 'done', 'partly', 'failed', 'stopped', 'killed')),
    requests INTEGER NOT NULL DEFAULT 0,
    seconds REAL,
    reason TEXT NOT NULL DEFAULT '',
    again INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX runs_of_job ON runs (job, day);
CREATE UNIQUE INDEX one_run_a_date ON runs (job, day)
    WHERE outcome IN ('running', 'done', 'partly', 'failed') AND NOT again;
CREATE TABLE run_steps (
    run INTEGER NOT NULL REFERENCES runs,
    seq INTEGER NOT NULL,
    account TEXT NOT NULL,
    step TEXT NOT NULL,
    outcome TEXT NOT NULL CHECK (outcome IN ('done', 'failed', 'stopped', 'skipped')),
    requests INTEGER NOT NULL,
    seconds REAL NOT NULL,
    note TEXT NOT NULL,
    PRIMARY KEY (run, seq)
) WITHOUT ROWID;
CREATE TABLE heartbeat (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    process INTEGER NOT NULL,
    started INTEGER NOT NULL,
    beat INTEGER NOT NULL
);
"""


@migrations(name="0.1.0")
def first(db: Database) -> None:
    """Everything connector began with."""
    db.executescript(FIRST)
    db.executescript(VIEWS)
