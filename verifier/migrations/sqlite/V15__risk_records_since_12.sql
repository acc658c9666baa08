-- Lists that rules ask by name. Those that are there from the beginning are named by what is blocked.
CREATE TABLE risk_list (
    name       TEXT PRIMARY KEY,
    kind       TEXT NOT NULL,               -- address, card, country, customer, email, text
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

INSERT INTO risk_list (name, kind, created_at) VALUES
    ('blocked_cards', 'card', 0),
    ('blocked_countries', 'country', 0),
    ('blocked_customers', 'customer', 0),
    ('blocked_emails', 'email', 0),
    ('blocked_ips', 'address', 0);

CREATE TABLE risk_list_entry (
    id           TEXT PRIMARY KEY,
    list         TEXT NOT NULL REFERENCES risk_list (name),
    merchant_id  TEXT NOT NULL,               -- empty: for all
    value_digest BLOB NOT NULL,               -- keyed
    value_enc    BLOB NOT NULL,
    reason       TEXT NOT NULL,
    expires_at   INTEGER NOT NULL,
    created_at   INTEGER NOT NULL,
    created_by   TEXT
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX risk_list_entry_by_value ON risk_list_entry (list, merchant_id, value_digest);
CREATE INDEX risk_list_entry_by_end ON risk_list_entry (expires_at);

-- Another number after every change of what each verifier holds in memory.
CREATE TABLE risk_revision (
    name     TEXT PRIMARY KEY,
    revision INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

INSERT INTO risk_revision (name, revision) VALUES ('lists', 1), ('rules', 1);

-- What became of a session or a card. The latest holds; the former ones stay.
CREATE TABLE risk_outcome (
    id          TEXT PRIMARY KEY,
    merchant_id BLOB NOT NULL,
    session_id  BLOB,                         -- one of the two
    card_id     BLOB,
    kind        TEXT NOT NULL,               -- chargeback, fraud, legitimate
    happened_at INTEGER NOT NULL,
    reason      TEXT,
    client_id   TEXT,
    operator_id TEXT,
    created_at  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX risk_outcome_by_session ON risk_outcome (session_id) WHERE session_id IS NOT NULL;
CREATE INDEX risk_outcome_by_card ON risk_outcome (card_id) WHERE card_id IS NOT NULL;

-- What people did with decisions that ask for one. A decision that nobody has taken yet has no row.
CREATE TABLE risk_review (
    submission_id BLOB PRIMARY KEY,
    claimed_by    TEXT,
    claimed_until INTEGER,
    decision      TEXT,                      -- fraud, legitimate
    reason        TEXT,
    decided_by    TEXT,
    decided_at    INTEGER
) STRICT, WITHOUT ROWID;

CREATE INDEX submission_for_review ON submission (id) WHERE outcome = 'review';
