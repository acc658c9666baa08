-- What else the merchant's server may know of who pays.
ALTER TABLE session ADD COLUMN billing_country TEXT;
ALTER TABLE session ADD COLUMN email_digest TEXT;
