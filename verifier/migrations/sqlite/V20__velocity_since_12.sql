-- A row for each decision, of which counts are made in memory: what was deleted leaves its number to nobody.
CREATE TABLE velocity_record (
    seq         INTEGER PRIMARY KEY AUTOINCREMENT,
    lane        INTEGER NOT NULL,               -- of the connection that wrote it
    session_id  BLOB NOT NULL,
    keys        BLOB NOT NULL,                  -- digests of what it has in common with others
    usd_micros  INTEGER,                        -- NULL: no rate for the currency
    is_rejected INTEGER NOT NULL,
    at          INTEGER NOT NULL
) STRICT;

CREATE INDEX velocity_record_by_session ON velocity_record (session_id);
