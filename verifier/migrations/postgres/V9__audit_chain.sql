-- The audit, hash-chained: see verifier/AUDIT.md. What was logged before is carried into the chains behind this
-- version (store/audit/carry.rs), which ends by dropping audit_former.
DROP TRIGGER audit_never_changes ON audit;
DROP TRIGGER audit_is_never_emptied ON audit;
DROP INDEX audit_auth_failures;
ALTER TABLE audit RENAME TO audit_former;
ALTER INDEX audit_pkey RENAME TO audit_former_pkey;

CREATE TABLE audit (
    merchant_id BYTEA NOT NULL,                 -- zeros: the installation's own
    chain       BIGINT NOT NULL,
    seq         BIGINT NOT NULL,                -- from 1, without gaps
    at          BIGINT NOT NULL,
    action      TEXT COLLATE "C" NOT NULL,
    code        TEXT COLLATE "C",               -- stable error code of what was refused
    reason      TEXT COLLATE "C",               -- from a fixed list, or what an operator stated
    client_id   TEXT COLLATE "C",
    session_id  BYTEA,
    ip_digest   BYTEA,
    request_id  BYTEA,
    key_id      TEXT COLLATE "C",
    operator_id TEXT COLLATE "C",
    card_id     TEXT COLLATE "C",
    subject     BYTEA,                          -- a keyed pseudonym, or a digest of a configuration
    count       BIGINT,
    hash        BYTEA NOT NULL,                 -- over the one before and this one
    PRIMARY KEY (merchant_id, chain, seq)
);

CREATE INDEX audit_by_time ON audit (at);
CREATE INDEX audit_auth_failures ON audit (ip_digest, at) WHERE action = 'auth.failed';

-- Every chain, and up to where it was pruned.
CREATE TABLE audit_chain (
    merchant_id BYTEA NOT NULL,
    chain       BIGINT NOT NULL,
    pruned_seq  BIGINT NOT NULL,
    pruned_hash BYTEA NOT NULL,
    PRIMARY KEY (merchant_id, chain)
);

-- Signed roots over the heads of all chains; each names the one before.
CREATE TABLE audit_root (
    number BIGINT PRIMARY KEY,
    at     BIGINT NOT NULL,
    kid    TEXT COLLATE "C" NOT NULL,
    signed TEXT COLLATE "C" NOT NULL            -- JWS
);

-- Heads that have moved since the root before.
CREATE TABLE audit_root_head (
    number      BIGINT NOT NULL REFERENCES audit_root (number),
    merchant_id BYTEA NOT NULL,
    chain       BIGINT NOT NULL,
    seq         BIGINT NOT NULL,
    hash        BYTEA NOT NULL,
    PRIMARY KEY (merchant_id, chain, seq)
);

-- How far each export has come.
CREATE TABLE audit_position (
    sink        TEXT COLLATE "C" NOT NULL,
    merchant_id BYTEA NOT NULL,
    chain       BIGINT NOT NULL,
    seq         BIGINT NOT NULL,
    PRIMARY KEY (sink, merchant_id, chain)
);

CREATE TRIGGER audit_never_changes BEFORE UPDATE ON audit
FOR EACH ROW EXECUTE FUNCTION audit_refuse();

CREATE TRIGGER audit_is_never_emptied BEFORE TRUNCATE ON audit
FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();

CREATE FUNCTION audit_refuse_unpruned() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM audit_chain WHERE merchant_id = OLD.merchant_id AND chain = OLD.chain
            AND pruned_seq >= OLD.seq) THEN
        RAISE EXCEPTION 'audit entries are never deleted';
    END IF;
    RETURN OLD;
END $$;

CREATE TRIGGER audit_never_shrinks BEFORE DELETE ON audit
FOR EACH ROW EXECUTE FUNCTION audit_refuse_unpruned();

CREATE TRIGGER audit_root_never_changes BEFORE UPDATE OR DELETE ON audit_root
FOR EACH ROW EXECUTE FUNCTION audit_refuse();
