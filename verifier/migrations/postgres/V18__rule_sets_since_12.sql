-- Versions of rules. A text never changes; where no version of a merchant's or for all is active, the shipped one is.
CREATE TABLE risk_rule_set (
    id          TEXT COLLATE "C" PRIMARY KEY,
    merchant_id TEXT COLLATE "C" NOT NULL,               -- empty: for all
    version     BIGINT NOT NULL,               -- from 1 on, of that merchant's
    state       TEXT COLLATE "C" NOT NULL CHECK (state IN ('active', 'draft', 'kept', 'shadow')),
    text        TEXT COLLATE "C" NOT NULL,
    digest      BYTEA NOT NULL,               -- SHA-256 of the canonical text
    note        TEXT COLLATE "C",
    created_at  BIGINT NOT NULL,
    created_by  TEXT COLLATE "C"
);

CREATE UNIQUE INDEX risk_rule_set_by_version ON risk_rule_set (merchant_id, version);
CREATE INDEX risk_rule_set_by_digest ON risk_rule_set (digest);
CREATE UNIQUE INDEX risk_rule_set_one_active ON risk_rule_set (merchant_id) WHERE state = 'active';
CREATE UNIQUE INDEX risk_rule_set_one_shadow ON risk_rule_set (merchant_id) WHERE state = 'shadow';

-- What was done with them. An activation without a version goes back to what is for all, or to the shipped one.
CREATE TABLE risk_rule_change (
    merchant_id TEXT COLLATE "C" NOT NULL,
    number      BIGINT NOT NULL,               -- from 1 on, of that merchant's
    change      TEXT COLLATE "C" NOT NULL,               -- activated, created, rolled_back, shadow_ended, shadowed
    rule_set    TEXT COLLATE "C",
    changed_at  BIGINT NOT NULL,
    changed_by  TEXT COLLATE "C",
    PRIMARY KEY (merchant_id, number)
);
