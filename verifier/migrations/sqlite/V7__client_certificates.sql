-- What a merchant's server proves itself with beside or in place of its secret, and where it calls from.
CREATE TABLE client_certificate (
    identifier TEXT PRIMARY KEY,                -- spki:…, dns:… or uri:…
    client_id  TEXT NOT NULL REFERENCES client (id),
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX client_certificate_by_client ON client_certificate (client_id);

ALTER TABLE client ADD COLUMN networks TEXT NOT NULL DEFAULT '';    -- CIDR, space separated; none: everywhere
