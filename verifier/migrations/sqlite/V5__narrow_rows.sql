-- Ids as sixteen bytes (src/store/row_id.rs), so that rows and their indexes are narrow. `row_id` and
-- `address` (src/store/velocity.rs) are the verifier's own functions; they fail for what is no id.
-- Nothing refers to a merchant by a foreign key here any more: each insert would look it up.

CREATE TABLE narrow_session (
    id               BLOB PRIMARY KEY,
    merchant_id      BLOB NOT NULL,
    purpose          TEXT NOT NULL CHECK (purpose IN ('payment', 'setup')),
    amount           INTEGER NOT NULL,          -- minor units
    currency         TEXT NOT NULL,
    order_id         TEXT NOT NULL,
    origin           TEXT NOT NULL,
    shipping_country TEXT,
    accepted_brands  TEXT NOT NULL,             -- names, comma separated
    locale           TEXT,
    signals          TEXT NOT NULL,
    status           TEXT NOT NULL CHECK (status IN ('open', 'accepted', 'declined')),
    rev              INTEGER NOT NULL,
    attempts         INTEGER NOT NULL,
    submission_id    BLOB,                      -- the one that set the status
    customer_id      BLOB,                      -- NULL: none was given, or it was erased
    created_at       INTEGER NOT NULL,
    expires_at       INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO narrow_session SELECT row_id(id), row_id(merchant_id), purpose, amount, currency, order_id,
    origin, shipping_country, accepted_brands, locale, signals, status, rev, attempts,
    row_id(submission_id), row_id(customer_id), created_at, expires_at FROM session;
DROP TABLE session;
ALTER TABLE narrow_session RENAME TO session;
CREATE INDEX session_by_customer ON session (customer_id) WHERE customer_id IS NOT NULL;

CREATE TABLE narrow_session_jti (
    session_id BLOB NOT NULL,
    jti        BLOB NOT NULL,
    PRIMARY KEY (session_id, jti)
) STRICT, WITHOUT ROWID;
INSERT INTO narrow_session_jti SELECT row_id(session_id), jti FROM session_jti;
DROP TABLE session_jti;
ALTER TABLE narrow_session_jti RENAME TO session_jti;

CREATE TABLE narrow_card (
    merchant_id BLOB NOT NULL,
    id          BLOB NOT NULL,
    token       TEXT NOT NULL,
    brand       TEXT NOT NULL,
    last4       TEXT NOT NULL,
    pan_enc     BLOB NOT NULL,
    salt_enc    BLOB,                           -- absent for a token that was drawn at random
    created_at  INTEGER NOT NULL,
    PRIMARY KEY (merchant_id, id),
    UNIQUE (merchant_id, token)
) STRICT, WITHOUT ROWID;
INSERT INTO narrow_card SELECT row_id(merchant_id), row_id(id), token, brand, last4, pan_enc, salt_enc,
    created_at FROM card ORDER BY merchant_id, id;
DROP TABLE card;
ALTER TABLE narrow_card RENAME TO card;

-- A fingerprint is keyed by its merchant: no two merchants have one in common.
CREATE TABLE narrow_fingerprint (
    mode    INTEGER NOT NULL,                   -- 0: live, 1: test
    version INTEGER NOT NULL,
    value   BLOB NOT NULL,
    card_id BLOB NOT NULL,
    PRIMARY KEY (mode, version, value)
) STRICT, WITHOUT ROWID;
INSERT INTO narrow_fingerprint SELECT substr(merchant_id, 5, 4) = 'test', version, value, row_id(card_id)
    FROM card_fingerprint;
DROP TABLE card_fingerprint;
ALTER TABLE narrow_fingerprint RENAME TO card_fingerprint;

-- Rows of some 1.3 kB and more: with a rowid they lie in leaves whole, without one they would spill over.
CREATE TABLE narrow_submission (
    id          BLOB PRIMARY KEY NOT NULL,
    session_id  BLOB NOT NULL,
    merchant_id BLOB NOT NULL,
    card_id     BLOB,                           -- NULL: it was erased
    customer_id BLOB,
    network     TEXT,                           -- the brand that the customer chose, if one did
    details_enc BLOB NOT NULL,                  -- expiry, cardholder name, postal code
    signals_enc BLOB NOT NULL,                  -- browser data and signals
    ip_enc      BLOB NOT NULL,
    outcome     TEXT NOT NULL,                  -- the decision on it
    facts_enc   BLOB NOT NULL,                  -- what the rules read, and what each answered
    rule_set    TEXT NOT NULL,
    created_at  INTEGER NOT NULL,
    erased_at   INTEGER
) STRICT;
INSERT INTO narrow_submission SELECT row_id(id), row_id(session_id), row_id(merchant_id),
    row_id(nullif(card_id, '')), row_id(customer_id), network, details_enc, signals_enc, ip_enc, outcome,
    facts_enc, rule_set, created_at, erased_at FROM submission;
DROP TABLE submission;
ALTER TABLE narrow_submission RENAME TO submission;
CREATE INDEX submission_by_card ON submission (card_id);
CREATE INDEX submission_by_customer ON submission (customer_id) WHERE customer_id IS NOT NULL;

-- One row a session. The two indexes cover the sums that the velocity rule takes.
CREATE TABLE narrow_velocity_event (
    session_id  BLOB PRIMARY KEY,
    card_id     BLOB NOT NULL,
    address     BLOB NOT NULL,              -- of the client, for its merchant alone
    usd_micros  INTEGER,                        -- NULL: no rate for the currency
    at          INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO narrow_velocity_event SELECT row_id(session_id), row_id(card_id),
    address(ip_digest, row_id(merchant_id)), usd_micros, at FROM velocity_event;
DROP TABLE velocity_event;
ALTER TABLE narrow_velocity_event RENAME TO velocity_event;
-- A card is one merchant's.
CREATE INDEX velocity_by_card ON velocity_event (card_id, at, usd_micros);
CREATE INDEX velocity_by_address ON velocity_event (address, at, card_id, usd_micros);

-- `reference_digest` finds a merchant's own reference, `reference_enc` shows it.
CREATE TABLE narrow_customer (
    id               BLOB PRIMARY KEY,
    merchant_id      BLOB NOT NULL,
    reference_digest BLOB NOT NULL,
    reference_enc    BLOB NOT NULL,
    created_at       INTEGER NOT NULL,
    UNIQUE (merchant_id, reference_digest)
) STRICT, WITHOUT ROWID;
INSERT INTO narrow_customer SELECT row_id(id), row_id(merchant_id), reference_digest, reference_enc,
    created_at FROM customer;
CREATE TABLE narrow_customer_card (
    customer_id BLOB NOT NULL REFERENCES narrow_customer (id),
    card_id     BLOB NOT NULL,
    created_at  INTEGER NOT NULL,
    PRIMARY KEY (customer_id, card_id)
) STRICT, WITHOUT ROWID;
INSERT INTO narrow_customer_card SELECT row_id(customer_id), row_id(card_id), created_at FROM customer_card;
DROP TABLE customer_card;
DROP TABLE customer;
ALTER TABLE narrow_customer RENAME TO customer;
ALTER TABLE narrow_customer_card RENAME TO customer_card;
CREATE INDEX customer_by_card ON customer_card (card_id);

-- The audit is copied, once: nothing changes or deletes an entry.
CREATE TABLE narrow_audit (
    seq         INTEGER PRIMARY KEY,
    at          INTEGER NOT NULL,
    action      TEXT NOT NULL,
    code        TEXT,                           -- stable error code of what was refused
    reason      TEXT,                           -- from a fixed list, or what an operator stated
    merchant_id BLOB,
    client_id   TEXT,
    session_id  BLOB,
    ip_digest   BLOB,
    request_id  BLOB,
    key_id      TEXT,
    operator_id TEXT,
    card_id     TEXT
) STRICT;
INSERT INTO narrow_audit SELECT seq, at, action, code, reason, row_id(merchant_id), client_id,
    row_id(session_id), ip_digest, row_id('req_live_' || substr(nullif(request_id, 'req_none'), 5)),
    key_id, operator_id, card_id FROM audit;
DROP TABLE audit;
ALTER TABLE narrow_audit RENAME TO audit;
CREATE INDEX audit_auth_failures ON audit (ip_digest, at) WHERE action = 'auth.failed';
CREATE TRIGGER audit_never_changes BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'audit entries never change'); END;
CREATE TRIGGER audit_never_shrinks BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'audit entries are never deleted'); END;

-- Each submission asks whether there is a newer root of fingerprints.
CREATE INDEX key_by_version ON key (purpose, mode, version);
