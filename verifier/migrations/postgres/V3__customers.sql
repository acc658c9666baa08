-- The merchant's own references to customers. `reference_digest` finds one, `reference_enc` shows it.
CREATE TABLE customer (
    id               TEXT COLLATE "C" PRIMARY KEY,
    merchant_id      TEXT COLLATE "C" NOT NULL REFERENCES merchant (id),
    reference_digest BYTEA NOT NULL,
    reference_enc    BYTEA NOT NULL,
    created_at       BIGINT NOT NULL,
    UNIQUE (merchant_id, reference_digest)
);

CREATE TABLE customer_card (
    customer_id TEXT COLLATE "C" NOT NULL REFERENCES customer (id),
    card_id     TEXT COLLATE "C" NOT NULL,
    created_at  BIGINT NOT NULL,
    PRIMARY KEY (customer_id, card_id)
);

CREATE INDEX customer_by_card ON customer_card (card_id);

-- NULL: none was given, or it was erased.
ALTER TABLE session ADD COLUMN customer_id TEXT COLLATE "C";
CREATE INDEX session_by_customer ON session (customer_id) WHERE customer_id IS NOT NULL;

-- What was erased has empty columns, leads to no card and no customer, and keeps outcome and rule set.
ALTER TABLE submission ADD COLUMN customer_id TEXT COLLATE "C";
ALTER TABLE submission ADD COLUMN erased_at BIGINT;
CREATE INDEX submission_by_customer ON submission (customer_id) WHERE customer_id IS NOT NULL;
CREATE INDEX submission_by_card ON submission (card_id);

-- To delete a card, all fingerprints would have to be searched for it.
ALTER TABLE card_fingerprint DROP CONSTRAINT card_fingerprint_merchant_id_card_id_fkey;

-- Up to which id a sweep that deletes no rows has come.
CREATE TABLE swept (
    name   TEXT COLLATE "C" PRIMARY KEY,
    before TEXT COLLATE "C" NOT NULL
);
