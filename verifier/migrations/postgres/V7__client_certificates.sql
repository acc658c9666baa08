-- What a merchant's server proves itself with beside or in place of its secret, and where it calls from.
CREATE TABLE client_certificate (
    identifier TEXT COLLATE "C" PRIMARY KEY,                -- spki:…, dns:… or uri:…
    client_id  TEXT COLLATE "C" NOT NULL REFERENCES client (id),
    created_at BIGINT NOT NULL
);

CREATE INDEX client_certificate_by_client ON client_certificate (client_id);

ALTER TABLE client ADD COLUMN networks TEXT COLLATE "C" NOT NULL DEFAULT '';    -- CIDR, space separated; none: everywhere
