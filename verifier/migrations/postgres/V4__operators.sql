-- Who runs the verifier: callers that belong to no merchant.
CREATE TABLE operator (
    id            TEXT COLLATE "C" PRIMARY KEY,
    name          TEXT COLLATE "C" NOT NULL,
    secret_digest BYTEA NOT NULL,
    scopes        TEXT COLLATE "C" NOT NULL,
    created_at    BIGINT NOT NULL,
    revoked_at    BIGINT
);

-- Card numbers that were shown to an operator. Counted for the limits, so that a restart resets nothing.
CREATE TABLE reveal (
    id          TEXT COLLATE "C" PRIMARY KEY,
    at          BIGINT NOT NULL,
    operator_id TEXT COLLATE "C" NOT NULL,
    merchant_id TEXT COLLATE "C" NOT NULL,
    card_id     TEXT COLLATE "C" NOT NULL,
    reason_enc  BYTEA NOT NULL                              -- what the operator gave as the reason
);

CREATE INDEX reveal_by_operator ON reveal (operator_id, at);
CREATE INDEX reveal_by_time ON reveal (at);

ALTER TABLE audit ADD COLUMN operator_id TEXT COLLATE "C";
ALTER TABLE audit ADD COLUMN card_id TEXT COLLATE "C";
