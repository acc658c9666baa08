-- Lists that rules ask by name. Those that are there from the beginning are named by what is blocked.
CREATE TABLE risk_list (
    name       TEXT COLLATE "C" PRIMARY KEY,
    kind       TEXT COLLATE "C" NOT NULL,               -- address, card, country, customer, email, text
    created_at BIGINT NOT NULL
);

INSERT INTO risk_list (name, kind, created_at) VALUES
    ('blocked_cards', 'card', 0),
    ('blocked_countries', 'country', 0),
    ('blocked_customers', 'customer', 0),
    ('blocked_emails', 'email', 0),
    ('blocked_ips', 'address', 0);

CREATE TABLE risk_list_entry (
    id           TEXT COLLATE "C" PRIMARY KEY,
    list         TEXT COLLATE "C" NOT NULL REFERENCES risk_list (name),
    merchant_id  TEXT COLLATE "C" NOT NULL,               -- empty: for all
    value_digest BYTEA NOT NULL,               -- keyed
    value_enc    BYTEA NOT NULL,
    reason       TEXT COLLATE "C" NOT NULL,
    expires_at   BIGINT NOT NULL,
    created_at   BIGINT NOT NULL,
    created_by   TEXT COLLATE "C"
);

CREATE UNIQUE INDEX risk_list_entry_by_value ON risk_list_entry (list, merchant_id, value_digest);
CREATE INDEX risk_list_entry_by_end ON risk_list_entry (expires_at);

-- Another number after every change of what each verifier holds in memory.
CREATE TABLE risk_revision (
    name     TEXT COLLATE "C" PRIMARY KEY,
    revision BIGINT NOT NULL
);

INSERT INTO risk_revision (name, revision) VALUES ('lists', 1), ('rules', 1);

-- What became of a session or a card. The latest holds; the former ones stay.
CREATE TABLE risk_outcome (
    id          TEXT COLLATE "C" PRIMARY KEY,
    merchant_id BYTEA NOT NULL,
    session_id  BYTEA,                         -- one of the two
    card_id     BYTEA,
    kind        TEXT COLLATE "C" NOT NULL,               -- chargeback, fraud, legitimate
    happened_at BIGINT NOT NULL,
    reason      TEXT COLLATE "C",
    client_id   TEXT COLLATE "C",
    operator_id TEXT COLLATE "C",
    created_at  BIGINT NOT NULL
);

CREATE INDEX risk_outcome_by_session ON risk_outcome (session_id) WHERE session_id IS NOT NULL;
CREATE INDEX risk_outcome_by_card ON risk_outcome (card_id) WHERE card_id IS NOT NULL;

-- What people did with decisions that ask for one. A decision that nobody has taken yet has no row.
CREATE TABLE risk_review (
    submission_id BYTEA PRIMARY KEY,
    claimed_by    TEXT COLLATE "C",
    claimed_until BIGINT,
    decision      TEXT COLLATE "C",                      -- fraud, legitimate
    reason        TEXT COLLATE "C",
    decided_by    TEXT COLLATE "C",
    decided_at    BIGINT
);

CREATE INDEX submission_for_review ON submission (id) WHERE outcome = 'review';
