-- A row for each decision, of which counts are made in memory: what was deleted leaves its number to nobody.
CREATE TABLE velocity_record (
    seq         BIGINT GENERATED ALWAYS AS IDENTITY,
    lane        BIGINT NOT NULL,               -- of the connection that wrote it
    session_id  BYTEA NOT NULL,
    keys        BYTEA NOT NULL,                -- digests of what it has in common with others
    usd_micros  BIGINT,                        -- NULL: no rate for the currency
    is_rejected BIGINT NOT NULL,
    at          BIGINT NOT NULL,
    PRIMARY KEY (lane, seq)
);

CREATE INDEX velocity_record_by_session ON velocity_record (session_id);
