-- What each session's device told, as digests under a key of the merchant's own.
CREATE TABLE device_visit (
    session_id  BLOB PRIMARY KEY,
    merchant_id BLOB NOT NULL,
    device      BLOB NOT NULL,                -- which device it was taken for: the session that it came in first
    sessions    INTEGER NOT NULL,             -- of that device, up to this one
    told        BLOB NOT NULL,                -- form, version and a digest for each component
    token       BLOB,
    graphics    BLOB,                         -- blocking keys
    place       BLOB,
    at          INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX device_visit_by_merchant ON device_visit (merchant_id, session_id);
CREATE INDEX device_visit_by_token ON device_visit (token, at) WHERE token IS NOT NULL;
CREATE INDEX device_visit_by_graphics ON device_visit (graphics, at) WHERE graphics IS NOT NULL;
CREATE INDEX device_visit_by_place ON device_visit (place, at) WHERE place IS NOT NULL;
