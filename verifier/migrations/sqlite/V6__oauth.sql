-- People who sign in. One of a merchant acts for it; one of none is an operator.
CREATE TABLE user_account (
    id            TEXT PRIMARY KEY,
    name          TEXT NOT NULL UNIQUE,
    merchant_id   TEXT REFERENCES merchant (id),
    scopes        TEXT NOT NULL,
    password_hash TEXT NOT NULL,                -- argon2id, PHC string
    failures      INTEGER NOT NULL,             -- since the last success
    locked_until  INTEGER,
    disabled_at   INTEGER,
    created_at    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE second_factor (
    user_id    TEXT PRIMARY KEY REFERENCES user_account (id),
    seed_enc   BLOB NOT NULL,                   -- TOTP
    last_step  INTEGER NOT NULL,                -- of the last code that was taken: none is taken twice
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE login_session (
    id            TEXT PRIMARY KEY,
    secret_digest BLOB NOT NULL,
    user_id       TEXT NOT NULL,
    created_at    INTEGER NOT NULL,
    seen_at       INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX login_session_by_user ON login_session (user_id);

-- How a merchant's server proves itself, where that is not its secret.
CREATE TABLE client_auth (
    client_id    TEXT PRIMARY KEY REFERENCES client (id),
    method       TEXT NOT NULL CHECK (method IN ('private_key_jwt', 'self_signed_tls_client_auth')),
    jwks         TEXT,                          -- public keys, a JWK Set
    certificates TEXT                           -- SHA-256 of each, base64url, space separated
) STRICT, WITHOUT ROWID;

-- Programs that people sign in with. They have no secret.
CREATE TABLE public_client (
    id         TEXT PRIMARY KEY,
    name       TEXT NOT NULL,
    scopes     TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    revoked_at INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE redirect_uri (
    client_id TEXT NOT NULL REFERENCES public_client (id),
    uri       TEXT NOT NULL,
    PRIMARY KEY (client_id, uri)
) STRICT, WITHOUT ROWID;

-- What a person granted to a program: the family of all tokens that come of it.
CREATE TABLE oauth_grant (
    id         TEXT PRIMARY KEY,
    client_id  TEXT NOT NULL,
    user_id    TEXT NOT NULL,
    scopes     TEXT NOT NULL,
    dpop_jkt   TEXT,                            -- thumbprint of the key that its tokens are bound to
    created_at INTEGER NOT NULL,
    revoked_at INTEGER
) STRICT, WITHOUT ROWID;

CREATE INDEX oauth_grant_by_user ON oauth_grant (user_id);

CREATE TABLE oauth_code (
    id            TEXT PRIMARY KEY,
    secret_digest BLOB NOT NULL,
    grant_id      TEXT NOT NULL,
    redirect_uri  TEXT NOT NULL,
    challenge     BLOB NOT NULL,                -- S256
    created_at    INTEGER NOT NULL,
    used_at       INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE refresh_token (
    id            TEXT PRIMARY KEY,
    secret_digest BLOB NOT NULL,
    grant_id      TEXT NOT NULL,
    created_at    INTEGER NOT NULL,
    used_at       INTEGER
) STRICT, WITHOUT ROWID;

-- Access tokens that were revoked before their time.
CREATE TABLE revoked_token (
    id TEXT PRIMARY KEY
) STRICT, WITHOUT ROWID;

-- DPoP proofs and client assertions that were used, until they would be refused for their age.
CREATE TABLE used_proof (
    until_s INTEGER NOT NULL,
    digest  BLOB NOT NULL,
    PRIMARY KEY (until_s, digest)
) STRICT, WITHOUT ROWID;
