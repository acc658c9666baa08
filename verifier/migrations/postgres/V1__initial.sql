-- Times are milliseconds since the Unix epoch. BYTEA columns named *_enc are encrypted and bound to
-- their place (src/store/crypter.rs); *_digest are keyed digests, for look-ups only.

CREATE TABLE key (
    id           TEXT COLLATE "C" PRIMARY KEY,              -- 8 random bytes, hexadecimal
    purpose      TEXT COLLATE "C" NOT NULL,
    mode         TEXT COLLATE "C" NOT NULL CHECK (mode IN ('live', 'test')),
    version      BIGINT NOT NULL,
    state        TEXT COLLATE "C" NOT NULL CHECK (state IN ('pending', 'active', 'retired', 'revoked', 'destroyed')),
    created_at   BIGINT NOT NULL,
    activated_at BIGINT,
    retired_at   BIGINT,
    wrapped      BYTEA NOT NULL
);

CREATE TABLE merchant (
    id         TEXT COLLATE "C" PRIMARY KEY,
    mode       TEXT COLLATE "C" NOT NULL CHECK (mode IN ('live', 'test')),
    name       TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE merchant_origin (
    merchant_id TEXT COLLATE "C" NOT NULL REFERENCES merchant (id),
    origin      TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (merchant_id, origin)
);

CREATE TABLE client (
    id            TEXT COLLATE "C" PRIMARY KEY,
    merchant_id   TEXT COLLATE "C" NOT NULL REFERENCES merchant (id),
    secret_digest BYTEA NOT NULL,
    scopes        TEXT COLLATE "C" NOT NULL,
    created_at    BIGINT NOT NULL
);

CREATE TABLE session (
    id               TEXT COLLATE "C" PRIMARY KEY,
    merchant_id      TEXT COLLATE "C" NOT NULL REFERENCES merchant (id),
    purpose          TEXT COLLATE "C" NOT NULL CHECK (purpose IN ('payment', 'setup')),
    amount           BIGINT NOT NULL,          -- minor units
    currency         TEXT COLLATE "C" NOT NULL,
    order_id         TEXT COLLATE "C" NOT NULL,
    origin           TEXT COLLATE "C" NOT NULL,
    shipping_country TEXT COLLATE "C",
    accepted_brands  TEXT COLLATE "C" NOT NULL,             -- names, comma separated
    locale           TEXT COLLATE "C",
    signals          TEXT COLLATE "C" NOT NULL,
    status           TEXT COLLATE "C" NOT NULL CHECK (status IN ('open', 'accepted', 'declined')),
    rev              BIGINT NOT NULL,
    attempts         BIGINT NOT NULL,
    submission_id    TEXT COLLATE "C",                      -- the one that set the status
    created_at       BIGINT NOT NULL,
    expires_at       BIGINT NOT NULL
);

CREATE TABLE session_jti (
    session_id TEXT COLLATE "C" NOT NULL,
    jti        BYTEA NOT NULL,
    PRIMARY KEY (session_id, jti)
);

CREATE TABLE idempotency (
    merchant_id    TEXT COLLATE "C" NOT NULL,
    key_digest     BYTEA NOT NULL,
    meaning_digest BYTEA NOT NULL,
    answer         TEXT COLLATE "C" NOT NULL,               -- what the first answer is made of again
    created_at     BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, key_digest)
);

CREATE TABLE card (
    merchant_id TEXT COLLATE "C" NOT NULL REFERENCES merchant (id),
    id          TEXT COLLATE "C" NOT NULL,
    token       TEXT COLLATE "C" NOT NULL,
    brand       TEXT COLLATE "C" NOT NULL,
    last4       TEXT COLLATE "C" NOT NULL,
    pan_enc     BYTEA NOT NULL,
    salt_enc    BYTEA,                           -- absent for a token that was drawn at random
    created_at  BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, id),
    UNIQUE (merchant_id, token)
);

CREATE TABLE card_fingerprint (
    merchant_id TEXT COLLATE "C" NOT NULL,
    version     BIGINT NOT NULL,
    value       BYTEA NOT NULL,
    card_id     TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (merchant_id, version, value),
    FOREIGN KEY (merchant_id, card_id) REFERENCES card (merchant_id, id)
);

CREATE TABLE submission (
    id          TEXT COLLATE "C" PRIMARY KEY,
    session_id  TEXT COLLATE "C" NOT NULL,
    merchant_id TEXT COLLATE "C" NOT NULL,
    card_id     TEXT COLLATE "C" NOT NULL,
    network     TEXT COLLATE "C",                           -- the brand that the customer chose, if one did
    details_enc BYTEA NOT NULL,                  -- expiry, cardholder name, postal code
    signals_enc BYTEA NOT NULL,                  -- browser data and signals
    ip_enc      BYTEA NOT NULL,
    outcome     TEXT COLLATE "C" NOT NULL,                  -- the decision on it
    facts_enc   BYTEA NOT NULL,                  -- what the rules read, and what each answered
    rule_set    TEXT COLLATE "C" NOT NULL,
    created_at  BIGINT NOT NULL
);

-- One row a session. The two indexes cover the sums that the velocity rule takes.
CREATE TABLE velocity_event (
    session_id  TEXT COLLATE "C" PRIMARY KEY,
    merchant_id TEXT COLLATE "C" NOT NULL,
    card_id     TEXT COLLATE "C" NOT NULL,
    ip_digest   BYTEA NOT NULL,
    usd_micros  BIGINT,                        -- NULL: no rate for the currency
    at          BIGINT NOT NULL
);

CREATE INDEX velocity_by_card ON velocity_event (merchant_id, card_id, at, usd_micros);
CREATE INDEX velocity_by_ip ON velocity_event (merchant_id, ip_digest, at, card_id, usd_micros);

CREATE TABLE audit (
    seq         BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at          BIGINT NOT NULL,
    action      TEXT COLLATE "C" NOT NULL,
    code        TEXT COLLATE "C",                           -- stable error code of what was refused
    reason      TEXT COLLATE "C",                           -- from a fixed list; never content
    merchant_id TEXT COLLATE "C",
    client_id   TEXT COLLATE "C",
    session_id  TEXT COLLATE "C",
    ip_digest   BYTEA,
    request_id  TEXT COLLATE "C"
);

CREATE INDEX audit_auth_failures ON audit (ip_digest, at) WHERE action = 'auth.failed';

CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'audit entries never change and are never deleted'; END $$;

CREATE TRIGGER audit_never_changes BEFORE UPDATE OR DELETE ON audit
FOR EACH ROW EXECUTE FUNCTION audit_refuse();

CREATE TRIGGER audit_is_never_emptied BEFORE TRUNCATE ON audit
FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();

-- Written by the readiness check, at most once a second.
CREATE TABLE heartbeat (
    id BIGINT PRIMARY KEY CHECK (id = 1),
    at BIGINT NOT NULL
);

CREATE TABLE alert (
    id         TEXT COLLATE "C" PRIMARY KEY,
    kind       TEXT COLLATE "C" NOT NULL,
    subject    BYTEA,                            -- digest of the address, or the client's id
    count      BIGINT NOT NULL,
    raised_at  BIGINT NOT NULL
);

CREATE INDEX alert_by_subject ON alert (kind, subject, raised_at);
