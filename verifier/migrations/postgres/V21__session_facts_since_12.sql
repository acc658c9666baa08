-- What else the merchant's server may know of who pays.
ALTER TABLE session ADD COLUMN billing_country TEXT COLLATE "C";
ALTER TABLE session ADD COLUMN email_digest TEXT COLLATE "C";
