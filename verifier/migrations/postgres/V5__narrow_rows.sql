-- Ids as sixteen bytes (src/store/row_id.rs), so that rows and their indexes are narrow. `row_id` fails for what is no
-- id of ours.
-- Nothing refers to a merchant by a foreign key here any more: each insert would look it up.

-- Behind the prefix stand 26 characters of five bits each, the first two bits zeros: two nibbles in the first
-- two characters, then five in each four.
CREATE FUNCTION row_id(id TEXT) RETURNS BYTEA LANGUAGE plpgsql IMMUTABLE STRICT AS $$
DECLARE
    ulid   TEXT := split_part(id, '_', 3);
    number INTEGER := 0;
    digits TEXT := '';
BEGIN
    IF id !~ '^[a-z]+_(live|test)_[0-3][0-9a-hjkmnp-tv-z]{25}$' THEN
        RAISE EXCEPTION 'a row has no id of ours';
    END IF;
    FOR place IN 1..26 LOOP
        number := number * 32 + strpos('0123456789abcdefghjkmnpqrstvwxyz', substr(ulid, place, 1)) - 1;
        IF place = 2 THEN
            digits := lpad(to_hex(number + CASE WHEN split_part(id, '_', 2) = 'test' THEN 128 ELSE 0 END), 2, '0');
            number := 0;
        ELSIF place % 4 = 2 THEN
            digits := digits || lpad(to_hex(number), 5, '0');
            number := 0;
        END IF;
    END LOOP;
    RETURN decode(digits, 'hex');
END $$;

CREATE TABLE narrow_session (
    id               BYTEA PRIMARY KEY,
    merchant_id      BYTEA NOT NULL,
    purpose          TEXT COLLATE "C" NOT NULL CHECK (purpose IN ('payment', 'setup')),
    amount           BIGINT NOT NULL,          -- minor units
    currency         TEXT COLLATE "C" NOT NULL,
    order_id         TEXT COLLATE "C" NOT NULL,
    origin           TEXT COLLATE "C" NOT NULL,
    shipping_country TEXT COLLATE "C",
    accepted_brands  TEXT COLLATE "C" NOT NULL,             -- names, comma separated
    locale           TEXT COLLATE "C",
    signals          TEXT COLLATE "C" NOT NULL,
    status           TEXT COLLATE "C" NOT NULL CHECK (status IN ('open', 'accepted', 'declined')),
    rev              BIGINT NOT NULL,
    attempts         BIGINT NOT NULL,
    submission_id    BYTEA,                      -- the one that set the status
    customer_id      BYTEA,                      -- NULL: none was given, or it was erased
    created_at       BIGINT NOT NULL,
    expires_at       BIGINT NOT NULL
);
INSERT INTO narrow_session SELECT row_id(id), row_id(merchant_id), purpose, amount, currency, order_id,
    origin, shipping_country, accepted_brands, locale, signals, status, rev, attempts,
    row_id(submission_id), row_id(customer_id), created_at, expires_at FROM session;
DROP TABLE session;
ALTER TABLE narrow_session RENAME TO session;
ALTER INDEX narrow_session_pkey RENAME TO session_pkey;
CREATE INDEX session_by_customer ON session (customer_id) WHERE customer_id IS NOT NULL;

CREATE TABLE narrow_session_jti (
    session_id BYTEA NOT NULL,
    jti        BYTEA NOT NULL,
    PRIMARY KEY (session_id, jti)
);
INSERT INTO narrow_session_jti SELECT row_id(session_id), jti FROM session_jti;
DROP TABLE session_jti;
ALTER TABLE narrow_session_jti RENAME TO session_jti;
ALTER INDEX narrow_session_jti_pkey RENAME TO session_jti_pkey;

CREATE TABLE narrow_card (
    merchant_id BYTEA NOT NULL,
    id          BYTEA NOT NULL,
    token       TEXT COLLATE "C" NOT NULL,
    brand       TEXT COLLATE "C" NOT NULL,
    last4       TEXT COLLATE "C" NOT NULL,
    pan_enc     BYTEA NOT NULL,
    salt_enc    BYTEA,                           -- absent for a token that was drawn at random
    created_at  BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, id),
    UNIQUE (merchant_id, token)
);
INSERT INTO narrow_card SELECT row_id(merchant_id), row_id(id), token, brand, last4, pan_enc, salt_enc,
    created_at FROM card ORDER BY merchant_id, id;
DROP TABLE card;
ALTER TABLE narrow_card RENAME TO card;
ALTER INDEX narrow_card_pkey RENAME TO card_pkey;
ALTER INDEX narrow_card_merchant_id_token_key RENAME TO card_merchant_id_token_key;

-- A fingerprint is keyed by its merchant: no two merchants have one in common.
CREATE TABLE narrow_fingerprint (
    mode    INTEGER NOT NULL,                   -- 0: live, 1: test
    version INTEGER NOT NULL,
    value   BYTEA NOT NULL,
    card_id BYTEA NOT NULL,
    PRIMARY KEY (mode, version, value)
);
INSERT INTO narrow_fingerprint SELECT CASE WHEN merchant_id LIKE 'mch_test_%' THEN 1 ELSE 0 END, version, value, row_id(card_id)
    FROM card_fingerprint;
