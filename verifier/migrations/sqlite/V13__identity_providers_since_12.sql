-- Who somebody is at an issuer of OpenID Connect: signs the person in who is bound to it, and nobody else.
CREATE TABLE identity_binding (
    issuer     TEXT NOT NULL,
    subject    TEXT NOT NULL,
    user_id    TEXT NOT NULL REFERENCES user_account (id),
    created_at INTEGER NOT NULL,
    PRIMARY KEY (issuer, subject)
) STRICT, WITHOUT ROWID;

CREATE INDEX identity_binding_by_user ON identity_binding (user_id);

-- Browsers that were sent to an issuer and did not come back yet. Each row is used once.
CREATE TABLE pending_login (
    id             TEXT PRIMARY KEY,
    secret_digest  BLOB NOT NULL,               -- of the state
    browser_digest BLOB NOT NULL,               -- of the cookie of the browser that was sent
    provider       TEXT NOT NULL,
    nonce          TEXT NOT NULL,
    verifier_enc   BLOB NOT NULL,               -- PKCE
    query          TEXT NOT NULL,               -- the program's request, to go on with
    created_at     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
