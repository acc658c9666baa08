-- Times are milliseconds since the Unix epoch. BLOB columns named *_enc are encrypted and bound to
-- their place (src/store/crypter.rs); *_digest are keyed digests, for look-ups only.

CREATE TABLE key (
    id           TEXT PRIMARY KEY,              -- 8 random bytes, hexadecimal
    purpose      TEXT NOT NULL,
    mode         TEXT NOT NULL CHECK (mode IN ('live', 'test')),
    version      INTEGER NOT NULL,
    state        TEXT NOT NULL CHECK (state IN ('pending', 'active', 'retired', 'revoked', 'destroyed')),
    created_at   INTEGER NOT NULL,
    activated_at INTEGER,
    retired_at   INTEGER,
    wrapped      BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE merchant (
    id         TEXT PRIMARY KEY,
    mode       TEXT NOT NULL CHECK (mode IN ('live', 'test')),
    name       TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE merchant_origin (
    merchant_id TEXT NOT NULL REFERENCES merchant (id),
    origin      TEXT NOT NULL,
    PRIMARY KEY (merchant_id, origin)
) STRICT, WITHOUT ROWID;

CREATE TABLE client (
    id            TEXT PRIMARY KEY,
    merchant_id   TEXT NOT NULL REFERENCES merchant (id),
    secret_digest BLOB NOT NULL,
    scopes        TEXT NOT NULL,
    created_at    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE session (
    id               TEXT PRIMARY KEY,
    merchant_id      TEXT NOT NULL REFERENCES merchant (id),
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
    submission_id    TEXT,                      -- the one that set the status
    created_at       INTEGER NOT NULL,
    expires_at       INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE session_jti (
    session_id TEXT NOT NULL,
    jti        BLOB NOT NULL,
    PRIMARY KEY (session_id, jti)
) STRICT, WITHOUT ROWID;

CREATE TABLE idempotency (
    merchant_id    TEXT NOT NULL,
    key_digest     BLOB NOT NULL,
    meaning_digest BLOB NOT NULL,
    answer         TEXT NOT NULL,               -- what the first answer is made of again
    created_at     INTEGER NOT NULL,
    PRIMARY KEY (merchant_id, key_digest)
) STRICT, WITHOUT ROWID;

CREATE TABLE card (
    merchant_id TEXT NOT NULL REFERENCES merchant (id),
    id          TEXT NOT NULL,
    token       TEXT NOT NULL,
    brand       TEXT NOT NULL,
    last4       TEXT NOT NULL,
    pan_enc     BLOB NOT NULL,
    salt_enc    BLOB,                           -- absent for a token that was drawn at random
    created_at  INTEGER NOT NULL,
    PRIMARY KEY (merchant_id, id),
    UNIQUE (merchant_id, token)
) STRICT, WITHOUT ROWID;

CREATE TABLE card_fingerprint (
    merchant_id TEXT NOT NULL,
    version     INTEGER NOT NULL,
    value       BLOB NOT NULL,
    card_id     TEXT NOT NULL,
    PRIMARY KEY (merchant_id, version, value),
    FOREIGN KEY (merchant_id, card_id) REFERENCES card (merchant_id, id)
) STRICT, WITHOUT ROWID;

-- Rows of some 2 kB: with a rowid they lie in leaves whole, without one they would spill over.
CREATE TABLE submission (
    id          TEXT PRIMARY KEY,
    session_id  TEXT NOT NULL,
    merchant_id TEXT NOT NULL,
    card_id     TEXT NOT NULL,
    network     TEXT,                           -- the brand that the customer chose, if one did
    details_enc BLOB NOT NULL,                  -- expiry, cardholder name, postal code
    signals_enc BLOB NOT NULL,                  -- browser data and signals
    ip_enc      BLOB NOT NULL,
    outcome     TEXT NOT NULL,                  -- the decision on it
    facts_enc   BLOB NOT NULL,                  -- what the rules read, and what each answered
    rule_set    TEXT NOT NULL,
    created_at  INTEGER NOT NULL
) STRICT;

-- One row a session. The two indexes cover the sums that the velocity rule takes.
CREATE TABLE velocity_event (
    session_id  TEXT PRIMARY KEY,
    merchant_id TEXT NOT NULL,
    card_id     TEXT NOT NULL,
    ip_digest   BLOB NOT NULL,
    usd_micros  INTEGER,                        -- NULL: no rate for the currency
    at          INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX velocity_by_card ON velocity_event (merchant_id, card_id, at, usd_micros);
CREATE INDEX velocity_by_ip ON velocity_event (merchant_id, ip_digest, at, card_id, usd_micros);

CREATE TABLE audit (
    seq         INTEGER PRIMARY KEY,
    at          INTEGER NOT NULL,
    action      TEXT NOT NULL,
    code        TEXT,                           -- stable error code of what was refused
    reason      TEXT,                           -- from a fixed list; never content
    merchant_id TEXT,
    client_id   TEXT,
    session_id  TEXT,
    ip_digest   BLOB,
    request_id  TEXT
) STRICT;

CREATE INDEX audit_auth_failures ON audit (ip_digest, at) WHERE action = 'auth.failed';

CREATE TRIGGER audit_never_changes BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'audit entries never change'); END;

CREATE TRIGGER audit_never_shrinks BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'audit entries are never deleted'); END;

-- Written by the readiness check, at most once a second.
CREATE TABLE heartbeat (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    at INTEGER NOT NULL
) STRICT;

CREATE TABLE alert (
    id         TEXT PRIMARY KEY,
    kind       TEXT NOT NULL,
    subject    BLOB,                            -- digest of the address, or the client's id
    count      INTEGER NOT NULL,
    raised_at  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX alert_by_subject ON alert (kind, subject, raised_at);
