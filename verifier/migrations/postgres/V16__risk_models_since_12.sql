-- Models that were added, and which of them score.
CREATE TABLE risk_model (
    version    TEXT COLLATE "C" PRIMARY KEY,                -- its name and the beginning of its digest
    state      TEXT COLLATE "C" NOT NULL CHECK (state IN ('challenger', 'champion', 'kept')),
    file       BYTEA NOT NULL,
    signed     TEXT NOT NULL,                   -- a JWS over the file's digest
    kid        TEXT COLLATE "C" NOT NULL,               -- of the key that signed it
    created_at BIGINT NOT NULL
);

CREATE UNIQUE INDEX risk_model_one_each ON risk_model (state) WHERE state <> 'kept';
