-- Clients as operators keep them.
ALTER TABLE client ADD COLUMN name TEXT NOT NULL DEFAULT '';
ALTER TABLE client ADD COLUMN secret_changed_at INTEGER;
ALTER TABLE client ADD COLUMN revoked_at INTEGER;
CREATE INDEX client_by_merchant ON client (merchant_id, id);

-- What operators asked for under an idempotency key, and the id of what was made.
CREATE TABLE operator_request (
    operator_id    TEXT NOT NULL,
    key_digest     BLOB NOT NULL,
    meaning_digest BLOB NOT NULL,
    answer         TEXT NOT NULL,
    created_at     INTEGER NOT NULL,
    PRIMARY KEY (operator_id, key_digest)
) STRICT, WITHOUT ROWID;

CREATE INDEX operator_request_by_age ON operator_request (created_at);
