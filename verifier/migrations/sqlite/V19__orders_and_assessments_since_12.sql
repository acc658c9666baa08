-- Merchants say by their own reference too what became of an order.
CREATE INDEX session_by_order ON session (merchant_id, order_id);

-- Decisions without a session, on what a merchant's server knows.
CREATE TABLE risk_assessment (
    id          TEXT PRIMARY KEY,
    merchant_id TEXT NOT NULL,
    card_id     TEXT NOT NULL,               -- empty: no card of the vault
    outcome     TEXT NOT NULL,
    record_enc  BLOB NOT NULL,
    rule_set    TEXT NOT NULL,
    created_at  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX risk_assessment_by_card ON risk_assessment (card_id) WHERE card_id <> '';
