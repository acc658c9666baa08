-- The merchant's own references to customers. `reference_digest` finds one, `reference_enc` shows it.
CREATE TABLE customer (
    id               TEXT PRIMARY KEY,
    merchant_id      TEXT NOT NULL REFERENCES merchant (id),
    reference_digest BLOB NOT NULL,
    reference_enc    BLOB NOT NULL,
    created_at       INTEGER NOT NULL,
    UNIQUE (merchant_id, reference_digest)
) STRICT, WITHOUT ROWID;

CREATE TABLE customer_card (
    customer_id TEXT NOT NULL REFERENCES customer (id),
    card_id     TEXT NOT NULL,
    created_at  INTEGER NOT NULL,
    PRIMARY KEY (customer_id, card_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX customer_by_card ON customer_card (card_id);

-- NULL: none was given, or it was erased.
ALTER TABLE session ADD COLUMN customer_id TEXT;
CREATE INDEX session_by_customer ON session (customer_id) WHERE customer_id IS NOT NULL;

-- What was erased has empty columns, leads to no card and no customer, and keeps outcome and rule set.
ALTER TABLE submission ADD COLUMN customer_id TEXT;
ALTER TABLE submission ADD COLUMN erased_at INTEGER;
CREATE INDEX submission_by_customer ON submission (customer_id) WHERE customer_id IS NOT NULL;
CREATE INDEX submission_by_card ON submission (card_id);

-- Without its reference to the card: to delete a card, all fingerprints would have to be searched for it.
CREATE TABLE fingerprint_without_reference (
    merchant_id TEXT NOT NULL,
    version     INTEGER NOT NULL,
    value       BLOB NOT NULL,
    card_id     TEXT NOT NULL,
    PRIMARY KEY (merchant_id, version, value)
) STRICT, WITHOUT ROWID;
INSERT INTO fingerprint_without_reference SELECT merchant_id, version, value, card_id FROM card_fingerprint;
DROP TABLE card_fingerprint;
ALTER TABLE fingerprint_without_reference RENAME TO card_fingerprint;

-- Up to which id a sweep that deletes no rows has come.
CREATE TABLE swept (
    name   TEXT PRIMARY KEY,
    before TEXT NOT NULL
) STRICT, WITHOUT ROWID;
