-- Models that were added, and which of them score.
CREATE TABLE risk_model (
    version    TEXT PRIMARY KEY,                -- its name and the beginning of its digest
    state      TEXT NOT NULL CHECK (state IN ('challenger', 'champion', 'kept')),
    file       BLOB NOT NULL,
    signed     TEXT NOT NULL,                   -- a JWS over the file's digest
    kid        TEXT NOT NULL,               -- of the key that signed it
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX risk_model_one_each ON risk_model (state) WHERE state <> 'kept';
