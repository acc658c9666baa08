-- Attempts to sign in that failed, by address: whoever knows a name does not keep its owner out.
CREATE TABLE sign_in_failure (
    user_id      TEXT NOT NULL REFERENCES user_account (id),
    address      BLOB NOT NULL,                 -- IPv6 by its network of 64 bits
    failures     INTEGER NOT NULL,
    failed_at    INTEGER NOT NULL,              -- the last one
    locked_until INTEGER,
    PRIMARY KEY (user_id, address)
) STRICT, WITHOUT ROWID;

CREATE INDEX sign_in_failure_by_age ON sign_in_failure (failed_at);

ALTER TABLE user_account ADD COLUMN failed_at INTEGER;

-- Grows with each change of what a client proves itself with: tokens of before name another. Those that name
-- none yet are of a client that nothing was changed of.
ALTER TABLE client ADD COLUMN credentials_generation INTEGER NOT NULL DEFAULT 0;
UPDATE client SET credentials_generation = 1 WHERE secret_changed_at IS NOT NULL;
