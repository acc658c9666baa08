-- Alerts as operators work with them: open, acknowledged, closed.
ALTER TABLE alert RENAME TO alert_before;
DROP INDEX alert_by_subject;

CREATE TABLE alert (
    id              TEXT COLLATE "C" PRIMARY KEY,
    kind            TEXT COLLATE "C" NOT NULL,
    subject_kind    TEXT COLLATE "C" NOT NULL,
    subject         TEXT COLLATE "C" NOT NULL,               -- an id, or a keyed digest in hexadecimal
    aspect          TEXT COLLATE "C" NOT NULL,               -- what else tells it apart: a country, days that are left
    detail          TEXT COLLATE "C" NOT NULL,               -- JSON: numbers and country codes
    state           TEXT COLLATE "C" NOT NULL,
    count           BIGINT NOT NULL,
    raised_at       BIGINT NOT NULL,
    last_seen_at    BIGINT NOT NULL,
    acknowledged_at BIGINT,
    acknowledged_by TEXT COLLATE "C",
    closed_at       BIGINT,
    closed_by       TEXT COLLATE "C"
);

INSERT INTO alert (id, kind, subject_kind, subject, aspect, detail, state, count, raised_at, last_seen_at)
SELECT id, kind,
    CASE kind
        WHEN 'auth_failures' THEN 'address'
        WHEN 'certificate_ends' THEN 'certificate'
        WHEN 'reveals_of_operator' THEN 'operator'
        ELSE 'all' END,
    CASE kind
        WHEN 'auth_failures' THEN encode(subject, 'hex')
        WHEN 'certificate_ends' THEN encode(substr(subject, 1, 32), 'hex')
        WHEN 'reveals_of_operator' THEN convert_from(subject, 'UTF8')
        ELSE '' END,
    CASE WHEN kind <> 'certificate_ends' THEN ''
        ELSE CASE encode(substr(subject, 40, 1), 'hex') WHEN '1e' THEN '30' WHEN '0e' THEN '14' ELSE '3' END END,
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
    id         TEXT COLLATE "C" PRIMARY KEY,
    payload    TEXT COLLATE "C" NOT NULL,
    attempts   BIGINT NOT NULL,
    due_at     BIGINT NOT NULL
);

CREATE INDEX alert_delivery_by_due ON alert_delivery (due_at);

-- Failed authentications of the last minutes, which verifiers count together.
CREATE TABLE failed_authentication (
    subject_kind TEXT COLLATE "C" NOT NULL,
    subject      TEXT COLLATE "C" NOT NULL,
    at           BIGINT NOT NULL,
    part         BYTEA NOT NULL,                  -- tells apart what several verifiers counted
    count        BIGINT NOT NULL,
    PRIMARY KEY (subject_kind, subject, at, part)
);

CREATE INDEX failed_authentication_by_age ON failed_authentication (at);

-- Countries from which somebody has called, and where from lately.
CREATE TABLE seen_country (
    subject_kind  TEXT COLLATE "C" NOT NULL,
    subject       TEXT COLLATE "C" NOT NULL,
    country       TEXT COLLATE "C" NOT NULL,
    first_seen_at BIGINT NOT NULL,
    PRIMARY KEY (subject_kind, subject, country)
);

CREATE TABLE seen_place (
    subject_kind TEXT COLLATE "C" NOT NULL,
    subject      TEXT COLLATE "C" NOT NULL,
    country      TEXT COLLATE "C" NOT NULL,
    latitude     BIGINT NOT NULL,                  -- ten-thousandths of a degree
    longitude    BIGINT NOT NULL,
    at           BIGINT NOT NULL,
    PRIMARY KEY (subject_kind, subject)
);

-- Requests a minute, of the last hours.
CREATE TABLE traffic (
    subject_kind TEXT COLLATE "C" NOT NULL,
    subject      TEXT COLLATE "C" NOT NULL,
    minute       BIGINT NOT NULL,                  -- since the Unix epoch
    requests     BIGINT NOT NULL,
    errors       BIGINT NOT NULL,
    PRIMARY KEY (subject_kind, subject, minute)
);

CREATE INDEX traffic_by_age ON traffic (minute);
