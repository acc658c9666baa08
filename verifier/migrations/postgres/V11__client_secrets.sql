-- Clients' secrets as argon2id (PHC string). A row without has the SHA-256 that former versions kept, until its
-- secret is used; one with it has an empty secret_digest.
ALTER TABLE client ADD COLUMN secret_hash TEXT COLLATE "C";
