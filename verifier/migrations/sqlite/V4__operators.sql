-- Who runs the verifier: callers that belong to no merchant.
CREATE TABLE operator (
    id            TEXT PRIMARY KEY,
    name          TEXT NOT NULL,
    secret_digest BLOB NOT NULL,
    scopes        TEXT NOT NULL,
    created_at    INTEGER NOT NULL,
    revoked_at    INTEGER
) STRICT, WITHOUT ROWID;

-- Card numbers that were shown to an operator. Counted for the limits, so that a restart resets nothing.
CREATE TABLE reveal (
    id          TEXT PRIMARY KEY,
    at          INTEGER NOT NULL,
    operator_id TEXT NOT NULL,
    merchant_id TEXT NOT NULL,
    card_id     TEXT NOT NULL,
    reason_enc  BLOB NOT NULL                   -- what the operator gave as the reason
) STRICT;

CREATE INDEX reveal_by_operator ON reveal (operator_id, at);
CREATE INDEX reveal_by_time ON reveal (at);

ALTER TABLE audit ADD COLUMN operator_id TEXT;
ALTER TABLE audit ADD COLUMN card_id TEXT;
