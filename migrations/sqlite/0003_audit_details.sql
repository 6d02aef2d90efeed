-- When the token ends that an entry tells of, so that it can be told what a key has signed that is still valid.
ALTER TABLE auth_log_details ADD COLUMN expires_at INTEGER;

-- Who asked for what was done to users and keys, where it was an administrator.
ALTER TABLE auth_log_details ADD COLUMN administrator_id INTEGER REFERENCES users(id);

CREATE INDEX auth_log_details_by_kid ON auth_log_details (kid, expires_at) WHERE expires_at IS NOT NULL;
