-- What each session's device told, as digests under a key of the merchant's own.
CREATE TABLE device_visit (
    session_id  BYTEA PRIMARY KEY,
    merchant_id BYTEA NOT NULL,
    device      BYTEA NOT NULL,                -- which device it was taken for: the session that it came in first
    sessions    BIGINT NOT NULL,              -- of that device, up to this one
    told        BYTEA NOT NULL,                -- form, version and a digest for each component
    token       BYTEA,
    graphics    BYTEA,                         -- blocking keys
    place       BYTEA,
    at          BIGINT NOT NULL
);

CREATE INDEX device_visit_by_merchant ON device_visit (merchant_id, session_id);
CREATE INDEX device_visit_by_token ON device_visit (token, at) WHERE token IS NOT NULL;
CREATE INDEX device_visit_by_graphics ON device_visit (graphics, at) WHERE graphics IS NOT NULL;
CREATE INDEX device_visit_by_place ON device_visit (place, at) WHERE place IS NOT NULL;
