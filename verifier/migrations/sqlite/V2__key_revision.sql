-- Counts every change of a key, so that a running verifier sees that it has to read them again.
CREATE TABLE keyring (
    id       INTEGER PRIMARY KEY CHECK (id = 1),
    revision INTEGER NOT NULL,
    kek_id   TEXT                               -- what every key is wrapped by; NULL: not noted yet
) STRICT;

INSERT INTO keyring (id, revision) VALUES (1, 0);

ALTER TABLE key ADD COLUMN destroyed_at INTEGER;

-- Values encrypted under the key, counted now and then.
ALTER TABLE key ADD COLUMN encryptions INTEGER NOT NULL DEFAULT 0;

ALTER TABLE audit ADD COLUMN key_id TEXT;

-- For the sweeper: these rows' keys say nothing of their age.
CREATE INDEX idempotency_by_age ON idempotency (created_at);

-- Two active keys of a kind would split what is found from what is written.
CREATE UNIQUE INDEX key_one_active ON key (purpose, mode) WHERE state = 'active';
