-- Merchants say by their own reference too what became of an order.
CREATE INDEX session_by_order ON session (merchant_id, order_id);

-- Decisions without a session, on what a merchant's server knows.
CREATE TABLE risk_assessment (
    id          TEXT COLLATE "C" PRIMARY KEY,
    merchant_id TEXT COLLATE "C" NOT NULL,
    card_id     TEXT COLLATE "C" NOT NULL,               -- empty: no card of the vault
    outcome     TEXT COLLATE "C" NOT NULL,
    record_enc  BYTEA NOT NULL,
    rule_set    TEXT COLLATE "C" NOT NULL,
    created_at  BIGINT NOT NULL
);

CREATE INDEX risk_assessment_by_card ON risk_assessment (card_id) WHERE card_id <> '';
