-- Who somebody is at an issuer of OpenID Connect: signs the person in who is bound to it, and nobody else.
CREATE TABLE identity_binding (
    issuer     TEXT COLLATE "C" NOT NULL,
    subject    TEXT COLLATE "C" NOT NULL,
    user_id    TEXT COLLATE "C" NOT NULL REFERENCES user_account (id),
    created_at BIGINT NOT NULL,
    PRIMARY KEY (issuer, subject)
);

CREATE INDEX identity_binding_by_user ON identity_binding (user_id);

-- Browsers that were sent to an issuer and did not come back yet. Each row is used once.
CREATE TABLE pending_login (
    id             TEXT COLLATE "C" PRIMARY KEY,
    secret_digest  BYTEA NOT NULL,               -- of the state
    browser_digest BYTEA NOT NULL,               -- of the cookie of the browser that was sent
    provider       TEXT COLLATE "C" NOT NULL,
    nonce          TEXT NOT NULL,
    verifier_enc   BYTEA NOT NULL,               -- PKCE
    query          TEXT NOT NULL,               -- the program's request, to go on with
    created_at     BIGINT NOT NULL
);
