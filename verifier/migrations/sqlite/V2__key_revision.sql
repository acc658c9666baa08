-- Counts every change of a key, so that a running verifier sees that it has to read them again.
CREATE TABLE keyring (
    id       INTEGER PRIMARY KEY CHECK (id = 1),
    revision INTEGER NOT NULL
) STRICT;

INSERT INTO keyring (id, revision) VALUES (1, 0);

ALTER TABLE key ADD COLUMN destroyed_at INTEGER;

ALTER TABLE audit ADD COLUMN key_id TEXT;