DROP TABLE card_fingerprint;
ALTER TABLE narrow_fingerprint RENAME TO card_fingerprint;
ALTER INDEX narrow_fingerprint_pkey RENAME TO card_fingerprint_pkey;

CREATE TABLE narrow_submission (
    id          BYTEA PRIMARY KEY,
    session_id  BYTEA NOT NULL,
    merchant_id BYTEA NOT NULL,
    card_id     BYTEA,                           -- NULL: it was erased
    customer_id BYTEA,
    network     TEXT COLLATE "C",                           -- the brand that the customer chose, if one did
    details_enc BYTEA NOT NULL,                  -- expiry, cardholder name, postal code
    signals_enc BYTEA NOT NULL,                  -- browser data and signals
    ip_enc      BYTEA NOT NULL,
    outcome     TEXT COLLATE "C" NOT NULL,                  -- the decision on it
    facts_enc   BYTEA NOT NULL,                  -- what the rules read, and what each answered
    rule_set    TEXT COLLATE "C" NOT NULL,
    created_at  BIGINT NOT NULL,
    erased_at   BIGINT
);
INSERT INTO narrow_submission SELECT row_id(id), row_id(session_id), row_id(merchant_id),
    row_id(nullif(card_id, '')), row_id(customer_id), network, details_enc, signals_enc, ip_enc, outcome,
    facts_enc, rule_set, created_at, erased_at FROM submission;
DROP TABLE submission;
ALTER TABLE narrow_submission RENAME TO submission;
ALTER INDEX narrow_submission_pkey RENAME TO submission_pkey;
CREATE INDEX submission_by_card ON submission (card_id);
CREATE INDEX submission_by_customer ON submission (customer_id) WHERE customer_id IS NOT NULL;

-- One row a session. The two indexes cover the sums that the velocity rule takes.
CREATE TABLE narrow_velocity_event (
    session_id  BYTEA PRIMARY KEY,
    card_id     BYTEA NOT NULL,
    address     BYTEA NOT NULL,              -- of the client, for its merchant alone
    usd_micros  BIGINT,                        -- NULL: no rate for the currency
    at          BIGINT NOT NULL
);
INSERT INTO narrow_velocity_event SELECT row_id(session_id), row_id(card_id),
    substr(sha256(ip_digest || row_id(merchant_id)), 1, 16), usd_micros, at FROM velocity_event;
DROP TABLE velocity_event;
ALTER TABLE narrow_velocity_event RENAME TO velocity_event;
ALTER INDEX narrow_velocity_event_pkey RENAME TO velocity_event_pkey;
-- A card is one merchant's.
CREATE INDEX velocity_by_card ON velocity_event (card_id, at, usd_micros);
CREATE INDEX velocity_by_address ON velocity_event (address, at, card_id, usd_micros);

-- `reference_digest` finds a merchant's own reference, `reference_enc` shows it.
CREATE TABLE narrow_customer (
    id               BYTEA PRIMARY KEY,
    merchant_id      BYTEA NOT NULL,
    reference_digest BYTEA NOT NULL,
    reference_enc    BYTEA NOT NULL,
    created_at       BIGINT NOT NULL,
    UNIQUE (merchant_id, reference_digest)
);
INSERT INTO narrow_customer SELECT row_id(id), row_id(merchant_id), reference_digest, reference_enc,
    created_at FROM customer;
CREATE TABLE narrow_customer_card (
    customer_id BYTEA NOT NULL REFERENCES narrow_customer (id),
    card_id     BYTEA NOT NULL,
    created_at  BIGINT NOT NULL,
    PRIMARY KEY (customer_id, card_id)
);
INSERT INTO narrow_customer_card SELECT row_id(customer_id), row_id(card_id), created_at FROM customer_card;
DROP TABLE customer_card;
DROP TABLE customer;
ALTER TABLE narrow_customer RENAME TO customer;
ALTER INDEX narrow_customer_pkey RENAME TO customer_pkey;
ALTER INDEX narrow_customer_merchant_id_reference_digest_key RENAME TO customer_merchant_id_reference_digest_key;
ALTER TABLE narrow_customer_card RENAME TO customer_card;
ALTER INDEX narrow_customer_card_pkey RENAME TO customer_card_pkey;
CREATE INDEX customer_by_card ON customer_card (card_id);

ALTER TABLE audit ALTER COLUMN merchant_id TYPE BYTEA USING row_id(merchant_id),
    ALTER COLUMN session_id TYPE BYTEA USING row_id(session_id),
    ALTER COLUMN request_id TYPE BYTEA USING row_id('req_live_' || substr(nullif(request_id, 'req_none'), 5));

-- Each submission asks whether there is a newer root of fingerprints.
CREATE INDEX key_by_version ON key (purpose, mode, version);

DROP FUNCTION row_id;
