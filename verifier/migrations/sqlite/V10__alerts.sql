-- Alerts as operators work with them: open, acknowledged, closed.
ALTER TABLE alert RENAME TO alert_before;
DROP INDEX alert_by_subject;

CREATE TABLE alert (
    id              TEXT PRIMARY KEY,
    kind            TEXT NOT NULL,
    subject_kind    TEXT NOT NULL,
    subject         TEXT NOT NULL,               -- an id, or a keyed digest in hexadecimal
    aspect          TEXT NOT NULL,               -- what else tells it apart: a country, days that are left
    detail          TEXT NOT NULL,               -- JSON: numbers and country codes
    state           TEXT NOT NULL,
    count           INTEGER NOT NULL,
    raised_at       INTEGER NOT NULL,
    last_seen_at    INTEGER NOT NULL,
    acknowledged_at INTEGER,
    acknowledged_by TEXT,
    closed_at       INTEGER,
    closed_by       TEXT
) STRICT, WITHOUT ROWID;

INSERT INTO alert (id, kind, subject_kind, subject, aspect, detail, state, count, raised_at, last_seen_at)
SELECT id, kind,
    CASE kind
        WHEN 'auth_failures' THEN 'address'
        WHEN 'certificate_ends' THEN 'certificate'
        WHEN 'reveals_of_operator' THEN 'operator'
        ELSE 'all' END,
    CASE kind
        WHEN 'auth_failures' THEN lower(hex(subject))
        WHEN 'certificate_ends' THEN lower(hex(substr(subject, 1, 32)))
        WHEN 'reveals_of_operator' THEN CAST(subject AS TEXT)
        ELSE '' END,
    CASE WHEN kind <> 'certificate_ends' THEN ''
        ELSE CASE lower(hex(substr(subject, 40, 1))) WHEN '1e' THEN '30' WHEN '0e' THEN '14' ELSE '3' END END,
    '{}', 'open', count, raised_at, raised_at
FROM alert_before;

DROP TABLE alert_before;

-- Of several about the same, the last one stays open.
UPDATE alert SET state = 'closed', closed_at = raised_at WHERE EXISTS (
    SELECT 1 FROM alert AS later
    WHERE later.kind = alert.kind AND later.subject_kind = alert.subject_kind
        AND later.subject = alert.subject AND later.aspect = alert.aspect AND later.id > alert.id);

CREATE UNIQUE INDEX alert_not_closed ON alert (kind, subject_kind, subject, aspect) WHERE state <> 'closed';
CREATE INDEX alert_by_subject ON alert (kind, subject_kind, subject, aspect, raised_at);
CREATE INDEX alert_by_state ON alert (state, id);

-- What is to be told elsewhere, until it is or is given up.
CREATE TABLE alert_delivery (
    id         TEXT PRIMARY KEY,
    payload    TEXT NOT NULL,
    attempts   INTEGER NOT NULL,
    due_at     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX alert_delivery_by_due ON alert_delivery (due_at);

-- Failed authentications of the last minutes, which verifiers count together.
CREATE TABLE failed_authentication (
    subject_kind TEXT NOT NULL,
    subject      TEXT NOT NULL,
    at           INTEGER NOT NULL,
    part         BLOB NOT NULL,                  -- tells apart what several verifiers counted
    count        INTEGER NOT NULL,
    PRIMARY KEY (subject_kind, subject, at, part)
) STRICT, WITHOUT ROWID;

CREATE INDEX failed_authentication_by_age ON failed_authentication (at);

-- Countries from which somebody has called, and where from lately.
CREATE TABLE seen_country (
    subject_kind  TEXT NOT NULL,
    subject       TEXT NOT NULL,
    country       TEXT NOT NULL,
    first_seen_at INTEGER NOT NULL,
    PRIMARY KEY (subject_kind, subject, country)
) STRICT, WITHOUT ROWID;

CREATE TABLE seen_place (
    subject_kind TEXT NOT NULL,
    subject      TEXT NOT NULL,
    country      TEXT NOT NULL,
    latitude     INTEGER NOT NULL,                  -- ten-thousandths of a degree
    longitude    INTEGER NOT NULL,
    at           INTEGER NOT NULL,
    PRIMARY KEY (subject_kind, subject)
) STRICT, WITHOUT ROWID;

-- Requests a minute, of the last hours.
CREATE TABLE traffic (
    subject_kind TEXT NOT NULL,
    subject      TEXT NOT NULL,
    minute       INTEGER NOT NULL,                  -- since the Unix epoch
    requests     INTEGER NOT NULL,
    errors       INTEGER NOT NULL,
    PRIMARY KEY (subject_kind, subject, minute)
) STRICT, WITHOUT ROWID;

CREATE INDEX traffic_by_age ON traffic (minute);
