-- Clients as operators keep them.
ALTER TABLE client ADD COLUMN name TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE client ADD COLUMN secret_changed_at BIGINT;
ALTER TABLE client ADD COLUMN revoked_at BIGINT;
CREATE INDEX client_by_merchant ON client (merchant_id, id);

-- What operators asked for under an idempotency key, and the id of what was made.
CREATE TABLE operator_request (
    operator_id    TEXT COLLATE "C" NOT NULL,
    key_digest     BYTEA NOT NULL,
    meaning_digest BYTEA NOT NULL,
    answer         TEXT COLLATE "C" NOT NULL,
    created_at     BIGINT NOT NULL,
    PRIMARY KEY (operator_id, key_digest)
);

CREATE INDEX operator_request_by_age ON operator_request (created_at);
