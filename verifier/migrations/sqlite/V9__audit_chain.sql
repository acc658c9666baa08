-- The audit, hash-chained: see verifier/AUDIT.md. What was logged before is carried into the chains behind this
-- version (store/audit/carry.rs), which ends by dropping audit_former.
DROP TRIGGER audit_never_changes;
DROP TRIGGER audit_never_shrinks;
DROP INDEX audit_auth_failures;
ALTER TABLE audit RENAME TO audit_former;

CREATE TABLE audit (
    merchant_id BLOB NOT NULL,                  -- zeros: the installation's own
    chain       INTEGER NOT NULL,
    seq         INTEGER NOT NULL,               -- from 1, without gaps
    at          INTEGER NOT NULL,
    action      TEXT NOT NULL,
    code        TEXT,                           -- stable error code of what was refused
    reason      TEXT,                           -- from a fixed list, or what an operator stated
    client_id   TEXT,
    session_id  BLOB,
    ip_digest   BLOB,
    request_id  BLOB,
    key_id      TEXT,
    operator_id TEXT,
    card_id     TEXT,
    subject     BLOB,                           -- a keyed pseudonym, or a digest of a configuration
    count       INTEGER,
    hash        BLOB NOT NULL,                  -- over the one before and this one
    PRIMARY KEY (merchant_id, chain, seq)
) STRICT, WITHOUT ROWID;

CREATE INDEX audit_by_time ON audit (at);
CREATE INDEX audit_auth_failures ON audit (ip_digest, at) WHERE action = 'auth.failed';

-- Every chain, and up to where it was pruned.
CREATE TABLE audit_chain (
    merchant_id BLOB NOT NULL,
    chain       INTEGER NOT NULL,
    pruned_seq  INTEGER NOT NULL,
    pruned_hash BLOB NOT NULL,
    PRIMARY KEY (merchant_id, chain)
) STRICT, WITHOUT ROWID;

-- Signed roots over the heads of all chains; each names the one before.
CREATE TABLE audit_root (
    number INTEGER PRIMARY KEY,
    at     INTEGER NOT NULL,
    kid    TEXT NOT NULL,
    signed TEXT NOT NULL                        -- JWS
) STRICT;

-- Heads that have moved since the root before.
CREATE TABLE audit_root_head (
    number      INTEGER NOT NULL REFERENCES audit_root (number),
    merchant_id BLOB NOT NULL,
    chain       INTEGER NOT NULL,
    seq         INTEGER NOT NULL,
    hash        BLOB NOT NULL,
    PRIMARY KEY (merchant_id, chain, seq)
) STRICT, WITHOUT ROWID;

-- How far each export has come.
CREATE TABLE audit_position (
    sink        TEXT NOT NULL,
    merchant_id BLOB NOT NULL,
    chain       INTEGER NOT NULL,
    seq         INTEGER NOT NULL,
    PRIMARY KEY (sink, merchant_id, chain)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER audit_never_changes BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'audit entries never change'); END;

CREATE TRIGGER audit_never_shrinks BEFORE DELETE ON audit
WHEN NOT EXISTS (SELECT 1 FROM audit_chain WHERE merchant_id = OLD.merchant_id AND chain = OLD.chain
    AND pruned_seq >= OLD.seq)
BEGIN SELECT RAISE(ABORT, 'audit entries are never deleted'); END;

CREATE TRIGGER audit_root_never_changes BEFORE UPDATE ON audit_root
BEGIN SELECT RAISE(ABORT, 'audit roots never change'); END;

CREATE TRIGGER audit_root_never_shrinks BEFORE DELETE ON audit_root
BEGIN SELECT RAISE(ABORT, 'audit roots are never deleted'); END;
