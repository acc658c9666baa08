-- Counts every change of a key, so that a running verifier sees that it has to read them again.
CREATE TABLE keyring (
    id       BIGINT PRIMARY KEY CHECK (id = 1),
    revision BIGINT NOT NULL,
    kek_id   TEXT COLLATE "C"                               -- what every key is wrapped by; NULL: not noted yet
);

INSERT INTO keyring (id, revision) VALUES (1, 0);

ALTER TABLE key ADD COLUMN destroyed_at BIGINT;

-- Values encrypted under the key, counted now and then.
ALTER TABLE key ADD COLUMN encryptions BIGINT NOT NULL DEFAULT 0;

ALTER TABLE audit ADD COLUMN key_id TEXT COLLATE "C";

-- For the sweeper: these rows' keys say nothing of their age.
CREATE INDEX idempotency_by_age ON idempotency (created_at);

-- Two active keys of a kind would split what is found from what is written.
CREATE UNIQUE INDEX key_one_active ON key (purpose, mode) WHERE state = 'active';
