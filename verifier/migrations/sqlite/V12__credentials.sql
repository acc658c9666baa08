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
