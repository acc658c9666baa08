-- People who sign in. One of a merchant acts for it; one of none is an operator.
CREATE TABLE user_account (
    id            TEXT COLLATE "C" PRIMARY KEY,
    name          TEXT COLLATE "C" NOT NULL UNIQUE,
    merchant_id   TEXT COLLATE "C" REFERENCES merchant (id),
    scopes        TEXT COLLATE "C" NOT NULL,
    password_hash TEXT COLLATE "C" NOT NULL,                -- argon2id, PHC string
    failures      BIGINT NOT NULL,             -- since the last success
    locked_until  BIGINT,
    disabled_at   BIGINT,
    created_at    BIGINT NOT NULL
);

CREATE TABLE second_factor (
    user_id    TEXT COLLATE "C" PRIMARY KEY REFERENCES user_account (id),
    seed_enc   BYTEA NOT NULL,                   -- TOTP
    last_step  BIGINT NOT NULL,                -- of the last code that was taken: none is taken twice
    created_at BIGINT NOT NULL
);

CREATE TABLE login_session (
    id            TEXT COLLATE "C" PRIMARY KEY,
    secret_digest BYTEA NOT NULL,
    user_id       TEXT COLLATE "C" NOT NULL,
    created_at    BIGINT NOT NULL,
    seen_at       BIGINT NOT NULL
);

CREATE INDEX login_session_by_user ON login_session (user_id);

-- How a merchant's server proves itself, where that is not its secret.
CREATE TABLE client_auth (
    client_id    TEXT COLLATE "C" PRIMARY KEY REFERENCES client (id),
    method       TEXT COLLATE "C" NOT NULL CHECK (method IN ('private_key_jwt', 'self_signed_tls_client_auth')),
    jwks         TEXT COLLATE "C",                          -- public keys, a JWK Set
    certificates TEXT COLLATE "C"                           -- SHA-256 of each, base64url, space separated
);

-- Programs that people sign in with. They have no secret.
CREATE TABLE public_client (
    id         TEXT COLLATE "C" PRIMARY KEY,
    name       TEXT COLLATE "C" NOT NULL,
    scopes     TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    revoked_at BIGINT
);

CREATE TABLE redirect_uri (
    client_id TEXT COLLATE "C" NOT NULL REFERENCES public_client (id),
    uri       TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (client_id, uri)
);

-- What a person granted to a program: the family of all tokens that come of it.
CREATE TABLE oauth_grant (
    id         TEXT COLLATE "C" PRIMARY KEY,
    client_id  TEXT COLLATE "C" NOT NULL,
    user_id    TEXT COLLATE "C" NOT NULL,
    scopes     TEXT COLLATE "C" NOT NULL,
    dpop_jkt   TEXT COLLATE "C",                            -- thumbprint of the key that its tokens are bound to
    created_at BIGINT NOT NULL,
    revoked_at BIGINT
);

CREATE INDEX oauth_grant_by_user ON oauth_grant (user_id);

CREATE TABLE oauth_code (
    id            TEXT COLLATE "C" PRIMARY KEY,
    secret_digest BYTEA NOT NULL,
    grant_id      TEXT COLLATE "C" NOT NULL,
    redirect_uri  TEXT COLLATE "C" NOT NULL,
    challenge     BYTEA NOT NULL,                -- S256
    created_at    BIGINT NOT NULL,
    used_at       BIGINT
);

CREATE TABLE refresh_token (
    id            TEXT COLLATE "C" PRIMARY KEY,
    secret_digest BYTEA NOT NULL,
    grant_id      TEXT COLLATE "C" NOT NULL,
    created_at    BIGINT NOT NULL,
    used_at       BIGINT
);

-- Access tokens that were revoked before their time.
CREATE TABLE revoked_token (
    id TEXT COLLATE "C" PRIMARY KEY
);

-- DPoP proofs and client assertions that were used, until they would be refused for their age.
CREATE TABLE used_proof (
    until_s BIGINT NOT NULL,
    digest  BYTEA NOT NULL,
    PRIMARY KEY (until_s, digest)
);
