-- When the token ends that an entry tells of, so that it can be told what a key has signed that is still valid.
ALTER TABLE auth_log_details ADD COLUMN expires_at INTEGER;

CREATE INDEX auth_log_details_by_kid ON auth_log_details (kid, expires_at) WHERE expires_at IS NOT NULL;
